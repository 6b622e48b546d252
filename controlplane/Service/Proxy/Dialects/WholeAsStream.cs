using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Proxy.Dialects;

/// <summary>
/// Tells a whole answer as the stream that the caller asked for. The gateway answers a streamed request whole when guardrails judge
/// the answer first. Source: Cloudflare contract, section 14 (Guardrails).
/// </summary>
internal static class WholeAsStream
{
    /// <summary>One chunk with everything, the usage chunk if asked for, and `[DONE]`. The document must be a chat completion with choices.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> completion, bool withUsage) => Of(completion, withUsage, whole =>
    {
        whole["object"] = "chat.completion.chunk";
        foreach (var choice in whole["choices"]!.AsArray().OfType<JsonObject>())
        {
            var message = choice["message"]?.DeepClone();
            choice.Remove("message");
            choice["delta"] = Numbered(message ?? new JsonObject());
        }
    });

    /// <summary>The same of a text completion, whose chunks have the shape of the whole.</summary>
    public static byte[] OfText(ReadOnlyMemory<byte> completion, bool withUsage) => Of(completion, withUsage, _ => { });

    private static byte[] Of(ReadOnlyMemory<byte> completion, bool withUsage, Action<JsonObject> makeChunk)
    {
        var whole = JsonNode.Parse(completion.Span)!.AsObject();
        var usage = whole["usage"];
        whole.Remove("usage");
        makeChunk(whole);
        var text = new StringBuilder().Append("data: ").Append(whole.ToJsonString()).Append("\n\n");
        if (withUsage && usage is not null)
        {
            whole["choices"] = new JsonArray();
            whole["usage"] = usage;
            text.Append("data: ").Append(whole.ToJsonString()).Append("\n\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("data: [DONE]\n\n").ToString());
    }

    // In a delta a tool call says which one it continues.
    private static JsonNode Numbered(JsonNode message)
    {
        if (message is JsonObject && message["tool_calls"] is JsonArray calls)
        {
            for (var i = 0; i < calls.Count; i++)
            {
                (calls[i] as JsonObject)?.TryAdd("index", i);
            }
        }

        return message;
    }
}
