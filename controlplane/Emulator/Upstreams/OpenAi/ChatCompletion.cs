using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>The answers to one request as a `chat.completion`.</summary>
/// <param name="Id">`chatcmpl-…`, the same in every chunk of a stream.</param>
/// <param name="Created">Unix seconds.</param>
/// <param name="Answers">One for each of `n`.</param>
public sealed record ChatCompletion(string Id, long Created, ChatRequest Request, IReadOnlyList<Answer> Answers, ChatFlavour Flavour)
{
    public string Model => Request.Conversation.Model;

    public byte[] Whole() => WireJson.Bytes(this, static (json, completion) => completion.Write(json));

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        for (var index = 0; index < Answers.Count; index++)
            WriteChoice(json, index, Answers[index]);
        json.WriteEndArray();
        json.WritePropertyName("usage"u8);
        ChatUsage.Write(json, ChatUsage.Sum(Answers), Flavour);
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteString("system_fingerprint"u8, "fp_emulator"u8);
        Flavour.WriteEnvelope(json);
        json.WriteEndObject();
    }

    public void WriteHead(Utf8JsonWriter json, ReadOnlySpan<byte> kind)
    {
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, Created);
        json.WriteString("model"u8, Model);
    }

    private void WriteChoice(Utf8JsonWriter json, int index, Answer answer)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, index);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        if (answer.CallsTools)
            json.WriteNull("content"u8);
        else
            json.WriteString("content"u8, answer.Text);
        json.WriteNull("refusal"u8);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        if (Flavour.ReasoningMember is { } member && answer.Reasoning.Length > 0)
            json.WriteString(member, answer.Reasoning);
        if (answer.CallsTools)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in answer.Calls)
                WriteCall(json, call, index: null, call.Arguments);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WritePropertyName("logprobs"u8);
        if (Request.TopLogprobs is { } top && !answer.CallsTools)
            ChatLogprobs.Write(json, answer.Text, top);
        else
            json.WriteNullValue();
        json.WriteString("finish_reason"u8, FinishReason(answer.Ending));
        json.WriteEndObject();
    }

    /// <param name="index">Among the calls of a streamed answer; null in a whole one.</param>
    public static void WriteCall(Utf8JsonWriter json, ToolCall call, int? index, string arguments)
    {
        json.WriteStartObject();
        if (index is { } at)
            json.WriteNumber("index"u8, at);
        json.WriteString("id"u8, "call_" + call.Id);
        json.WriteString("type"u8, call.FreeForm ? "custom"u8 : "function"u8);
        json.WriteStartObject(call.FreeForm ? "custom"u8 : "function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString(call.FreeForm ? "input"u8 : "arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static ReadOnlySpan<byte> FinishReason(Ending ending) => ending switch
    {
        Ending.Length => "length"u8,
        Ending.ToolCalls => "tool_calls"u8,
        _ => "stop"u8,
    };
}
