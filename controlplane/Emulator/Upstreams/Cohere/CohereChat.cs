using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Cohere;

/// <summary>POST v2/chat, plain and as events.</summary>
public sealed class CohereChat(string id, Answer answer)
{
    public static UpstreamReply Create(SimulatedCall call)
    {
        var request = CohereReader.Read(call.Body(CohereWords.Instance));
        var chat = new CohereChat(Fingerprint.Uuid(call.Digest), call.Answer(request.Conversation));
        return request.Stream ? chat.Stream().ToReply() : UpstreamReply.Json(200, WireJson.Bytes(chat, static (json, chat) => chat.WriteWhole(json)));
    }

    private Answer Answer => answer;

    private void WriteWhole(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        if (answer.CallsTools)
        {
            json.WriteString("tool_plan"u8, Plan());
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in answer.Calls)
                WriteCall(json, call, call.Arguments);
            json.WriteEndArray();
        }
        else
        {
            json.WriteStartArray("content"u8);
            if (answer.Reasoning.Length > 0)
                WritePart(json, "thinking", answer.Reasoning);
            WritePart(json, "text", answer.Text);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteString("finish_reason"u8, FinishReason());
        WriteUsage(json);
        json.WriteEndObject();
    }

    private EventStream Stream()
    {
        var events = new EventStream();
        Event(events, "message-start"u8, this, static (json, chat) =>
        {
            json.WriteString("id"u8, chat.Id);
            Delta(json, 0, static (json, _) =>
            {
                json.WriteString("role"u8, "assistant"u8);
                foreach (var list in (ReadOnlySpan<string>)["content", "tool_calls", "citations"])
                {
                    json.WriteStartArray(list);
                    json.WriteEndArray();
                }
                json.WriteString("tool_plan"u8, ""u8);
            });
        });
        if (answer.CallsTools)
            WriteCalls(events);
        else
            WriteText(events);
        Event(events, "message-end"u8, this, static (json, chat) =>
        {
            json.WriteString("id"u8, chat.Id);
            json.WriteStartObject("delta"u8);
            json.WriteString("finish_reason"u8, chat.FinishReason());
            chat.WriteUsage(json);
            json.WriteEndObject();
        });
        return events;
    }

    private string Id => id;

    private void WriteText(EventStream events)
    {
        Event(events, "content-start"u8, 0, static (json, index) =>
        {
            json.WriteNumber("index"u8, index);
            Delta(json, 0, static (json, _) =>
            {
                json.WritePropertyName("content"u8);
                WritePart(json, "text", "");
            });
        });
        var start = 0;
        foreach (var piece in SimulatedTokens.Split(answer.Text))
        {
            Event(events, "content-delta"u8, answer.Text.AsMemory(start, piece.Length), static (json, text) =>
            {
                json.WriteNumber("index"u8, 0);
                Delta(json, text, static (json, text) =>
                {
                    json.WriteStartObject("content"u8);
                    json.WriteString("text"u8, text.Span);
                    json.WriteEndObject();
                });
            });
            start += piece.Length;
        }
        Event(events, "content-end"u8, 0, static (json, index) => json.WriteNumber("index"u8, index));
    }

    private void WriteCalls(EventStream events)
    {
        Event(events, "tool-plan-delta"u8, this, static (json, chat) => Delta(json, chat, static (json, chat) => json.WriteString("tool_plan"u8, chat.Plan())));
        for (var index = 0; index < answer.Calls.Count; index++)
        {
            var call = answer.Calls[index];
            Event(events, "tool-call-start"u8, (index, call), static (json, one) =>
            {
                json.WriteNumber("index"u8, one.index);
                Delta(json, one.call, static (json, call) =>
                {
                    json.WritePropertyName("tool_calls"u8);
                    WriteCall(json, call, "");
                });
            });
            var start = 0;
            foreach (var piece in SimulatedTokens.Split(call.Arguments))
            {
                Event(events, "tool-call-delta"u8, (index, text: call.Arguments.AsMemory(start, piece.Length)), static (json, one) =>
                {
                    json.WriteNumber("index"u8, one.index);
                    Delta(json, one.text, static (json, text) =>
                    {
                        json.WriteStartObject("tool_calls"u8);
                        json.WriteStartObject("function"u8);
                        json.WriteString("arguments"u8, text.Span);
                        json.WriteEndObject();
                        json.WriteEndObject();
                    });
                });
                start += piece.Length;
            }
            Event(events, "tool-call-end"u8, index, static (json, at) => json.WriteNumber("index"u8, at));
        }
    }

    private string Plan() => $"I will call {string.Join(" and ", answer.Calls.Select(call => call.Name))}.";

    private ReadOnlySpan<byte> FinishReason() => answer.Ending switch
    {
        Ending.Length => "MAX_TOKENS"u8,
        Ending.StopSequence => "STOP_SEQUENCE"u8,
        Ending.ToolCalls => "TOOL_CALL"u8,
        _ => "COMPLETE"u8,
    };

    private void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage"u8);
        foreach (var kind in (ReadOnlySpan<string>)["billed_units", "tokens"])
        {
            json.WriteStartObject(kind);
            json.WriteNumber("input_tokens"u8, Answer.Tokens.Prompt);
            json.WriteNumber("output_tokens"u8, Answer.Tokens.Completion);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, string type, string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString(type, text);
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, ToolCall call, string arguments)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, $"{call.Name}_{call.Id[..12]}");
        json.WriteString("type"u8, "function"u8);
        json.WriteStartObject("function"u8);
        json.WriteString("name"u8, call.Name);
        json.WriteString("arguments"u8, arguments);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Delta<T>(Utf8JsonWriter json, T state, Action<Utf8JsonWriter, T> message)
    {
        json.WriteStartObject("delta"u8);
        json.WriteStartObject("message"u8);
        message(json, state);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Event<T>(EventStream events, ReadOnlySpan<byte> type, T state, Action<Utf8JsonWriter, T> write)
    {
        var name = type.ToArray(); // a span cannot be captured
        events.Write(type, (name, state, write), static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, one.name);
            one.write(json, one.state);
            json.WriteEndObject();
        });
    }
}
