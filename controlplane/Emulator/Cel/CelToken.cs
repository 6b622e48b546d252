namespace GatewayOps.Emulator.Cel;

/// <param name="Position">Of its first character, from 1.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int Position);

internal enum CelTokenKind
{
    Name,
    Number,
    Text,
    Sign,
    End,
}

/// <summary>What is wrong with an expression, and where.</summary>
/// <param name="Position">Of the character, from 1.</param>
public sealed record CelError(int Position, string Message)
{
    public override string ToString() => $"position {Position}: {Message}";
}

/// <summary>Ends the reading of an expression; it never leaves <see cref="CelExpression.Parse"/>.</summary>
internal sealed class CelSyntaxException(CelError error) : Exception(error.ToString())
{
    public CelError Error => error;
}
