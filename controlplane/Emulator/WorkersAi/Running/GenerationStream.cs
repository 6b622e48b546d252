using System.Text.Json;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.OpenAi;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.WorkersAi.Running;

/// <summary>
/// The events of a run (contract section 16): `{"response","p"}` for each token, one with the usage, `[DONE]`. The newer models send chunks of a
/// chat completion in the place of the first, and the same usage event, which is cumulative, behind them.
/// </summary>
public static class GenerationStream
{
    // `p` hides the length of a token from who listens; here it follows from the token.
    private const string Padding = "abcdefghijklmnopqrstuvwxyz0123456789";

    public static EventStream Of(Answer answer, GenerationRequest request, double neurons)
    {
        var (events, start) = (new EventStream(), 0);
        if (answer.CallsTools)
        {
            events.Write(answer, static (json, answer) =>
            {
                json.WriteStartObject();
                json.WriteString("response"u8, ""u8);
                TextGeneration.WriteCalls(json, answer.Calls);
                json.WriteEndObject();
            });
        }
        foreach (var piece in SimulatedTokens.Split(answer.Text))
        {
            events.Write((text: answer.Text.AsMemory(start, piece.Length), at: start), static (json, one) =>
            {
                json.WriteStartObject();
                json.WriteString("response"u8, one.text.Span);
                json.WriteString("p"u8, Padding.AsSpan(0, 1 + (one.at + one.text.Length) * 7 % (Padding.Length - 1)));
                json.WriteEndObject();
            });
            start += piece.Length;
        }
        return Ended(events, answer, neurons);
    }

    public static EventStream Newer(AiInput input, Answer answer, double neurons)
    {
        var events = new EventStream();
        Chunk(static (json, _) =>
        {
            json.WriteString("role"u8, "assistant"u8);
            json.WriteString("content"u8, ""u8);
        }, 0);
        Texts("reasoning_content", answer.Reasoning);
        Texts("content", answer.Text);
        for (var index = 0; index < answer.Calls.Count; index++)
        {
            Chunk(static (json, one) =>
            {
                json.WriteStartArray("tool_calls"u8);
                ChatCompletion.WriteCall(json, one.call, one.index, one.call.Arguments);
                json.WriteEndArray();
            }, (call: answer.Calls[index], index));
        }
        Chunk(static (_, _) => { }, 0, answer.Ending);
        return Ended(events, answer, neurons);

        void Texts(string member, string text)
        {
            var start = 0;
            foreach (var piece in SimulatedTokens.Split(text))
            {
                Chunk(static (json, one) => json.WriteString(one.member, one.text.Span), (member, text: text.AsMemory(start, piece.Length)));
                start += piece.Length;
            }
        }

        void Chunk<T>(Action<Utf8JsonWriter, T> delta, T state, Ending? ending = null) => events.Write((input, delta, state, ending), static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("id"u8, $"chatcmpl-{one.input.Digest[..29]}");
            json.WriteString("object"u8, "chat.completion.chunk"u8);
            json.WriteNumber("created"u8, one.input.Now);
            json.WriteString("model"u8, one.input.Model.Name);
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, 0);
            json.WriteStartObject("delta"u8);
            one.delta(json, one.state);
            json.WriteEndObject();
            json.WriteNull("logprobs"u8);
            if (one.ending is { } ending)
                json.WriteString("finish_reason"u8, ChatCompletion.FinishReason(ending));
            else
                json.WriteNull("finish_reason"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static EventStream Ended(EventStream events, Answer answer, double neurons)
    {
        events.Write((answer, neurons), static (json, one) =>
        {
            json.WriteStartObject();
            json.WriteString("response"u8, ""u8);
            TextGeneration.WriteUsage(json, one.answer.Tokens, one.neurons);
            json.WriteEndObject();
        });
        events.Done();
        return events;
    }
}
