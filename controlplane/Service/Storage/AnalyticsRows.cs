namespace GatewayOps.ControlPlane.Storage;

/// <summary>One minute of Cloudflare's analytics, as last told: a sample's estimate.</summary>
public sealed class AnalyticsBucketRow
{
    public required DateTimeOffset Minute { get; init; }
    public required string Gateway { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required int StatusCode { get; init; }
    public required bool Cached { get; init; }
    public required long Requests { get; init; }
    public required long Errors { get; init; }
    public required long TokensIn { get; init; }
    public required long TokensOut { get; init; }
    public required decimal CostUsd { get; init; }
    public double? MedianMs { get; init; }
    public double? P90Ms { get; init; }
    public double? P99Ms { get; init; }
}

/// <summary>How far a feed of Cloudflare's analytics was read.</summary>
public sealed class AnalyticsCursorRow
{
    public required string Feed { get; init; }

    /// <summary>Minutes before this are final: never read again.</summary>
    public required DateTimeOffset SettledUntil { get; init; }

    /// <summary>Minutes from there until this may still change.</summary>
    public required DateTimeOffset ReadUntil { get; init; }
    public required DateTimeOffset PolledAt { get; init; }
}
