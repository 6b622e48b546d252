using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Cloudflare;

/// <summary>
/// Texts that callers of a gateway chose, as answers and exports bring them. Half of a surrogate pair is JSON (RFC 8259, section 8.2) and no text: one model of that name would make everything beside it unreadable.
/// </summary>
public static partial class JsonTexts
{
    /// <summary>The text of a JSON string, with U+FFFD for each half of a surrogate pair.</summary>
    public static string Of(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException) when (text.ValueKind == JsonValueKind.String)
        {
            return JsonElement.Parse(Whole(text.GetRawText())).GetString()!;
        }
    }

    /// <summary>The same of the string that a reader of unbroken bytes stands at.</summary>
    public static string Of(ref Utf8JsonReader text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException) when (text.TokenType == JsonTokenType.String)
        {
            return JsonElement.Parse(Whole($"\"{Encoding.UTF8.GetString(text.ValueSpan)}\"")).GetString()!;
        }
    }

    /// <summary>JSON without halves of surrogate pairs, in names and in texts.</summary>
    internal static string Whole(string json) =>
        json.Contains("\\ud", StringComparison.OrdinalIgnoreCase) ? Escapes().Replace(json, static escape => escape.Length == HalfLength ? "\\ufffd" : escape.Value) : json;

    private const int HalfLength = 6;

    // Every escape, so that a backslash that is one itself begins none: a pair, a half, any other.
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
