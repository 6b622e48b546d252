using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams.OpenAi;

/// <summary>A <see cref="ChatAnswer"/> on the wire: one `chat.completion`, or the `chat.completion.chunk` events of a stream.</summary>
/// <param name="id">`chatcmpl-…`, the same in every chunk.</param>
/// <param name="created">Unix seconds.</param>
public sealed class ChatCompletion(ChatRequest request, ChatAnswer answer, string id, long created)
{
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    public byte[] Whole()
    {
        var choices = new JsonArray();
        for (var index = 0; index < request.Choices; index++)
        {
            var message = new JsonObject { ["role"] = "assistant", ["content"] = answer.Text, ["refusal"] = null, ["annotations"] = new JsonArray() };
            if (answer.Call is { } call)
                message["tool_calls"] = new JsonArray(ToolCall(call, call.Arguments));
            choices.Add(new JsonObject { ["index"] = index, ["message"] = message, ["logprobs"] = null, ["finish_reason"] = answer.FinishReason });
        }
        var body = Head("chat.completion", choices);
        body["usage"] = Usage();
        return WireJson.Bytes(body);
    }

    /// <summary>Role, content, finish, the usage when it was asked for, and the end mark.</summary>
    public IEnumerable<byte[]> Events()
    {
        for (var index = 0; index < request.Choices; index++)
        {
            yield return Chunk(index, new JsonObject { ["role"] = "assistant", ["content"] = answer.Call is null ? "" : null, ["refusal"] = null });
            foreach (var delta in Deltas())
                yield return Chunk(index, delta);
            yield return Chunk(index, [], answer.FinishReason);
        }
        if (request.IncludeUsage)
        {
            var last = Head("chat.completion.chunk", []);
            last["usage"] = Usage();
            yield return WireJson.Event(last);
        }
        yield return Done;
    }

    private IEnumerable<JsonObject> Deltas()
    {
        if (answer.Call is { } call)
        {
            var opening = ToolCall(call, "");
            opening["index"] = 0;
            yield return new JsonObject { ["tool_calls"] = new JsonArray(opening) };
            foreach (var piece in SimulatedTokens.Split(call.Arguments))
            {
                var more = new JsonObject { ["index"] = 0, ["function"] = new JsonObject { ["arguments"] = piece } };
                yield return new JsonObject { ["tool_calls"] = new JsonArray(more) };
            }
            yield break;
        }
        foreach (var piece in SimulatedTokens.Split(answer.Text!))
            yield return new JsonObject { ["content"] = piece };
    }

    private byte[] Chunk(int index, JsonObject delta, string? finish = null)
    {
        var chunk = Head("chat.completion.chunk", new JsonArray(
            new JsonObject { ["index"] = index, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish }));
        if (request.IncludeUsage)
            chunk["usage"] = null; // present and null until the last chunk
        return WireJson.Event(chunk);
    }

    private JsonObject Head(string kind, JsonArray choices) => new()
    {
        ["id"] = id,
        ["object"] = kind,
        ["created"] = created,
        ["model"] = request.Model,
        ["choices"] = choices,
        ["service_tier"] = "default",
        ["system_fingerprint"] = "fp_emulator",
    };

    private static JsonObject ToolCall(ToolCall call, string arguments) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    private JsonObject Usage()
    {
        var completion = answer.ReasoningTokens + (answer.CompletionTokens - answer.ReasoningTokens) * request.Choices;
        return new()
        {
            ["prompt_tokens"] = answer.PromptTokens,
            ["completion_tokens"] = completion,
            ["total_tokens"] = answer.PromptTokens + completion,
            ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0, ["audio_tokens"] = 0 },
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = answer.ReasoningTokens,
                ["audio_tokens"] = 0,
                ["accepted_prediction_tokens"] = 0,
                ["rejected_prediction_tokens"] = 0,
            },
        };
    }
}
