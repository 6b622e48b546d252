using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Bedrock;

/// <summary>Converse and its streamed form.</summary>
public static class ConverseOperations
{
    public static UpstreamReply Whole(SimulatedCall call) => UpstreamReply.Json(200, WireJson.Bytes(Answer(call), static (json, answer) =>
    {
        json.WriteStartObject();
        json.WriteStartObject("output"u8);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
        if (!answer.CallsTools)
        {
            json.WriteStartObject();
            json.WriteString("text"u8, answer.Text);
            json.WriteEndObject();
        }
        foreach (var call in answer.Calls)
        {
            json.WriteStartObject();
            json.WriteStartObject("toolUse"u8);
            WriteCallHead(json, call);
            json.WritePropertyName("input"u8);
            json.WriteRawValue(call.Arguments, skipInputValidation: true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        WriteStop(json, answer.Ending);
        WriteMetadata(json, answer.Tokens);
        json.WriteEndObject();
    }));

    public static UpstreamReply Stream(SimulatedCall call)
    {
        var answer = Answer(call);
        var pieces = new List<ReadOnlyMemory<byte>>();
        Add("messageStart", 0, static (json, _) => json.WriteString("role"u8, "assistant"u8));
        if (!answer.CallsTools)
            AddText();
        for (var index = 0; index < answer.Calls.Count; index++)
            AddCall(index, answer.Calls[index]);
        Add("messageStop", answer.Ending, static (json, ending) => WriteStop(json, ending));
        Add("metadata", answer.Tokens, static (json, tokens) => WriteMetadata(json, tokens));
        return UpstreamReply.Pieces(AwsEventStream.ContentType, pieces);

        void AddText()
        {
            var start = 0;
            foreach (var piece in SimulatedTokens.Split(answer.Text))
            {
                Add("contentBlockDelta", answer.Text.AsMemory(start, piece.Length), static (json, text) => WriteDelta(json, 0, delta: text, static (json, text) => json.WriteString("text"u8, text.Span)));
                start += piece.Length;
            }
            Add("contentBlockStop", 0, static (json, index) => json.WriteNumber("contentBlockIndex"u8, index));
        }

        void AddCall(int index, ToolCall one)
        {
            Add("contentBlockStart", (index, one), static (json, state) =>
            {
                json.WriteNumber("contentBlockIndex"u8, state.index);
                json.WriteStartObject("start"u8);
                json.WriteStartObject("toolUse"u8);
                WriteCallHead(json, state.one);
                json.WriteEndObject();
                json.WriteEndObject();
            });
            Add("contentBlockDelta", (index, one), static (json, state) => WriteDelta(json, state.index, state.one, static (json, call) =>
            {
                json.WriteStartObject("toolUse"u8);
                json.WriteString("input"u8, call.Arguments);
                json.WriteEndObject();
            }));
            Add("contentBlockStop", index, static (json, at) => json.WriteNumber("contentBlockIndex"u8, at));
        }

        void Add<T>(string type, T state, Action<Utf8JsonWriter, T> write) => pieces.Add(AwsEventStream.Message(type, WireJson.Bytes((state, write), static (json, one) =>
        {
            json.WriteStartObject();
            one.write(json, one.state);
            json.WriteEndObject();
        })));
    }

    private static Answer Answer(SimulatedCall call) => call.Answer(ConverseReader.Read(call.Body(BedrockWords.Instance), call.Captured));

    private static void WriteDelta<T>(Utf8JsonWriter json, int index, T delta, Action<Utf8JsonWriter, T> write)
    {
        json.WriteNumber("contentBlockIndex"u8, index);
        json.WriteStartObject("delta"u8);
        write(json, delta);
        json.WriteEndObject();
    }

    private static void WriteCallHead(Utf8JsonWriter json, ToolCall call)
    {
        json.WriteString("toolUseId"u8, $"tooluse_{call.Id}");
        json.WriteString("name"u8, call.Name);
    }

    private static void WriteStop(Utf8JsonWriter json, Ending ending) => json.WriteString("stopReason"u8, ending switch
    {
        Ending.Length => "max_tokens"u8,
        Ending.StopSequence => "stop_sequence"u8,
        Ending.ToolCalls => "tool_use"u8,
        _ => "end_turn"u8,
    });

    private static void WriteMetadata(Utf8JsonWriter json, TokenTally tokens)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("inputTokens"u8, tokens.Prompt);
        json.WriteNumber("outputTokens"u8, tokens.Completion);
        json.WriteNumber("totalTokens"u8, tokens.Total);
        json.WriteEndObject();
        json.WriteStartObject("metrics"u8);
        json.WriteNumber("latencyMs"u8, 1);
        json.WriteEndObject();
    }
}
