namespace GatewayOps.ControlPlane.Usage;

/// <summary>What quotas count. <paramref name="Tokens"/>: in and out. A model without a known price costs nothing here, and an answer without a usage report has no tokens.</summary>
public readonly record struct UsageAmounts(long Requests, long Tokens, decimal Usd)
{
    public static UsageAmounts operator +(UsageAmounts a, UsageAmounts b) => new(a.Requests + b.Requests, a.Tokens + b.Tokens, a.Usd + b.Usd);

    public static UsageAmounts operator -(UsageAmounts a, UsageAmounts b) => new(a.Requests - b.Requests, a.Tokens - b.Tokens, a.Usd - b.Usd);

    /// <summary>Requests that were refused before a provider was asked, and answers from the cache, count in nothing. <see cref="DayUsage"/> says the same in SQL.</summary>
    public static UsageAmounts Of(UsageRecord record) => record.Attempts == 0 || record.Cache == "hit"
        ? default
        : new UsageAmounts(1, record.Tokens?.Total ?? 0, record.CostUsd ?? 0);
}

/// <summary>Bounds of one UTC day; null is none.</summary>
public sealed record UsageBounds(long? Requests, long? Tokens, decimal? Usd)
{
    /// <summary>The first bound that the amounts exceed (`requests`, `tokens`, `usd`), with its value; null when all hold.</summary>
    public (string Kind, decimal Bound)? ExceededBy(UsageAmounts amounts) =>
        amounts.Requests > Requests ? ("requests", Requests.Value)
        : amounts.Tokens > Tokens ? ("tokens", Tokens.Value)
        : amounts.Usd > Usd ? ("usd", Usd.Value)
        : null;
}
