namespace GatewayOps.ControlPlane.Storage;

/// <summary>One request through the proxy, with the eight columns of the contract and more. Partitioned by day, written by COPY.</summary>
public sealed class RequestRecordRow
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string RequestId { get; init; }
    public required string Method { get; init; }
    public required string Path { get; init; }
    public required string Gateway { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }

    /// <summary>
    /// What rules were matched by: the caller's model and its provider, before `providers` and fallback chose others. Null for a request that was refused before, and in rows from
    /// before there were these columns.
    /// </summary>
    public string? AskedModel { get; init; }
    public string? AskedProvider { get; init; }
    public string? SessionId { get; init; }
    public string? VirtualKey { get; init; }
    public required int Status { get; init; }

    /// <summary>ok, client_error, upstream_error, timeout, truncated, cancelled, rate_limited or refused.</summary>
    public required string Outcome { get; init; }
    public required double DurationMs { get; init; }
    public double? FirstByteMs { get; init; }
    public required bool Stream { get; init; }

    /// <summary>hit, miss or bypass.</summary>
    public required string CacheStatus { get; init; }
    public long? TokensIn { get; init; }
    public long? TokensOut { get; init; }
    public long? TokensCached { get; init; }
    public long? TokensReasoning { get; init; }
    public decimal? CostUsd { get; init; }
    public required int Attempts { get; init; }
    public required string Revision { get; init; }
    public string? Rule { get; init; }

    /// <summary>The first for a while to its model, whose provider may have had to load it. False in rows from before there was this column.</summary>
    public bool Cold { get; init; }

    /// <summary>The tokens are not as reported, or not all of them: the stream ended before it told its usage.</summary>
    public bool TokensEstimated { get; init; }

    /// <summary>Of the tokens in, those that were written to the provider's prompt cache; null where it does not tell.</summary>
    public long? TokensCacheWrite { get; init; }
}
