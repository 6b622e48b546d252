using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>An answer as a `message` with its content blocks: thinking, text, tool use.</summary>
public sealed record MessageObject(string Digest, MessagesRequest Request, Answer Answer)
{
    public string Id => $"msg_{Digest[..24]}";

    public bool ShowsThinking => Request.Thinking && Answer.Reasoning.Length > 0;

    /// <summary>Opaque to clients, who send it back with the block.</summary>
    public string Signature => Digest;

    public byte[] Whole() => WireJson.Bytes(this, static (json, message) =>
    {
        json.WriteStartObject();
        message.WriteHead(json);
        json.WriteStartArray("content"u8);
        if (message.ShowsThinking)
            message.WriteThinking(json);
        if (!message.Answer.CallsTools)
            WriteText(json, message.Answer.Text);
        foreach (var call in message.Answer.Calls)
            WriteToolUse(json, call, call.Arguments);
        json.WriteEndArray();
        message.WriteStop(json);
        json.WritePropertyName("usage"u8);
        message.WriteUsage(json, message.Answer.Tokens.Completion);
        json.WriteEndObject();
    });

    public void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id"u8, Id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, Request.Conversation.Model);
    }

    public void WriteStop(Utf8JsonWriter json)
    {
        json.WriteString("stop_reason"u8, Answer.Ending switch
        {
            Ending.Length => "max_tokens"u8,
            Ending.StopSequence => "stop_sequence"u8,
            Ending.ToolCalls => "tool_use"u8,
            _ => "end_turn"u8,
        });
        json.WriteTextOrNull("stop_sequence"u8, Answer.StopSequence);
    }

    /// <param name="output">Tokens so far.</param>
    public void WriteUsage(Utf8JsonWriter json, int output)
    {
        var tokens = Answer.Tokens;
        json.WriteStartObject();
        // The cached parts of the prompt are counted beside it here, not within it.
        json.WriteNumber("input_tokens"u8, tokens.Prompt - tokens.Cached - tokens.CacheWritten);
        json.WriteNumber("cache_creation_input_tokens"u8, tokens.CacheWritten);
        json.WriteNumber("cache_read_input_tokens"u8, tokens.Cached);
        json.WriteStartObject("cache_creation"u8);
        json.WriteNumber("ephemeral_5m_input_tokens"u8, tokens.CacheWritten);
        json.WriteNumber("ephemeral_1h_input_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, output);
        json.WriteString("service_tier"u8, "standard"u8);
        json.WriteEndObject();
    }

    public void WriteThinking(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "thinking"u8);
        json.WriteString("thinking"u8, Answer.Reasoning);
        json.WriteString("signature"u8, Signature);
        json.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    public static void WriteToolUse(Utf8JsonWriter json, ToolCall call, string input)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, $"toolu_{call.Id}");
        json.WriteString("name"u8, call.Name);
        json.WritePropertyName("input"u8);
        json.WriteRawValue(input, skipInputValidation: true);
        json.WriteEndObject();
    }
}
