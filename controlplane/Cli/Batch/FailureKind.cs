using GatewayOps.Client;

namespace GatewayOps.Cli.Batch;

/// <summary>How a failure is called in the output, and whether another attempt may help.</summary>
public static class FailureKind
{
    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(GatewayRateLimitedException)] = "rate_limited",
        [typeof(GatewayUnauthorizedException)] = "unauthorized",
        [typeof(GatewayInsufficientCreditsException)] = "insufficient_credits",
        [typeof(GatewayModelNotFoundException)] = "model_not_found",
        [typeof(GatewayNotFoundException)] = "gateway_not_found",
        [typeof(GatewayTimeoutException)] = "timeout",
        [typeof(GatewayTruncatedException)] = "truncated",
        [typeof(GatewayAnswerTooLargeException)] = "too_large",
    };

    // The gateway's own word for a provider that gave no answer, or half of one; its status is 400. Source: Cloudflare contract, section 13.
    private const string NoAnswerOfTheProvider = "2005";

    public static string Of(GatewayException failure) => Names.TryGetValue(failure.GetType(), out var name) ? name : failure.Status switch
    {
        _ when failure.Code == NoAnswerOfTheProvider => "provider_error",
        null => "unreachable",
        >= 500 => "provider_error",
        200 => "no_answer",
        _ => "refused",
    };

    /// <summary>The provider, the gateway or the way to it failed, and not the request.</summary>
    public static bool IsPassing(GatewayException failure) => Of(failure) is "timeout" or "truncated" or "unreachable" or "provider_error" or "no_answer";

    /// <summary>Every other line would meet the same.</summary>
    public static bool IsOfAll(GatewayException failure, BatchItem item) => failure switch
    {
        GatewayUnauthorizedException { Status: not 403 } => true, // 403 may be a guard that refuses this one prompt
        GatewayInsufficientCreditsException or GatewayNotFoundException => true,
        GatewayModelNotFoundException => item.Model is null,
        _ => false,
    };
}
