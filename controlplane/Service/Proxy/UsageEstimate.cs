using System.Text.Json;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What a chat request may use, before it is asked: the text of its messages and tools at four bytes a token, a flat count for each part that is no text, and the output that the caller
/// allows. A guess, for quotas alone: what is reported afterwards takes its place.
/// </summary>
public static class UsageEstimate
{
    private const int BytesOfToken = 4;
    private const int TokensOfMedia = 1000;

    /// <summary>Where the caller sets no bound for the output.</summary>
    private const int OrdinaryOutput = 1024;

    public static TokenUsage Of(JsonElement body)
    {
        long bytes = 0, media = 0;
        foreach (var message in Items(body, "messages"))
        {
            if (message.ValueKind is not JsonValueKind.Object || !message.TryGetProperty("content", out var content))
            {
                continue;
            }

            if (content.ValueKind is JsonValueKind.String)
            {
                bytes += Length(content);
            }

            foreach (var part in content.ValueKind is JsonValueKind.Array ? content.EnumerateArray() : default)
            {
                if (part.ValueKind is JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String)
                {
                    bytes += Length(text);
                }
                else
                {
                    media++;
                }
            }
        }

        foreach (var tool in Items(body, "tools"))
        {
            bytes += Length(tool);
        }

        return new TokenUsage((bytes / BytesOfToken) + (media * TokensOfMedia), Number(body, "max_completion_tokens") ?? Number(body, "max_tokens") ?? OrdinaryOutput);
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement body, string name) =>
        body.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array ? list.EnumerateArray() : default;

    // Of the JSON text: escapes count as they are written, which is near enough.
    private static int Length(JsonElement value) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value).Length;

    private static long? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;
}
