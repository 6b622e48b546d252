using System.Text.Json;
using System.Text.Unicode;

namespace GatewayOps.Cloudflare;

/// <summary>
/// Cloudflare's answer around a result. Only `success` is required; every other member may be missing, more so in failures.
/// Source: Cloudflare contract, section 1.2.
/// </summary>
internal sealed record Envelope(bool Success, JsonElement Result, IReadOnlyList<CloudflareError> Errors)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Null when the bytes are not an envelope.</summary>
    public static Envelope? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            // The parser lets bad UTF-8 through and throws only when a string is read.
            if (!Utf8.IsValid(utf8)) return null;
            var root = JsonElement.Parse(utf8, Strict);
            if (root.ValueKind != JsonValueKind.Object || root.Flag("success") is not { } success) return null;
            return new(success, root.Member("result"), [.. Items(root, "errors").SelectMany(Read)]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<CloudflareError> Read(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String) yield return new(null, item.GetString()!);
        if (item.ValueKind != JsonValueKind.Object) yield break;
        yield return new(item.Whole("code") is { } code and >= int.MinValue and <= int.MaxValue ? (int)code : null, item.Text("message") ?? "",
            item.Member("path") is { ValueKind: JsonValueKind.Array } path ? string.Join('.', path.EnumerateArray()) : item.Member("source").Text("pointer"));
        foreach (var cause in Items(item, "error_chain").SelectMany(Read)) yield return cause;
    }

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
}
