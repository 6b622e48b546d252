using System.Globalization;
using System.Text;

namespace GatewayOps.Rules;

/// <summary>Puts text of a document into a message: shortened, and with everything escaped that could break a line, a terminal or a log.</summary>
internal static class Quote
{
    private const int Longest = 64;

    public static string Text(string text) => $"\"{Bare(text)}\"";

    public static string Bare(string text) => Escaped(text, Longest, '"', '\\');

    /// <summary>A sentence that may hold characters of the document: kept on its line.</summary>
    public static string Line(string sentence) => Escaped(sentence, 4 * Longest);

    private static string Escaped(string text, int longest, params ReadOnlySpan<char> reserved)
    {
        var quoted = new StringBuilder();
        foreach (var c in text.Length <= longest ? text : text[..longest])
        {
            if (char.IsControl(c) || char.IsSurrogate(c) || reserved.Contains(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format)
                quoted.Append("\\u").Append(((int)c).ToString("x4"));
            else
                quoted.Append(c);
        }

        return text.Length <= longest ? quoted.ToString() : quoted.Append('…').ToString();
    }
}
