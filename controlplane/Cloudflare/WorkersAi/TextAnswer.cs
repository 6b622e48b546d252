using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>Tokens, and the neurons that they cost where that is told.</summary>
public sealed record ModelUsage(long PromptTokens, long CompletionTokens, long TotalTokens, decimal? Neurons)
{
    internal static ModelUsage? Read(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? new(element.Whole("prompt_tokens") ?? 0, element.Whole("completion_tokens") ?? 0, element.Whole("total_tokens") ?? 0, element.Decimal("neurons"))
        : null;
}

/// <summary>A call of a tool that the model asks for. `Arguments` is JSON text.</summary>
public sealed record ToolCall(string Name, string Arguments)
{
    // Workers AI has name and arguments side by side, OpenAI below `function` and the arguments as a text.
    internal static IReadOnlyList<ToolCall> ReadAll(JsonElement parent) => [.. parent.Items("tool_calls").Select(call =>
    {
        var function = call.Member("function") is { ValueKind: JsonValueKind.Object } found ? found : call;
        return new ToolCall(function.Text("name") ?? "", function.Member("arguments").ToString());
    })];
}

/// <summary>What a text model answered: in Workers AI's own shape, or in OpenAI's, which newer models use. `Text` is JSON text where JSON was asked for.</summary>
public sealed record TextAnswer(string Text, IReadOnlyList<ToolCall> ToolCalls, ModelUsage? Usage, string? FinishReason)
{
    internal static TextAnswer Read(JsonElement result)
    {
        if (result.Items("choices").Select(choice => (JsonElement?)choice).FirstOrDefault() is { } choice)
            return new(choice.Member("message").Text("content") ?? "", ToolCall.ReadAll(choice.Member("message")), ModelUsage.Read(result.Member("usage")), choice.Text("finish_reason"));
        if (result.ValueKind != JsonValueKind.Object) throw new JsonException("no text");
        var response = result.Member("response");
        return new(response.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "" : response.ToString(), ToolCall.ReadAll(result), ModelUsage.Read(result.Member("usage")), null);
    }
}

/// <summary>A piece of a streamed answer. The last one has the usage, and mostly no text.</summary>
public sealed record TextChunk(string Text, IReadOnlyList<ToolCall> ToolCalls, ModelUsage? Usage, string? FinishReason)
{
    internal static TextChunk Read(JsonElement data)
    {
        if (data.Items("choices").Select(choice => (JsonElement?)choice).FirstOrDefault() is { } choice)
            return new(choice.Member("delta").Text("content") ?? "", ToolCall.ReadAll(choice.Member("delta")), ModelUsage.Read(data.Member("usage")), choice.Text("finish_reason"));
        var response = data.Member("response");
        return new(response.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "" : response.ToString(), ToolCall.ReadAll(data), ModelUsage.Read(data.Member("usage")), null);
    }
}

/// <summary>Vectors of texts, in their order.</summary>
public sealed record Embeddings(IReadOnlyList<IReadOnlyList<float>> Vectors, string? Pooling)
{
    internal static Embeddings Read(JsonElement result) => new(
        [.. (result.Member("data") is { ValueKind: JsonValueKind.Array } data ? data : throw new JsonException("`data` is missing")).EnumerateArray().Select(vector => (IReadOnlyList<float>)[.. vector.EnumerateArray().Select(number => number.GetSingle())])],
        result.Text("pooling"));
}

/// <summary>A picture, a sound, or whatever else a model makes that is not JSON.</summary>
public sealed record BinaryOutput(byte[] Bytes, string? ContentType)
{
    internal static BinaryOutput Of(Answer answer) => new(answer.Body, answer.Response.Content.Headers.ContentType?.MediaType);
}
