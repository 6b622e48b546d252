using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>A `response`, in every state that a stream shows it in.</summary>
/// <param name="Digest">What all ids follow from.</param>
/// <param name="Created">Unix seconds.</param>
public sealed record ResponseObject(string Digest, long Created, ResponsesRequest Request, Answer Answer)
{
    public string Id => $"resp_{Digest[..48]}";

    public string ReasoningId => $"rs_{Digest[8..56]}";

    public string MessageId => $"msg_{Digest[16..64]}";

    public static string CallItemId(ToolCall call) => $"{(call.FreeForm ? "ctc" : "fc")}_{call.Id}";

    public bool IsComplete => Answer.Ending != Ending.Length;

    public bool HasReasoning => Answer.Tokens.Reasoning > 0;

    /// <summary>The answer as it will be: with its output and its usage.</summary>
    public void WriteFinished(Utf8JsonWriter json) => Write(json, isFinished: true);

    /// <summary>As the first events of a stream show it: nothing yet.</summary>
    public void WriteInProgress(Utf8JsonWriter json) => Write(json, isFinished: false);

    private void Write(Utf8JsonWriter json, bool isFinished)
    {
        var body = Request.Body;
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, Created);
        json.WriteString("status"u8, !isFinished ? "in_progress"u8 : IsComplete ? "completed"u8 : "incomplete"u8);
        json.WriteBoolean("background"u8, false);
        json.WriteNull("error"u8);
        if (isFinished && !IsComplete)
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8, "max_output_tokens"u8);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details"u8);
        }
        Repeat(json, body, "instructions", "null"u8);
        Repeat(json, body, "max_output_tokens", "null"u8);
        Repeat(json, body, "max_tool_calls", "null"u8);
        json.WriteString("model"u8, Request.Conversation.Model);
        json.WriteStartArray("output"u8);
        if (isFinished)
            WriteOutput(json);
        json.WriteEndArray();
        Repeat(json, body, "parallel_tool_calls", "true"u8);
        Repeat(json, body, "previous_response_id", "null"u8);
        Repeat(json, body, "prompt_cache_key", "null"u8);
        Repeat(json, body, "reasoning", """{"effort":null,"summary":null}"""u8);
        Repeat(json, body, "safety_identifier", "null"u8);
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteBoolean("store"u8, Request.Stored);
        Repeat(json, body, "temperature", "1"u8);
        Repeat(json, body, "text", """{"format":{"type":"text"},"verbosity":"medium"}"""u8);
        Repeat(json, body, "tool_choice", "\"auto\""u8);
        Repeat(json, body, "tools", "[]"u8);
        Repeat(json, body, "top_logprobs", "0"u8);
        Repeat(json, body, "top_p", "1"u8);
        Repeat(json, body, "truncation", "\"disabled\""u8);
        if (isFinished)
            WriteUsage(json);
        else
            json.WriteNull("usage"u8);
        Repeat(json, body, "user", "null"u8);
        Repeat(json, body, "metadata", "{}"u8);
        json.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter json)
    {
        if (HasReasoning)
            WriteReasoning(json);
        if (!Answer.CallsTools)
            WriteMessage(json, isFinished: true);
        foreach (var call in Answer.Calls)
            WriteCall(json, call, isFinished: true);
    }

    public void WriteReasoning(Utf8JsonWriter json, bool isFinished = true)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, ReasoningId);
        json.WriteString("type"u8, "reasoning"u8);
        if (Request.EncryptsReasoning)
            json.WriteString("encrypted_content"u8, Digest);
        json.WriteStartArray("summary"u8);
        if (isFinished && Request.SummarisesReasoning)
            WriteSummaryPart(json, Answer.Reasoning);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteSummaryPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "summary_text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    public void WriteMessage(Utf8JsonWriter json, bool isFinished)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, MessageId);
        json.WriteString("type"u8, "message"u8);
        WriteItemStatus(json, isFinished);
        json.WriteStartArray("content"u8);
        if (isFinished)
            WriteTextPart(json, Answer.Text);
        json.WriteEndArray();
        json.WriteString("role"u8, "assistant"u8);
        json.WriteEndObject();
    }

    public void WriteTextPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        json.WriteStartArray("logprobs"u8);
        if (Request.TopLogprobs is { } top)
            ChatLogprobs.WriteTokens(json, text, top);
        json.WriteEndArray();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    public void WriteCall(Utf8JsonWriter json, ToolCall call, bool isFinished)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, CallItemId(call));
        json.WriteString("type"u8, call.FreeForm ? "custom_tool_call"u8 : "function_call"u8);
        json.WriteString("status"u8, isFinished ? "completed"u8 : "in_progress"u8);
        json.WriteString(call.FreeForm ? "input"u8 : "arguments"u8, isFinished ? call.Arguments : "");
        json.WriteString("call_id"u8, $"call_{call.Id}");
        json.WriteString("name"u8, call.Name);
        json.WriteEndObject();
    }

    private void WriteItemStatus(Utf8JsonWriter json, bool isFinished) =>
        json.WriteString("status"u8, !isFinished ? "in_progress"u8 : IsComplete ? "completed"u8 : "incomplete"u8);

    private void WriteUsage(Utf8JsonWriter json)
    {
        var tokens = Answer.Tokens;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, tokens.Prompt);
        json.WriteStartObject("input_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, tokens.Cached);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, tokens.Completion);
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, tokens.Reasoning);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, tokens.Total);
        json.WriteEndObject();
    }

    private static void Repeat(Utf8JsonWriter json, Fields body, string name, ReadOnlySpan<byte> otherwise)
    {
        json.WritePropertyName(name);
        if (body.Has(name, out var member))
            member.WriteTo(json);
        else
            json.WriteRawValue(otherwise, skipInputValidation: true);
    }
}
