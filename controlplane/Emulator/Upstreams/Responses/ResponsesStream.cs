using System.Text.Json;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.Responses;

/// <summary>
/// A <see cref="ResponseObject"/> as the events of the Responses API: created, in_progress, for each item its added, its parts and deltas, and its done,
/// then completed or incomplete. Every event has a name, its type, and a number in the sequence.
/// </summary>
public sealed class ResponsesStream
{
    private readonly EventStream _events = new();
    private readonly ResponseObject _response;
    private int _sequence;
    private int _item;

    private ResponsesStream(ResponseObject response) => _response = response;

    public static EventStream Of(ResponseObject response)
    {
        var stream = new ResponsesStream(response);
        stream.State("response.created"u8, static (json, response) => response.WriteInProgress(json));
        stream.State("response.in_progress"u8, static (json, response) => response.WriteInProgress(json));
        if (response.HasReasoning)
            stream.WriteReasoning();
        if (!response.Answer.CallsTools)
            stream.WriteMessage();
        foreach (var call in response.Answer.Calls)
            stream.WriteCall(call);
        stream.State(response.IsComplete ? "response.completed"u8 : "response.incomplete"u8, static (json, response) => response.WriteFinished(json));
        return stream._events;
    }

    private void WriteReasoning()
    {
        Item("response.output_item.added"u8, static (json, response) => response.WriteReasoning(json, isFinished: false));
        if (_response.Request.SummarisesReasoning)
        {
            Part("response.reasoning_summary_part.added"u8, _response.ReasoningId, static (json, _) => Summary(json, ""));
            Deltas("response.reasoning_summary_text.delta"u8, _response.ReasoningId, _response.Answer.Reasoning, "summary_index");
            Event("response.reasoning_summary_text.done"u8, this, static (json, stream) =>
            {
                stream.WritePlace(json, stream._response.ReasoningId, "summary_index");
                json.WriteString("text"u8, stream._response.Answer.Reasoning);
            });
            Part("response.reasoning_summary_part.done"u8, _response.ReasoningId, static (json, response) => Summary(json, response.Answer.Reasoning));
        }
        Item("response.output_item.done"u8, static (json, response) => response.WriteReasoning(json));
        _item++;

        static void Summary(Utf8JsonWriter json, string text)
        {
            json.WritePropertyName("part"u8);
            ResponseObject.WriteSummaryPart(json, text);
        }
    }

    private void WriteMessage()
    {
        Item("response.output_item.added"u8, static (json, response) => response.WriteMessage(json, isFinished: false));
        ContentPart("response.content_part.added"u8, "");
        Deltas("response.output_text.delta"u8, _response.MessageId, _response.Answer.Text, "content_index");
        Event("response.output_text.done"u8, this, static (json, stream) =>
        {
            stream.WritePlace(json, stream._response.MessageId, "content_index");
            json.WriteString("text"u8, stream._response.Answer.Text);
            stream.WriteLogprobs(json, stream._response.Answer.Text);
        });
        ContentPart("response.content_part.done"u8, _response.Answer.Text);
        Item("response.output_item.done"u8, static (json, response) => response.WriteMessage(json, isFinished: true));
        _item++;
    }

    private void WriteCall(ToolCall call)
    {
        ItemOf("response.output_item.added"u8, call, static (json, response, call) => response.WriteCall(json, call, isFinished: false));
        Deltas(
            call.FreeForm ? "response.custom_tool_call_input.delta"u8 : "response.function_call_arguments.delta"u8,
            ResponseObject.CallItemId(call), call.Arguments, index: null);
        Event(call.FreeForm ? "response.custom_tool_call_input.done"u8 : "response.function_call_arguments.done"u8, (stream: this, call), static (json, one) =>
        {
            one.stream.WritePlace(json, ResponseObject.CallItemId(one.call), index: null);
            json.WriteString(one.call.FreeForm ? "input"u8 : "arguments"u8, one.call.Arguments);
        });
        ItemOf("response.output_item.done"u8, call, static (json, response, call) => response.WriteCall(json, call, isFinished: true));
        _item++;
    }

    private void State(ReadOnlySpan<byte> type, Action<Utf8JsonWriter, ResponseObject> write) => Event(type, (_response, write), static (json, one) =>
    {
        json.WritePropertyName("response"u8);
        one.write(json, one._response);
    });

    private void Item(ReadOnlySpan<byte> type, Action<Utf8JsonWriter, ResponseObject> write) => Event(type, (stream: this, write), static (json, one) =>
    {
        json.WriteNumber("output_index"u8, one.stream._item);
        json.WritePropertyName("item"u8);
        one.write(json, one.stream._response);
    });

    private void ItemOf(ReadOnlySpan<byte> type, ToolCall call, Action<Utf8JsonWriter, ResponseObject, ToolCall> write) => Event(type, (stream: this, call, write), static (json, one) =>
    {
        json.WriteNumber("output_index"u8, one.stream._item);
        json.WritePropertyName("item"u8);
        one.write(json, one.stream._response, one.call);
    });

    private void Part(ReadOnlySpan<byte> type, string item, Action<Utf8JsonWriter, ResponseObject> write) => Event(type, (stream: this, item, write), static (json, one) =>
    {
        one.stream.WritePlace(json, one.item, "summary_index");
        one.write(json, one.stream._response);
    });

    private void ContentPart(ReadOnlySpan<byte> type, string text) => Event(type, (stream: this, text), static (json, one) =>
    {
        one.stream.WritePlace(json, one.stream._response.MessageId, "content_index");
        json.WritePropertyName("part"u8);
        one.stream._response.WriteTextPart(json, one.text);
    });

    private void Deltas(ReadOnlySpan<byte> type, string item, string text, string? index)
    {
        var start = 0;
        foreach (var piece in SimulatedTokens.Split(text))
        {
            Event(type, (stream: this, item, index, text: text.AsMemory(start, piece.Length)), static (json, one) =>
            {
                one.stream.WritePlace(json, one.item, one.index);
                json.WriteString("delta"u8, one.text.Span);
                if (one.index == "content_index")
                    one.stream.WriteLogprobs(json, one.text.Span);
            });
            start += piece.Length;
        }
    }

    private void Event<T>(ReadOnlySpan<byte> type, T state, Action<Utf8JsonWriter, T> write)
    {
        // A span cannot be captured.
        var name = type.ToArray();
        _events.Write(type, (name, number: _sequence++, state, write), static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("type"u8, one.name);
            json.WriteNumber("sequence_number"u8, one.number);
            one.write(json, one.state);
            json.WriteEndObject();
        });
    }

    private void WritePlace(Utf8JsonWriter json, string item, string? index)
    {
        json.WriteString("item_id"u8, item);
        json.WriteNumber("output_index"u8, _item);
        if (index is not null)
            json.WriteNumber(index, 0);
    }

    private void WriteLogprobs(Utf8JsonWriter json, ReadOnlySpan<char> text)
    {
        json.WriteStartArray("logprobs"u8);
        if (_response.Request.TopLogprobs is { } top)
            ChatLogprobs.WriteTokens(json, text, top);
        json.WriteEndArray();
    }
}
