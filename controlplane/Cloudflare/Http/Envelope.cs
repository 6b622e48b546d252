using System.Text.Json;
using System.Text.Unicode;

namespace GatewayOps.Cloudflare.Http;

/// <summary>
/// Cloudflare's answer around a result. Every member may be missing, more so in failures; `Success` is null where the answer has none, as answers of a gateway's
/// data plane, of models and of GraphQL have not. Source: Cloudflare contract, sections 1.2, 7, 13, 15 and 16.
/// </summary>
internal sealed record Envelope(bool? Success, JsonElement Root, IReadOnlyList<CloudflareError> Errors)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public JsonElement Result => Root.Member("result");

    /// <summary>Null when the bytes are no JSON object.</summary>
    public static Envelope? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            // The parser lets bad UTF-8 through and throws only when a string is read.
            if (!Utf8.IsValid(utf8)) return null;
            var root = JsonElement.Parse(utf8, Strict);
            return root.ValueKind == JsonValueKind.Object ? new(root.Flag("success"), root, ErrorsOf(root)) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // `errors` of the API; `error` of a gateway (an array), of policies and of OpenAI's shape (an object); the members of a model's error, at the top.
    private static List<CloudflareError> ErrorsOf(JsonElement root)
    {
        List<CloudflareError> errors = [.. root.Items("errors").SelectMany(Read), .. root.Items("error").SelectMany(Read), .. Read(root.Member("error"))];
        if (errors.Count == 0 && root.Flag("success") != true && (root.Whole("internalCode") is not null || root.Text("message") is not null))
            errors.Add(new(Code(root, "internalCode"), root.Text("message") ?? root.Text("description") ?? ""));
        return errors;
    }

    private static IEnumerable<CloudflareError> Read(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String) yield return new(null, item.GetString()!);
        if (item.ValueKind != JsonValueKind.Object) yield break;
        yield return new(Code(item, "code"), item.Text("message") ?? "",
            item.Member("path") is { ValueKind: JsonValueKind.Array } path ? string.Join('.', path.EnumerateArray()) : item.Member("source").Text("pointer"),
            item.Member("extensions").Text("code"));
        foreach (var cause in item.Items("error_chain").SelectMany(Read)) yield return cause;
    }

    private static int? Code(JsonElement item, string name) => item.Whole(name) is { } code and >= int.MinValue and <= int.MaxValue ? (int)code : null;
}
