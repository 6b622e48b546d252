using System.Text;

namespace GatewayOps.Emulator.Upstreams.Gemini;

/// <summary>Members that may be written in camelCase or in snake_case.</summary>
internal static class ProtoNames
{
    /// <summary>The spelling that the object uses; camelCase where it has neither.</summary>
    public static string NameOf(this Fields of, string camelCase)
    {
        if (of.Has(camelCase, out _))
            return camelCase;
        var snake = SnakeCase(camelCase);
        return of.Has(snake, out _) ? snake : camelCase;
    }

    public static Fields? ObjectOf(this Fields of, string camelCase) => of.Object(of.NameOf(camelCase));

    public static string? TextOf(this Fields of, string camelCase) => of.Text(of.NameOf(camelCase));

    private static string SnakeCase(string camelCase)
    {
        var snake = new StringBuilder(camelCase.Length + 4);
        foreach (var sign in camelCase)
        {
            if (char.IsUpper(sign))
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(sign));
        }
        return snake.ToString();
    }
}
