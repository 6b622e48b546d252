using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>Text of bounded length without control characters (values of the document end up in headers and logs), and what else <paramref name="fault"/> demands of it.</summary>
internal sealed class TextCheck(string expected, int maxLength, Func<string, TextFault?>? fault = null) : ValueCheck
{
    public override string Expected => expected;

    public int MaxLength => maxLength;

    public override void Check(JsonElement value, JsonPointer at, ErrorList errors)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            WrongType(value, at, errors);
            return;
        }

        var text = value.GetString()!;
        if (text.Length == 0 || text.Length > maxLength)
            errors.Add(RuleSetErrorCodes.OutOfRange, at, $"Expected {Expected}: 1 to {maxLength} characters, found {text.Length}.");
        else if (text.Any(c => char.IsControl(c) || c == '\uFFFF'))
            errors.Add(RuleSetErrorCodes.InvalidValue, at, $"Expected {Expected}; control characters are not allowed in it, found {Found(value)}.");
        else if (fault?.Invoke(text) is { } found)
            errors.Add(found.Code, at, found.Message);
    }
}

/// <summary>Why a text is not what belongs in its place.</summary>
internal sealed record TextFault(string Code, string Message);
