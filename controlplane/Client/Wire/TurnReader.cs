using System.ClientModel.Primitives;
using System.Text.Json;
using GatewayOps.Client.Errors;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>One answer of a model, before anybody looks whether it calls functions.</summary>
internal sealed class Turn
{
    public required ChatMessage Message { get; init; }
    public required ChatFinishReason? FinishReason { get; init; }
    public required UsageDetails? Usage { get; init; }
    public required string? Id { get; init; }
    public required string? Model { get; init; }
    public required AnswerHeaders Headers { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A whole chat completion.</summary>
internal static class TurnReader
{
    public static Turn Read(PipelineResponse response, GatewayCall call, string model)
    {
        var headers = AnswerHeaders.Of(response);
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            var root = document.RootElement;
            if (root.MemberOf("error").ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)) throw call.Failure(root, headers.RequestId, model);
            var choices = root.MemberOf("choices");
            if (choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0) throw NoAnswer(response, call, headers, "has no choices", null);
            var choice = choices[0];
            return new Turn
            {
                Message = Message(choice.MemberOf("message"), root.StringOf("id")),
                FinishReason = FinishReasons.Of(choice.StringOf("finish_reason")),
                Usage = UsageReader.Read(root.MemberOf("usage")),
                Id = root.StringOf("id"),
                Model = root.StringOf("model"),
                Headers = headers,
                CreatedAt = JsonText.TimeOf(root.NumberOf("created")),
            };
        }
        catch (JsonException e)
        {
            throw NoAnswer(response, call, headers, "is not JSON", e);
        }
    }

    private static ChatMessage Message(JsonElement message, string? id)
    {
        var contents = new List<AIContent>();
        if ((message.StringOf("reasoning_content") ?? message.StringOf("reasoning")) is { Length: > 0 } thought) contents.Add(new TextReasoningContent(thought));
        if (Text(message.MemberOf("content")) is { Length: > 0 } text) contents.Add(new TextContent(text));
        if (message.StringOf("refusal") is { Length: > 0 } refusal) contents.Add(JsonText.Refused(refusal));
        if (message.MemberOf("tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray())
            {
                var function = call.MemberOf("function");
                contents.Add(JsonText.Call(call.StringOf("id") ?? $"call_{contents.Count}", function.StringOf("name") ?? "", JsonText.ArgumentsOf(function)));
            }
        }
        return new ChatMessage(ChatRole.Assistant, contents) { MessageId = id };
    }

    // Some providers answer in parts.
    private static string Text(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => part.StringOf("text"))),
        _ => "",
    };

    private static GatewayException NoAnswer(PipelineResponse response, GatewayCall call, AnswerHeaders headers, string what, Exception? inner) =>
        new($"The answer is no chat completion: it {what}. It begins: {ShownText.Head(response.Content.ToMemory().Span, call.Secret, 200)}", new GatewayFailure(response.Status, null, headers.RequestId), inner);
}

internal static class FinishReasons
{
    public static ChatFinishReason? Of(string? reason) => reason switch
    {
        null or "" => null,
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };
}

internal static class UsageReader
{
    public static UsageDetails? Read(JsonElement usage) => usage.ValueKind != JsonValueKind.Object ? null : new UsageDetails
    {
        InputTokenCount = usage.NumberOf("prompt_tokens"),
        OutputTokenCount = usage.NumberOf("completion_tokens"),
        TotalTokenCount = usage.NumberOf("total_tokens") ?? usage.NumberOf("prompt_tokens") + usage.NumberOf("completion_tokens"),
        CachedInputTokenCount = usage.MemberOf("prompt_tokens_details").NumberOf("cached_tokens"),
        ReasoningTokenCount = usage.MemberOf("completion_tokens_details").NumberOf("reasoning_tokens"),
    };
}
