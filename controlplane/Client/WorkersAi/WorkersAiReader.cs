using System.Text.Json;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Wire;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.WorkersAi;

/// <summary>What Workers AI answers: an envelope of `result`, `success`, `errors`, `messages`, or events of `response`. Source: checklist S4-11 and S4-15; Cloudflare contract, section 16.</summary>
internal sealed class WorkersAiReader(WorkersAiOptions options)
{
    /// <summary>`result` of an envelope that says success.</summary>
    public JsonElement Result(byte[] body, string model, string? requestId)
    {
        JsonElement root;
        try
        {
            root = JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException e)
        {
            throw NoResult(body, requestId, "it is not JSON", e);
        }
        if (root.MemberOf("success").ValueKind == JsonValueKind.False) throw WorkersAiErrors.Explain(200, ErrorAnswer.Read(root, options.ApiToken), requestId, null, model, options);
        return root.MemberOf("result") is { ValueKind: JsonValueKind.Object } result ? result : throw NoResult(body, requestId, $"it has no `result`{Errors(root)}", null);
    }

    public Turn Whole(byte[] body, string model, AnswerHeaders headers)
    {
        var result = Result(body, model, headers.RequestId);
        var text = TextOf(result) ?? throw NoResult(body, headers.RequestId, "it has no `result.response`", null);
        return TurnOf(text, UsageReader.Read(result.MemberOf("usage")), model, headers);
    }

    public static Turn TurnOf(string text, UsageDetails? usage, string model, AnswerHeaders headers) => new()
    {
        Message = new ChatMessage(ChatRole.Assistant, text),
        FinishReason = ChatFinishReason.Stop,
        Usage = usage,
        Id = headers.RequestId,
        Model = model,
        Headers = headers,
    };

    /// <summary>One event of a stream; most have text, the last ones usage.</summary>
    public (string Text, UsageDetails? Usage) Piece(string data, string model, string? requestId)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            var root = document.RootElement;
            if (root.MemberOf("errors") is { ValueKind: JsonValueKind.Array } || root.MemberOf("error").ValueKind is JsonValueKind.Object or JsonValueKind.String)
                throw WorkersAiErrors.Explain(null, ErrorAnswer.Read(root, options.ApiToken), requestId, null, model, options);
            return (FirstChoice(root) is { } choice ? choice.MemberOf("delta").StringOf("content") ?? "" : TextOf(root) ?? "", UsageReader.Read(root.MemberOf("usage")));
        }
        catch (JsonException e)
        {
            throw new GatewayException("An event of the stream is no part of an answer.", new GatewayFailure(null, null, requestId), e);
        }
    }

    public WorkersAiBatchAnswer Answer(JsonElement answer)
    {
        var reference = answer.StringOf("external_reference") ?? "";
        return answer.MemberOf("success").ValueKind == JsonValueKind.False ? new(reference, null, ErrorAnswer.Read(answer, options.ApiToken).Message) : new(reference, TextOf(answer.MemberOf("result")) ?? "", null);
    }

    // Newer models put a chat completion into the result.
    private static JsonElement? FirstChoice(JsonElement result) => result.MemberOf("choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0 ? choices[0] : null;

    private static string? TextOf(JsonElement result) =>
        FirstChoice(result) is { } choice ? choice.MemberOf("message").StringOf("content") ?? ""
        : result.MemberOf("response") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json => json.GetRawText(),
            _ => null,
        };

    private GatewayException NoResult(byte[] body, string? requestId, string what, Exception? inner) =>
        new($"The answer is no answer of Workers AI: {what}. It begins: {ShownText.Head(body, options.ApiToken, 200)}", new GatewayFailure(200, null, requestId), inner);

    private string Errors(JsonElement root) =>
        root.MemberOf("errors") is { ValueKind: JsonValueKind.Array } errors && errors.GetArrayLength() > 0 ? $"; its errors are {ErrorAnswer.Read(root, options.ApiToken).Message}" : "";
}
