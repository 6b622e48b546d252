using System.Text.Json;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules;

/// <summary>Identity of a document by its meaning: the order of keys, whitespace, string escapes and the notation of numbers (`1`, `1.0`) do not change it; anything else does.</summary>
public static class RuleSetHash
{
    /// <summary>SHA-256 of the canonical form as 64 lower-case hex digits. Throws <see cref="FormatException"/> for what is not JSON: read the document first.</summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(DocumentText.WithoutByteOrderMark(utf8).ToArray(), DocumentText.Options);
            return TextHash.Of(CanonicalJson.Bytes(document.RootElement).Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("Only a valid JSON document has a hash.", e);
        }
    }
}
