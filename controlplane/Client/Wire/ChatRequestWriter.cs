using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>A request as OpenAI's chat completions have it. Members that nobody here knows come from <see cref="ChatOptions.AdditionalProperties"/>.</summary>
internal static class ChatRequestWriter
{
    // What the text says is what the wire has: `¿qué` stays itself.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> Own = ["model", "messages", "stream", "stream_options", "tools", "tool_choice", "response_format"];

    public static BinaryData Write(IReadOnlyList<ChatMessage> messages, ChatOptions options, GatewayClientOptions client, string model, bool stream)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("messages"u8);
            if (options.Instructions is { Length: > 0 } instructions) MessageWriter.WriteText(json, "system", instructions);
            foreach (var message in messages) MessageWriter.Write(json, message);
            json.WriteEndArray();
            Sampling(json, options, options.Temperature ?? client.Temperature);
            Lengths(json, options, client, model);
            Tools(json, options);
            Format(json, options.ResponseFormat, options);
            if (stream)
            {
                json.WriteBoolean("stream"u8, true);
                json.WriteStartObject("stream_options"u8);
                json.WriteBoolean("include_usage"u8, true);
                json.WriteEndObject();
            }
            foreach (var (name, value) in options.AdditionalProperties ?? [])
            {
                if (name == StrictProperty) continue;
                if (Own.Contains(name)) throw new ArgumentException($"`{name}` is written by the client: it cannot be an additional property", nameof(options));
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value?.GetType() ?? typeof(object)));
            }
            json.WriteEndObject();
        }
        return new BinaryData(buffer.WrittenMemory);
    }

    /// <summary>The additional property that asks for exact adherence to a schema; as other clients of these abstractions call it.</summary>
    public const string StrictProperty = "strict";

    /// <summary>How a model chooses its words: what all of them call by the same names.</summary>
    public static void Sampling(Utf8JsonWriter json, ChatOptions options, float? temperature)
    {
        void Number(ReadOnlySpan<byte> name, float? value)
        {
            // As float: 0.2 stays 0.2 and does not become 0.20000000298.
            if (value is { } given) json.WriteNumber(name, given);
        }
        Number("temperature"u8, temperature);
        Number("top_p"u8, options.TopP);
        if (options.TopK is { } topK) json.WriteNumber("top_k"u8, topK);
        Number("frequency_penalty"u8, options.FrequencyPenalty);
        Number("presence_penalty"u8, options.PresencePenalty);
        if (options.Seed is { } seed) json.WriteNumber("seed"u8, seed);
    }

    private static void Lengths(Utf8JsonWriter json, ChatOptions options, GatewayClientOptions client, string model)
    {
        var own = options.AdditionalProperties;
        if ((options.MaxOutputTokens ?? client.MaxOutputTokens) is { } most && own?.ContainsKey("max_tokens") != true && own?.ContainsKey("max_completion_tokens") != true)
            json.WriteNumber(ModelTraits.CountsReasoning(model) ? "max_completion_tokens"u8 : "max_tokens"u8, most);
        if (options.StopSequences is { Count: > 0 } stops)
        {
            json.WriteStartArray("stop"u8);
            foreach (var stop in stops) json.WriteStringValue(stop);
            json.WriteEndArray();
        }
        if (options.Reasoning?.Effort is { } effort)
            json.WriteString("reasoning_effort"u8, effort switch { ReasoningEffort.None => "none", ReasoningEffort.Low => "low", ReasoningEffort.Medium => "medium", ReasoningEffort.High => "high", _ => "xhigh" });
    }

    private static void Tools(Utf8JsonWriter json, ChatOptions options)
    {
        if (options.Tools is not { Count: > 0 } tools) return;
        json.WriteStartArray("tools"u8);
        foreach (var tool in tools)
        {
            if (tool is not AIFunctionDeclaration function) throw new NotSupportedException($"The tool {tool.Name} ({tool.GetType().Name}) is no function: chat completions have functions alone");
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, function.Name);
            if (function.Description.Length > 0) json.WriteString("description"u8, function.Description);
            json.WritePropertyName("parameters"u8);
            function.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        switch (options.ToolMode)
        {
            case NoneChatToolMode:
                json.WriteString("tool_choice"u8, "none"u8);
                break;
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteStartObject("tool_choice"u8);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case RequiredChatToolMode:
                json.WriteString("tool_choice"u8, "required"u8);
                break;
        }
        if (options.AllowMultipleToolCalls is { } parallel) json.WriteBoolean("parallel_tool_calls"u8, parallel);
    }

    private static void Format(Utf8JsonWriter json, ChatResponseFormat? format, ChatOptions options)
    {
        if (format is not ChatResponseFormatJson wanted) return;
        json.WriteStartObject("response_format"u8);
        if (wanted.Schema is { } schema)
        {
            json.WriteString("type"u8, "json_schema"u8);
            json.WriteStartObject("json_schema"u8);
            json.WriteString("name"u8, wanted.SchemaName ?? "answer");
            if (wanted.SchemaDescription is { Length: > 0 } description) json.WriteString("description"u8, description);
            if (options.AdditionalProperties?.TryGetValue(StrictProperty, out var strict) == true && strict is bool exact) json.WriteBoolean("strict"u8, exact);
            json.WritePropertyName("schema"u8);
            schema.WriteTo(json);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("type"u8, "json_object"u8);
        }
        json.WriteEndObject();
    }
}
