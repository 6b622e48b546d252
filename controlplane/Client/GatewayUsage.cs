using Microsoft.Extensions.AI;

namespace GatewayOps.Client;

/// <summary>
/// What an answer used, over all its turns. Tokens are null where no answer told them. Source: checklist S3-19.
/// </summary>
/// <param name="InputTokens">Tokens of the prompts, cached ones included.</param>
/// <param name="OutputTokens">Tokens of the answers, reasoning included.</param>
/// <param name="TotalTokens">Both, as the provider counts them.</param>
/// <param name="ReasoningTokens">Of the output, those that the model thought with.</param>
/// <param name="CachedInputTokens">Of the input, those that came from the provider's prompt cache.</param>
/// <param name="Provider">Who answered, by the slug of the gateway: as the answer says, else as was asked.</param>
/// <param name="Model">The model that answered, as it calls itself; null where it does not.</param>
/// <param name="RequestId">The id of the last turn at the gateway or the proxy; null where none was told.</param>
/// <param name="Turns">How often the model was asked, 1 or more.</param>
public sealed record GatewayUsage(
    long? InputTokens, long? OutputTokens, long? TotalTokens, long? ReasoningTokens, long? CachedInputTokens, string Provider, string? Model, string? RequestId, int Turns)
{
    internal const string ProviderProperty = "gatewayops.provider", RequestIdProperty = "gatewayops.request_id", TurnsProperty = "gatewayops.turns", CachedTurnsProperty = "gatewayops.cached_turns";

    /// <summary>Of the turns, those that the proxy's or the gateway's cache answered, 0 to <see cref="Turns"/>: no provider was asked.</summary>
    public int CachedTurns { get; init; }

    internal static GatewayUsage Of(ChatResponse response) => new(
        response.Usage?.InputTokenCount, response.Usage?.OutputTokenCount, response.Usage?.TotalTokenCount, response.Usage?.ReasoningTokenCount, response.Usage?.CachedInputTokenCount,
        Property(response, ProviderProperty) as string ?? "", response.ModelId, Property(response, RequestIdProperty) as string, Property(response, TurnsProperty) as int? ?? 1)
    {
        CachedTurns = Property(response, CachedTurnsProperty) as int? ?? 0,
    };

    // Where the updates of a stream are put together, what the last one says belongs to its message.
    private static object? Property(ChatResponse response, string name) =>
        response.AdditionalProperties?.GetValueOrDefault(name) ?? response.Messages.LastOrDefault(message => message.AdditionalProperties?.ContainsKey(name) == true)?.AdditionalProperties![name];

    internal GatewayUsage Plus(GatewayUsage other) => other with
    {
        InputTokens = Sum(InputTokens, other.InputTokens),
        OutputTokens = Sum(OutputTokens, other.OutputTokens),
        TotalTokens = Sum(TotalTokens, other.TotalTokens),
        ReasoningTokens = Sum(ReasoningTokens, other.ReasoningTokens),
        CachedInputTokens = Sum(CachedInputTokens, other.CachedInputTokens),
        Turns = Turns + other.Turns,
        CachedTurns = CachedTurns + other.CachedTurns,
    };

    private static long? Sum(long? a, long? b) => a is null ? b : b is null ? a : a + b;
}

/// <summary>What an answer of a <see cref="GatewayChatClient"/> says beyond the abstractions.</summary>
public static class GatewayResponseExtensions
{
    /// <summary>What the answer used, over all its turns; of a stream, after <see cref="ChatResponseExtensions.ToChatResponseAsync"/>.</summary>
    public static GatewayUsage GetGatewayUsage(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return GatewayUsage.Of(response);
    }
}

/// <summary>How an answer ended, beside the reasons of <see cref="ChatFinishReason"/>.</summary>
public static class GatewayFinishReason
{
    /// <summary>
    /// The model still asked for functions after <see cref="GatewayClientOptions.MaxTurns"/>: the functions of its last turn were not run, and their results in the messages say so. Source: checklist S3-15.
    /// </summary>
    public static ChatFinishReason MaxTurns { get; } = new("max_turns");
}

/// <summary>An answer of <see cref="GatewayChatClient.ChatAsync(string, string?, ChatOptions?, CancellationToken)"/>.</summary>
/// <param name="Text">What the model said.</param>
/// <param name="Usage">What it used, over all turns.</param>
/// <param name="Response">The whole answer, messages of functions included.</param>
public sealed record GatewayReply(string Text, GatewayUsage Usage, ChatResponse Response);

/// <summary>A typed answer.</summary>
/// <typeparam name="T">The type that was asked for.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="Usage">What it used, over all turns and a repair.</param>
/// <param name="Response">The whole answer of the last attempt.</param>
public sealed record GatewayReply<T>(T Value, GatewayUsage Usage, ChatResponse Response);
