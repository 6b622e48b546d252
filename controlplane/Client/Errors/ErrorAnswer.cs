using System.Text.Json;
using GatewayOps.Client.Wire;

namespace GatewayOps.Client.Errors;

/// <summary>
/// What an answer says of its error: OpenAI's `{error:{message,type,code}}`, the gateway's `{error:[{code,message}]}`, Cloudflare's `{errors:[…]}`, Google's array, or Workers AI's
/// `{internalCode,message}`. Source: Cloudflare contract, sections 1.2, 13 and 16.
/// </summary>
internal sealed record ErrorAnswer(string Message, string? Code)
{
    /// <param name="body">The whole answer.</param>
    /// <param name="secret">The token, which some providers repeat in their words: it is not shown.</param>
    public static ErrorAnswer Read(ReadOnlyMemory<byte> body, string secret)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement, secret);
        }
        catch (JsonException)
        {
            return new(ShownText.Head(body.Span, secret), null);
        }
    }

    public static ErrorAnswer Read(JsonElement root, string secret)
    {
        var (message, code) = Words(root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root[0] : root);
        return new(ShownText.Of(message, secret), code is null ? null : ShownText.Of(code, secret));
    }

    private static (string Message, string? Code) Words(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return (root.ToString(), null);
        var told = root.MemberOf("errors") is { ValueKind: JsonValueKind.Array } plural && plural.GetArrayLength() > 0 ? plural : root.MemberOf("error");
        return told.ValueKind switch
        {
            JsonValueKind.Array when told.GetArrayLength() > 0 => (string.Join("; ", told.EnumerateArray().Select(item => Text(item, "message") ?? item.ToString())), Text(told[0], "code") ?? Text(root, "internalCode")),
            JsonValueKind.Object => (Text(told, "message") ?? told.ToString(), Text(told, "code") ?? Text(told, "status")),
            JsonValueKind.String => (told.GetString()!, Text(root, "code")),
            _ => (Text(root, "message") ?? Text(root, "description") ?? root.ToString(), Text(root, "internalCode") ?? Text(root, "code") ?? Text(root, "status")),
        };
    }

    private static string? Text(JsonElement element, string name) => element.MemberOf(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString() is { Length: > 0 } value ? value : null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };
}
