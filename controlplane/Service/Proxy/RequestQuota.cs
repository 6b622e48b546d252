using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What the quota of a gateway leaves for one request. Room is taken for the provider that is about to be asked and given back when another one is; what the answer reports takes its place
/// (<see cref="UsageLedger.Settle"/>). So the quota is exceeded on one replica by no more than what the requests under way use beyond their estimates.
/// </summary>
public sealed class RequestQuota(UsageLedger ledger, Quota? quota, string gateway, Func<UpstreamTarget, UsageAmounts> estimate, TimeProvider time)
{
    private static readonly UsageBounds Boundless = new(null, null, null);

    public UsageHold? Hold { get; private set; }

    /// <summary>Null when the upstream may be asked, otherwise the answer: another provider may have a quota left, the gateway's own leaves none.</summary>
    public UpstreamFailure? Admit(UpstreamTarget target)
    {
        if (quota is null)
        {
            return null;
        }

        if (Hold is not null)
        {
            ledger.Release(Hold);
        }

        var provider = target.Provider.Slug;
        (Hold, var exhausted) = ledger.TryHold(gateway, BoundsOf(quota.Gateway), provider, BoundsOf(quota, provider), estimate(target));
        return exhausted is null ? null : Refusal(provider, exhausted);
    }

    /// <summary>What <see cref="Admit"/> would answer now; takes nothing.</summary>
    public UpstreamFailure? Foresee(UpstreamTarget target) =>
        quota is not null && ledger.Foresee(gateway, BoundsOf(quota.Gateway), target.Provider.Slug, BoundsOf(quota, target.Provider.Slug), estimate(target)) is { } exhausted
            ? Refusal(target.Provider.Slug, exhausted)
            : null;

    private UpstreamFailure Refusal(string provider, ExhaustedBound exhausted)
    {
        var now = time.GetUtcNow();
        var tomorrow = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        var message = $"What is left of today's quota of {exhausted.Bound:0.######} {(exhausted.Kind == "usd" ? "US dollars" : exhausted.Kind)} for {exhausted.Provider ?? $"the gateway {gateway}"} "
            + $"is not enough for this request. A new day begins at {tomorrow:yyyy-MM-ddTHH:mm:ssZ}; an operator can raise `quota` in a rule set.";
        return new UpstreamFailure(provider, Outcomes.Refused, new OpenAiError(StatusCodes.Status429TooManyRequests, "insufficient_quota", "insufficient_quota", message))
        {
            MayFallBack = exhausted.Provider is not null,
            RetryAfter = tomorrow - now,
        };
    }

    private static UsageBounds BoundsOf(Quota quota, string provider) => quota.Providers.TryGetValue(provider, out var own) ? BoundsOf(own) : Boundless;

    private static UsageBounds BoundsOf(QuotaAmounts amounts) => new(amounts.Requests, amounts.Tokens, amounts.Usd);
}
