namespace GatewayOps.ControlPlane.Storage;

/// <summary>Cursor of log polling of the versions before there were several sources, whose replicas still write it; <see cref="LogFeedRow"/> took its place.</summary>
public sealed class LogCursorRow
{
    public required string Gateway { get; init; }
    public required DateTimeOffset Through { get; set; }
    public DateTimeOffset? PolledAt { get; set; }
}

/// <summary>How far one source of a gateway's log was read: everything up to <see cref="Through"/>, and everything up to <see cref="Swept"/> once more for rows that came late.</summary>
public sealed class LogFeedRow
{
    public required string Gateway { get; init; }

    /// <summary>logs, telemetry or otlp.</summary>
    public required string Source { get; init; }

    /// <summary>The time of the newest row that was read. Null before the first.</summary>
    public DateTimeOffset? Through { get; set; }
    public DateTimeOffset? Swept { get; set; }

    /// <summary>The row at <see cref="Through"/> was there when the source was last read: should it be gone, rows may have gone unread with it.</summary>
    public bool Anchored { get; set; }

    /// <summary>When the source was last read to its end, or last delivered.</summary>
    public DateTimeOffset? PolledAt { get; set; }

    /// <summary>Rows that the source still had to be read when it was last asked; null where it did not say.</summary>
    public long? Backlog { get; set; }
}

/// <summary>From when on which source's rows without a request id count. A row belongs to the choice of its own time, so a change counts nothing twice.</summary>
public sealed class LogSourceRow
{
    public required string Gateway { get; init; }
    public required DateTimeOffset Since { get; init; }
    public required string Source { get; init; }
}

/// <summary>A stretch of time whose rows a source no longer had when it was read: some may have been lost.</summary>
public sealed class LogGapRow
{
    public required string Gateway { get; init; }
    public required string Source { get; init; }
    public required DateTimeOffset FromAt { get; init; }
    public required DateTimeOffset ToAt { get; set; }
    public required DateTimeOffset FoundAt { get; init; }
}

/// <summary>A past stretch of a gateway's log that was asked for, and how far it was read.</summary>
public sealed class LogBackfillRow
{
    public required Guid Id { get; init; }
    public required string Gateway { get; init; }

    /// <summary>logs or telemetry.</summary>
    public required string Source { get; init; }
    public required DateTimeOffset FromAt { get; init; }
    public required DateTimeOffset ToAt { get; init; }

    /// <summary>Everything before it was read.</summary>
    public required DateTimeOffset Through { get; set; }

    /// <summary>running, succeeded, failed or cancelled.</summary>
    public required string Status { get; set; }
    public long RowsRead { get; set; }
    public long RowsAdded { get; set; }

    /// <summary>Why it failed, or why the last try did.</summary>
    public string? Error { get; set; }
    public required string RequestedBy { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>
/// Who has a row of the log already, whatever source delivers it next. A unique index of a table that is partitioned by day must hold the day, which two sources may see
/// differently; so identity has a table of its own.
/// </summary>
public sealed class GatewayLogKeyRow
{
    /// <summary>From gateway, request id and attempt; without a request id from gateway, source and the source's id.</summary>
    public required Guid Key { get; init; }
    public required string Gateway { get; init; }
    public required string Source { get; init; }
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The bodies of a row, where they are asked for: redacted and cut. Partitioned by day.</summary>
public sealed class GatewayLogBodyRow
{
    public required string Gateway { get; init; }
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? Request { get; init; }
    public string? Response { get; init; }

    /// <summary>Something of them was left out for its length.</summary>
    public required bool Cut { get; init; }
}

/// <summary>A row of a gateway's log, which is one attempt, as its sources reported it. Partitioned by day.</summary>
public sealed class GatewayLogRow
{
    public required string Gateway { get; init; }

    /// <summary>The id of the source that delivered it first: Cloudflare's (ULID) from the logs API and the telemetry query, trace and span from OTLP.</summary>
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Which source delivered it first: logs, telemetry or otlp.</summary>
    public string Source { get; init; } = "logs";
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

    /// <summary>Which attempt of the request, from 1. Null where it is not known.</summary>
    public int? Attempt { get; init; }

    /// <summary>Without a request id nothing but its source vouches for it; it is never joined to a request by time.</summary>
    public bool Provisional => RequestId is null;
}
