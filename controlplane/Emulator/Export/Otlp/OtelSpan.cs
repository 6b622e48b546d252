using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.Export.Otlp;

/// <summary>One request as a span (contract 14, OTel): in the caller's trace where it named one.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="Attributes">Values are string, bool, long or double.</param>
public sealed record OtelSpan(
    string TraceId, string SpanId, string? ParentSpanId, DateTimeOffset Start, DateTimeOffset End, bool Failed, IReadOnlyList<KeyValuePair<string, object>> Attributes)
{
    public const string Name = "cf.aig.request";
    public const string ServiceName = "ai-gateway";

    /// <summary>SPAN_KIND_CLIENT: the convention for calls of models.</summary>
    public const int Kind = 3;

    private const string Reserved = "gen_ai.";

    public static OtelSpan Of(LogRow row, TimeSpan skew = default)
    {
        var attributes = new List<KeyValuePair<string, object>>
        {
            new("gen_ai.operation.name", row.Path.Contains("embed", StringComparison.OrdinalIgnoreCase) ? "embeddings" : "chat"),
            new("gen_ai.provider.name", row.Provider),
            new("gen_ai.model.provider", row.Provider),
            new("gen_ai.request.model", row.Model),
        };
        if (row.TokensIn is { } tokensIn)
            attributes.Add(new("gen_ai.usage.input_tokens", tokensIn));
        if (row.TokensOut is { } tokensOut)
            attributes.Add(new("gen_ai.usage.output_tokens", tokensOut));
        attributes.Add(new("gen_ai.usage.cost", (double)row.Cost));
        AddBody(attributes, "gen_ai.prompt_json", "gen_ai.input.messages", row.RequestBody, OtelContent.Prompt);
        AddBody(attributes, "gen_ai.completion_json", "gen_ai.output.messages", row.ResponseBody, OtelContent.Completion);
        AddMetadata(attributes, row.Metadata);
        return new OtelSpan(
            row.TraceId ?? RandomNumberGenerator.GetHexString(32, lowercase: true),
            RandomNumberGenerator.GetHexString(16, lowercase: true),
            row.ParentSpanId,
            row.CreatedAt + skew,
            row.CreatedAt.AddMilliseconds(row.Duration) + skew,
            !row.Success,
            attributes);
    }

    private static void AddBody(List<KeyValuePair<string, object>> attributes, string json, string messages, byte[]? body, Func<byte[], (string Json, string? Messages)> read)
    {
        if (body is null or [])
            return;
        var content = read(body);
        attributes.Add(new(json, content.Json));
        if (content.Messages is { } list)
            attributes.Add(new(messages, list));
    }

    /// <summary>Custom metadata under its own keys; one that looks like a convention's is left out.</summary>
    private static void AddMetadata(List<KeyValuePair<string, object>> attributes, string? metadata)
    {
        if (metadata is null)
            return;
        foreach (var entry in JsonSerializer.Deserialize<JsonElement>(metadata).EnumerateObject().Where(entry => !entry.Name.StartsWith(Reserved, StringComparison.Ordinal)))
            attributes.Add(new(entry.Name, entry.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => entry.Value.TryGetInt64(out var whole) ? (object)whole : entry.Value.GetDouble(),
                JsonValueKind.String => entry.Value.GetString()!,
                _ => entry.Value.GetRawText(),
            }));
    }
}

/// <summary>What of a body goes into a span: JSON texts.</summary>
internal static class OtelContent
{
    /// <summary>The messages, or what stands in their place in other dialects, or the whole body.</summary>
    public static (string Json, string? Messages) Prompt(byte[] body)
    {
        if (Read(body) is not JsonObject request)
            return (Quoted(body), null);
        var messages = request["messages"] is JsonArray list ? WireJson.Text(list) : null;
        return (messages ?? WireJson.Text(request["input"] ?? request["prompt"] ?? request["contents"] ?? request), messages);
    }

    /// <summary>The answer; of a stream, the text that it said.</summary>
    public static (string Json, string? Messages) Completion(byte[] body)
    {
        if (Read(body) is not { } answer)
        {
            var said = WireJson.Text(JsonValue.Create(ContentText.Of(body)));
            return (said, $$"""[{"role":"assistant","content":{{said}}}]""");
        }
        JsonNode[] messages = answer is JsonObject { } whole && whole["choices"] is JsonArray choices
            ? [.. choices.OfType<JsonObject>().Select(choice => choice["message"]).OfType<JsonNode>().Select(message => message.DeepClone())]
            : [];
        return (WireJson.Text(answer), messages.Length > 0 ? WireJson.Text(new JsonArray(messages)) : null);
    }

    /// <summary>Null for what is no JSON, or JSON that cannot be read as a tree: a member twice, a text that is no Unicode.</summary>
    private static JsonNode? Read(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) is { } node && WireJson.Text(node).Length > 0 ? node : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static string Quoted(byte[] body) => WireJson.Text(JsonValue.Create(Encoding.UTF8.GetString(body)));
}
