namespace GatewayOps.Cli.Output;

/// <summary>What others wrote, as a terminal may show it.</summary>
internal static class PlainText
{
    private const char Replaced = '\uFFFD';

    /// <summary>One line.</summary>
    public static string Line(string text) => Without(text, keep: "");

    /// <summary>Text of several lines.</summary>
    public static string Lines(string text) => Without(text, keep: "\n\t");

    private static string Without(string text, string keep)
    {
        return text.Any(IsForbidden) ? string.Concat(text.Select(c => IsForbidden(c) ? Replaced : c)) : text;

        bool IsForbidden(char c) => char.IsControl(c) && !keep.Contains(c, StringComparison.Ordinal);
    }
}
