using System.Text;
using System.Text.Json;

namespace GatewayOps.Client.Errors;

/// <summary>
/// What an answer says of its error: OpenAI's `{error:{message,type,code}}`, the gateway's `{error:[{code,message}]}`, Cloudflare's `{errors:[…]}`, Google's array, or Workers AI's
/// `{internalCode,message}`. Source: Cloudflare contract, sections 1.2, 13 and 16.
/// </summary>
internal sealed record ErrorAnswer(string Message, string? Code, string? Type)
{
    private const int MostText = 500;

    public static ErrorAnswer Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return new(Head(body), null, null);
        }
    }

    public static ErrorAnswer Read(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0) root = root[0];
        if (root.ValueKind != JsonValueKind.Object) return new(Cut(root.ToString()), null, null);
        var list = Member(root, "errors") is { ValueKind: JsonValueKind.Array } plural && plural.GetArrayLength() > 0 ? plural : Member(root, "error");
        if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0)
            return new(Cut(string.Join("; ", list.EnumerateArray().Select(item => Text(item, "message") ?? item.ToString()))), Text(list[0], "code") ?? Text(root, "internalCode"), Text(root, "name"));
        if (list.ValueKind == JsonValueKind.Object) return new(Cut(Text(list, "message") ?? list.ToString()), Text(list, "code") ?? Text(list, "status"), Text(list, "type"));
        if (list.ValueKind == JsonValueKind.String) return new(Cut(list.GetString()!), Text(root, "code"), null);
        return new(Cut(Text(root, "message") ?? Text(root, "description") ?? root.ToString()), Text(root, "internalCode") ?? Text(root, "code"), Text(root, "name"));
    }

    /// <summary>The same without the token, which some providers repeat in their words.</summary>
    public ErrorAnswer Without(string token) => token.Length < 4 ? this : this with { Message = Message.Replace(token, "(hidden)", StringComparison.Ordinal), Code = Code?.Replace(token, "(hidden)", StringComparison.Ordinal) };

    /// <summary>The beginning of a body that nobody understands.</summary>
    public static string Head(ReadOnlyMemory<byte> body) => Cut(Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, MostText)]));

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var found) ? found : default;

    private static string? Text(JsonElement element, string name) => Member(element, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString() is { Length: > 0 } value ? value : null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    // Ends in logs: without control characters, and not without end.
    private static string Cut(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostText))) plain.Append(char.IsControl(c) ? ' ' : c);
        return text.Length > MostText ? plain.Append('…').ToString() : plain.ToString();
    }
}
