using System.Text.Json;
using GatewayOps.Emulator.Upstreams.Simulation;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>A <see cref="ChatCompletion"/> as `chat.completion.chunk` events: role, content, finish, the usage where it is due, and the end mark.</summary>
public sealed class ChatStream(ChatCompletion completion)
{
    private readonly EventStream _events = new();
    private int _choice;

    private ChatCompletion Completion => completion;

    public static EventStream Of(ChatCompletion completion)
    {
        var stream = new ChatStream(completion);
        foreach (var answer in completion.Answers)
        {
            stream.Write(answer);
            stream._choice++;
        }
        if (completion.Request.IncludeUsage && !completion.Flavour.UsageInLastChunk)
            stream.WriteUsage();
        stream._events.Done();
        return stream._events;
    }

    private void Write(Answer answer)
    {
        Chunk(answer.CallsTools, static (json, calls) =>
        {
            json.WriteString("role"u8, "assistant"u8);
            if (calls)
                json.WriteNull("content"u8);
            else
                json.WriteString("content"u8, ""u8);
            json.WriteNull("refusal"u8);
        });
        if (completion.Flavour.ReasoningMember is { } member)
            Texts(member, answer.Reasoning, withLogprobs: false);
        if (answer.CallsTools)
            WriteCalls(answer.Calls);
        else
            Texts("content", answer.Text, withLogprobs: completion.Request.TopLogprobs is not null);
        Chunk(answer.Ending, static (_, _) => { }, answer.Ending);
    }

    private void Texts(string member, string text, bool withLogprobs)
    {
        var start = 0;
        foreach (var piece in SimulatedTokens.Split(text))
        {
            var here = text.AsMemory(start, piece.Length);
            Chunk((member, here), static (json, one) => json.WriteString(one.member, one.here.Span), logprobs: withLogprobs ? (ReadOnlyMemory<char>?)here : null);
            start += piece.Length;
        }
    }

    private void WriteCalls(IReadOnlyList<ToolCall> calls)
    {
        for (var index = 0; index < calls.Count; index++)
        {
            var call = calls[index];
            Chunk((call, index), static (json, one) =>
            {
                json.WriteStartArray("tool_calls"u8);
                ChatCompletion.WriteCall(json, one.call, one.index, "");
                json.WriteEndArray();
            });
            var start = 0;
            foreach (var piece in SimulatedTokens.Split(call.Arguments))
            {
                Chunk((call, index, text: call.Arguments.AsMemory(start, piece.Length)), static (json, one) =>
                {
                    json.WriteStartArray("tool_calls"u8);
                    json.WriteStartObject();
                    json.WriteNumber("index"u8, one.index);
                    json.WriteStartObject(one.call.FreeForm ? "custom"u8 : "function"u8);
                    json.WriteString(one.call.FreeForm ? "input"u8 : "arguments"u8, one.text.Span);
                    json.WriteEndObject();
                    json.WriteEndObject();
                    json.WriteEndArray();
                });
                start += piece.Length;
            }
        }
    }

    private void Chunk<T>(T state, Action<Utf8JsonWriter, T> delta, Ending? ending = null, ReadOnlyMemory<char>? logprobs = null) =>
        _events.Write((stream: this, state, delta, ending, logprobs), static (json, chunk) =>
        {
            var (self, completion) = (chunk.stream, chunk.stream.Completion);
            json.WriteStartObject();
            completion.WriteHead(json, "chat.completion.chunk"u8);
            json.WriteString("service_tier"u8, "default"u8);
            json.WriteString("system_fingerprint"u8, "fp_emulator"u8);
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, self._choice);
            json.WriteStartObject("delta"u8);
            chunk.delta(json, chunk.state);
            json.WriteEndObject();
            json.WritePropertyName("logprobs"u8);
            if (chunk.logprobs is { } piece)
                ChatLogprobs.Write(json, piece.Span, completion.Request.TopLogprobs ?? 0);
            else
                json.WriteNullValue();
            if (chunk.ending is { } ending)
                json.WriteString("finish_reason"u8, ChatCompletion.FinishReason(ending));
            else
                json.WriteNull("finish_reason"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            self.WriteUsageMember(json, isLast: chunk.ending is not null);
            json.WriteEndObject();
        });

    private void WriteUsageMember(Utf8JsonWriter json, bool isLast)
    {
        var (request, flavour) = (completion.Request, completion.Flavour);
        if (flavour.UsageInLastChunk)
        {
            if (!isLast || _choice < completion.Answers.Count - 1)
                return;
            json.WritePropertyName("usage"u8);
            ChatUsage.Write(json, ChatUsage.Sum(completion.Answers), flavour);
            flavour.WriteEnvelope(json);
        }
        else if (request.IncludeUsage)
        {
            json.WriteNull("usage"u8); // present and null until the chunk of its own
        }
    }

    private void WriteUsage() => _events.Write(completion, static (json, completion) =>
    {
        json.WriteStartObject();
        completion.WriteHead(json, "chat.completion.chunk"u8);
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteString("system_fingerprint"u8, "fp_emulator"u8);
        json.WriteStartArray("choices"u8);
        json.WriteEndArray();
        json.WritePropertyName("usage"u8);
        ChatUsage.Write(json, ChatUsage.Sum(completion.Answers), completion.Flavour);
        json.WriteEndObject();
    });
}
