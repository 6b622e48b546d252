using System.Globalization;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Why a key or session does not let a request in. <paramref name="RetryAfter"/>: null where waiting does not help.</summary>
public sealed record KeyRefusal(OpenAiError Error, string Outcome, TimeSpan? RetryAfter)
{
    // The claim is asked for at once; an exchange with the database takes less.
    private static readonly TimeSpan SoonAgain = TimeSpan.FromSeconds(1);

    /// <summary>As OpenAI answers: to a caller, a model that it may not use is not there.</summary>
    public static KeyRefusal Model() => new(
        new OpenAiError(
            StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found",
            "The model that this request names does not exist, or this virtual key may not use it: GET /v1/models lists what it may; an operator can issue a key for more.", "model"),
        Outcomes.Refused, RetryAfter: null);

    public static KeyRefusal Session(int perMinute, TimeSpan wait) => RateLimited(
        $"A session may make {perMinute} requests in a minute: try again in {RetryHeaders.Seconds(wait)} s, or have an operator raise GatewayOps:Proxy:SessionRequestsPerMinute.", wait);

    public static KeyRefusal Of(VirtualKey key, KeyShortage shortage)
    {
        var what = shortage.Kind == KeyAmounts.Usd ? $"{shortage.Limit.ToString("0.######", CultureInfo.InvariantCulture)} US dollars" : $"{shortage.Limit:0} {shortage.Kind}";
        var rule = $"The virtual key {key.Name} may use {what} in a {shortage.Window.Words}";
        return (shortage.Room, shortage.Kind) switch
        {
            (KeyRoom.Unclaimed, _) => RateLimited($"{rule}, which several replicas of the proxy share; this one is claiming its part: try again in {RetryHeaders.Seconds(SoonAgain)} s.", SoonAgain),
            (KeyRoom.Never, KeyAmounts.Tokens) => RateLimited(
                $"{rule}, and this request may take {shortage.Amount:0}: lower max_completion_tokens or send less; an operator can issue a key with a larger limit.", wait: null),
            (_, KeyAmounts.Usd) => new KeyRefusal(
                new OpenAiError(
                    StatusCodes.Status402PaymentRequired, "insufficient_quota", "insufficient_quota",
                    $"{rule}, and what is left is not enough for this request. The next one begins in {RetryHeaders.Seconds(shortage.Reset)} s; an operator can issue a key with a larger budget."),
                Outcomes.Refused, RetryAfter: null),
            _ => RateLimited($"{rule}: try again in {RetryHeaders.Seconds(shortage.Reset)} s, or have an operator issue a key with a larger limit.", shortage.Reset),
        };
    }

    public void AddHeaders(IHeaderDictionary headers)
    {
        if (RetryAfter is { } wait)
        {
            RetryHeaders.After(headers, wait);
        }
        else if (Error.Status != StatusCodes.Status404NotFound)
        {
            RetryHeaders.Never(headers);
        }
    }

    private static KeyRefusal RateLimited(string message, TimeSpan? wait) =>
        new(new OpenAiError(StatusCodes.Status429TooManyRequests, "rate_limit_error", "rate_limit_exceeded", message), Outcomes.RateLimited, wait);
}
