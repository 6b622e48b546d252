using System.Text.Json;

namespace GatewayOps.Tests.Tokenizing;

/// <summary>A text and what the reference library makes of it. Golden/tokenizing/ids.json is made by make-golden.mjs beside this file.</summary>
public sealed record GoldenText(string Name, string Kind, string Text, string Cl100kBase, string O200kBase)
{
    public static IReadOnlyList<GoldenText> All { get; } = Read();

    /// <summary>By tiktoken's name of the encoding.</summary>
    public string this[string encoding] => encoding == "o200k_base" ? O200kBase : Cl100kBase;

    /// <summary>The ids as the file has them: of a repeated text their number and SHA-256, otherwise base64 of three bytes each.</summary>
    public string Written(IReadOnlyList<int> ids)
    {
        byte[] bytes = [.. ids.SelectMany(id => new[] { (byte)id, (byte)(id >> 8), (byte)(id >> 16) })];
        return Kind == "repeated" ? $"{ids.Count} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}" : Convert.ToBase64String(bytes);
    }

    public override string ToString() => Name;

    private static IReadOnlyList<GoldenText> Read()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", "tokenizing", "ids.json"));
        using var document = JsonDocument.Parse(file);
        return [.. document.RootElement.EnumerateArray().Select(entry => new GoldenText(
            entry.GetProperty("name").GetString()!,
            entry.GetProperty("kind").GetString()!,
            TextOf(entry),
            entry.GetProperty("cl100k_base").GetString()!,
            entry.GetProperty("o200k_base").GetString()!))];
    }

    private static string TextOf(JsonElement entry)
    {
        var text = Unescape(entry.GetProperty("text").GetRawText());
        return entry.TryGetProperty("times", out var times) ? string.Concat(Enumerable.Repeat(text, times.GetInt32())) : text;
    }

    // JsonElement refuses halves of surrogate pairs, which are what some texts are about.
    private static string Unescape(string literal)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 1; i < literal.Length - 1; i++)
        {
            if (literal[i] != '\\')
            {
                text.Append(literal[i]);
                continue;
            }

            var escape = literal[++i];
            text.Append(escape switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', 'u' => (char)Convert.ToUInt16(literal.Substring(i + 1, 4), 16), _ => escape });
            i += escape == 'u' ? 4 : 0;
        }

        return text.ToString();
    }
}
