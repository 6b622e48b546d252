namespace GatewayOps.ControlPlane.Storage;

/// <summary>
/// What the request records of one hour or day came to, for one virtual key, gateway, provider and model. The trigger `usage_roll_up` of request_records keeps it: in the transaction that
/// writes the records, so that each counts once. Of one key and day at most 500 names are kept; later ones are `_other`.
/// </summary>
public sealed class UsageRollupRow
{
    /// <summary>hour or day.</summary>
    public required string Grain { get; init; }

    /// <summary>Where the hour or day begins, UTC.</summary>
    public required DateTimeOffset Bucket { get; init; }

    /// <summary>Empty for requests without one.</summary>
    public required string VirtualKey { get; init; }
    public required string Gateway { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public long Requests { get; init; }

    /// <summary>Those that a provider was asked for: not refused before, not from the cache.</summary>
    public long Answered { get; init; }
    public long ClientErrors { get; init; }
    public long UpstreamErrors { get; init; }
    public long Timeouts { get; init; }
    public long Truncated { get; init; }
    public long Cancelled { get; init; }
    public long RateLimited { get; init; }
    public long Refused { get; init; }
    public long Streams { get; init; }
    public long CacheHits { get; init; }
    public long Attempts { get; init; }

    /// <summary>Answered by an attempt after the first.</summary>
    public long Fallbacks { get; init; }

    /// <summary>Answered, at a cost that is not known.</summary>
    public long Unpriced { get; init; }
    public long TokensIn { get; init; }
    public long TokensOut { get; init; }
    public long TokensCached { get; init; }
    public long TokensCacheWrite { get; init; }
    public long TokensReasoning { get; init; }

    /// <summary>Of the tokens, those of answers from the cache: what a saving is computed of.</summary>
    public long HitTokensIn { get; init; }
    public long HitTokensOut { get; init; }
    public long HitTokensCached { get; init; }
    public long HitsWithTokens { get; init; }
    public decimal CostUsd { get; init; }

    /// <summary>Requests by duration; the bounds are `LatencyBuckets` of the feature Usage.</summary>
    public required int[] Latency { get; init; }
}

/// <summary>A day whose records are from before there were roll-ups, and are not counted yet.</summary>
public sealed class UsageBacklogRow
{
    public required DateOnly Day { get; init; }
}
