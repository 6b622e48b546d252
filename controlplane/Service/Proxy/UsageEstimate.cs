using System.Text.Json;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What a request may use, before it is asked: its text at four bytes a token, a flat count for each part that is no text, and the output that the caller
/// allows. A guess, for quotas and for streams that ended before they told their usage: what is reported takes its place.
/// </summary>
public static class UsageEstimate
{
    private const int BytesOfToken = 4;
    private const int TokensOfMedia = 1000;

    /// <summary>Where the caller sets no bound for the output.</summary>
    private const int OrdinaryOutput = 1024;

    // Where the dialects have what the model reads.
    private static readonly string[] Read = ["messages", "prompt", "input", "system", "instructions"];
    private static readonly string[] Allowed = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

    public static TokenUsage Of(JsonElement body)
    {
        var bytes = Read.Sum(name => body.TryGetProperty(name, out var value) ? Told(value) : 0);
        bytes += body.TryGetProperty("tools", out var tools) && tools.ValueKind is JsonValueKind.Array ? tools.EnumerateArray().Sum(Length) : 0;
        return new TokenUsage(bytes / BytesOfToken, Allowed.Select(name => Number(body, name)).FirstOrDefault(number => number is not null) ?? OrdinaryOutput);
    }

    /// <summary>Of a request whose answer is not text.</summary>
    public static TokenUsage OfInput(JsonElement body) => Of(body) with { Output = 0 };

    /// <summary>Tokens of so many bytes of text, rounded up.</summary>
    public static long Tokens(long bytes) => (bytes + BytesOfToken - 1) / BytesOfToken;

    // A text, a token, a list of either, or a message or part that holds one of them.
    private static long Told(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Length(value),
        JsonValueKind.Number => BytesOfToken,
        JsonValueKind.Array => value.EnumerateArray().Sum(Told),
        JsonValueKind.Object when value.TryGetProperty("content", out var content) => Told(content),
        JsonValueKind.Object when value.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String => Length(text),
        JsonValueKind.Object => TokensOfMedia * BytesOfToken,
        _ => 0,
    };

    // Of the JSON text: escapes count as they are written, which is near enough.
    private static long Length(JsonElement value) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value).Length;

    private static long? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;
}
