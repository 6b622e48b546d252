namespace GatewayOps.ControlPlane.Storage;

/// <summary>Cursor of log polling per gateway: everything up to <see cref="Through"/> minus the overlap window has been read.</summary>
public sealed class LogCursorRow
{
    public required string Gateway { get; init; }
    public required DateTimeOffset Through { get; set; }
    public DateTimeOffset? PolledAt { get; set; }
}

/// <summary>A row of a gateway's log as Cloudflare reported it. Partitioned by day.</summary>
public sealed class GatewayLogRow
{
    public required string Gateway { get; init; }

    /// <summary>Cloudflare's id (ULID).</summary>
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required string Path { get; init; }
    public int? StatusCode { get; init; }
    public required bool Success { get; init; }
    public required bool Cached { get; init; }
    public required double DurationMs { get; init; }
    public long? TokensIn { get; init; }
    public long? TokensOut { get; init; }
    public decimal? CostUsd { get; init; }

    /// <summary>Our request id, where the proxy made the request.</summary>
    public string? RequestId { get; init; }
}
