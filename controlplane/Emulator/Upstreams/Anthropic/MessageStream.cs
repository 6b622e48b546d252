using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Anthropic;

/// <summary>
/// A <see cref="MessageObject"/> as events: message_start with the tokens of the prompt, a start, deltas and a stop for every block, a ping after
/// the first start, message_delta with the reason and the tokens of the answer, message_stop.
/// </summary>
public sealed class MessageStream
{
    private readonly EventStream _events = new();
    private readonly MessageObject _message;
    private int _block;

    private MessageStream(MessageObject message) => _message = message;

    public static EventStream Of(MessageObject message)
    {
        var stream = new MessageStream(message);
        stream.WriteStart();
        if (message.ShowsThinking)
            stream.WriteThinking();
        if (!message.Answer.CallsTools)
            stream.WriteText();
        foreach (var call in message.Answer.Calls)
            stream.WriteCall(call);
        stream.WriteEnd();
        return stream._events;
    }

    private void WriteStart() => Event("message_start"u8, _message, static (json, message) =>
    {
        json.WriteStartObject("message"u8);
        message.WriteHead(json);
        json.WriteStartArray("content"u8);
        json.WriteEndArray();
        json.WriteNull("stop_reason"u8);
        json.WriteNull("stop_sequence"u8);
        json.WritePropertyName("usage"u8);
        message.WriteUsage(json, output: 1);
        json.WriteEndObject();
    });

    private void WriteThinking()
    {
        Open(static json =>
        {
            json.WriteString("type"u8, "thinking"u8);
            json.WriteString("thinking"u8, ""u8);
            json.WriteString("signature"u8, ""u8);
        });
        Deltas("thinking_delta", "thinking", _message.Answer.Reasoning);
        Delta("signature_delta", "signature", _message.Signature.AsMemory());
        Close();
    }

    private void WriteText()
    {
        Open(static json =>
        {
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, ""u8);
        });
        Deltas("text_delta", "text", _message.Answer.Text);
        Close();
    }

    private void WriteCall(ToolCall call)
    {
        Event("content_block_start"u8, (block: _block, call), static (json, one) =>
        {
            json.WriteNumber("index"u8, one.block);
            json.WritePropertyName("content_block"u8);
            MessageObject.WriteToolUse(json, one.call, "{}");
        });
        Ping();
        Delta("input_json_delta", "partial_json", default);
        Deltas("input_json_delta", "partial_json", call.Arguments);
        Close();
    }

    private void WriteEnd()
    {
        Event("message_delta"u8, _message, static (json, message) =>
        {
            json.WriteStartObject("delta"u8);
            message.WriteStop(json);
            json.WriteEndObject();
            json.WritePropertyName("usage"u8);
            message.WriteUsage(json, message.Answer.Tokens.Completion);
        });
        Event("message_stop"u8, 0, static (_, _) => { });
    }

    private void Open(Action<Utf8JsonWriter> block)
    {
        Event("content_block_start"u8, (_block, block), static (json, one) =>
        {
            json.WriteNumber("index"u8, one._block);
            json.WriteStartObject("content_block"u8);
            one.block(json);
            json.WriteEndObject();
        });
        Ping();
    }

    private void Ping()
    {
        if (_block == 0)
            Event("ping"u8, 0, static (_, _) => { });
    }

    private void Deltas(string type, string member, string text)
    {
        var start = 0;
        foreach (var piece in SimulatedTokens.Split(text))
        {
            Delta(type, member, text.AsMemory(start, piece.Length));
            start += piece.Length;
        }
    }

    private void Delta(string type, string member, ReadOnlyMemory<char> text) => Event("content_block_delta"u8, (_block, type, member, text), static (json, one) =>
    {
        json.WriteNumber("index"u8, one._block);
        json.WriteStartObject("delta"u8);
        json.WriteString("type"u8, one.type);
        json.WriteString(one.member, one.text.Span);
        json.WriteEndObject();
    });

    private void Close()
    {
        Event("content_block_stop"u8, _block, static (json, block) => json.WriteNumber("index"u8, block));
        _block++;
    }

    private void Event<T>(ReadOnlySpan<byte> type, T state, Action<Utf8JsonWriter, T> write)
    {
        var name = type.ToArray(); // a span cannot be captured
        _events.Write(type, (name, state, write), static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, one.name);
            one.write(json, one.state);
            json.WriteEndObject();
        });
    }
}
