namespace GatewayOps.ControlPlane.Usage;

/// <summary>What requests came to, for one group or all. Durations are interpolated of buckets: <see cref="LatencyBuckets"/> says how far they may be off.</summary>
public sealed record UsageGroup
{
    /// <summary>Null for all together.</summary>
    public string? Group { get; init; }
    public long Requests { get; init; }
    public long TokensIn { get; init; }
    public long TokensOut { get; init; }
    public decimal CostUsd { get; init; }
    public long CacheHits { get; init; }

    /// <summary>All that did not end ok and were not cancelled by their caller.</summary>
    public long Errors { get; init; }
    public long Streams { get; init; }
    public long Truncated { get; init; }
    public long RateLimited { get; init; }

    /// <summary>Answered by an attempt after the first.</summary>
    public long Fallbacks { get; init; }
    public long Attempts { get; init; }
    public long ClientErrors { get; init; }
    public long UpstreamErrors { get; init; }
    public long Timeouts { get; init; }
    public long Refused { get; init; }
    public long Cancelled { get; init; }
    public long TokensCached { get; init; }
    public long TokensCacheWrite { get; init; }
    public long TokensReasoning { get; init; }

    /// <summary>Answers whose cost is not known: not part of <see cref="CostUsd"/>.</summary>
    public long Unpriced { get; init; }

    /// <summary>Of the requests that the cache or a provider was asked for, those from the cache; null where there were none.</summary>
    public double? HitRatio { get; init; }
    public double? P50Ms { get; init; }
    public double? P95Ms { get; init; }
    public double? P99Ms { get; init; }

    /// <summary>What the answers from the cache would have cost.</summary>
    public decimal SavedUsd { get; init; }
}

/// <summary>Answers from the cache of one model within a group, and the tokens that they stand for.</summary>
public sealed record UsageHits(string Group, string Provider, string Model, long Hits, long WithTokens, TokenUsage Tokens);

/// <summary>Usage of a span, which may begin earlier and end later than was asked for where finer totals are gone. <paramref name="TotalTokens"/>: of answers that were not from the cache.</summary>
public sealed record UsageTotals(DateTimeOffset Since, DateTimeOffset? Until, IReadOnlyList<UsageGroup> Groups, UsageGroup Total, IReadOnlyList<UsageHits> Hits, TokenUsage TotalTokens);
