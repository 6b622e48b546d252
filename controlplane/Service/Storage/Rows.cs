namespace GatewayOps.ControlPlane.Storage;

/// <summary>A rule set by name. Its revisions stay when it is removed.</summary>
public sealed class RuleSetRow
{
    public required string Name { get; init; }
    public int LatestRevision { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? RemovedAt { get; set; }
    public uint Version { get; set; }
}

/// <summary>An immutable revision; <see cref="Document"/> holds the author's bytes.</summary>
public sealed class RevisionRow
{
    public required string RuleSet { get; init; }
    public required int Number { get; init; }
    public required string Hash { get; init; }
    public required byte[] Document { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string CreatedBy { get; init; }
}

/// <summary>Appended, never changed. The newest row per gateway and rule set is the active one; a null revision means deactivated.</summary>
public sealed class ActivationRow
{
    public long Id { get; init; }
    public required string Gateway { get; init; }
    public required string RuleSet { get; init; }
    public int? Revision { get; init; }

    /// <summary>execute, rollback or remove.</summary>
    public required string Kind { get; init; }
    public required DateTimeOffset ActivatedAt { get; init; }
    public required string ActivatedBy { get; init; }
}

/// <summary>What the reconciler last knew of a gateway.</summary>
public sealed class GatewayStatusRow
{
    public required string Gateway { get; init; }

    /// <summary>Label of the revisions that were last applied without an error, or null.</summary>
    public string? AppliedRevision { get; set; }

    /// <summary>JSON array of conditions: type, status, reason, message, lastTransitionTime.</summary>
    public required string Conditions { get; set; }

    /// <summary>JSON array of the changes of the last observation (drift).</summary>
    public required string Drift { get; set; }
    public DateTimeOffset? ObservedAt { get; set; }
    public DateTimeOffset? AppliedAt { get; set; }
    public uint Version { get; set; }
}

/// <summary>One pass of the reconciler over one gateway.</summary>
public sealed class RunRow
{
    public required Guid Id { get; init; }
    public required string Gateway { get; init; }

    /// <summary>execute, rollback, interval, signal, keys or resume.</summary>
    public required string Trigger { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>running, succeeded, failed or interrupted.</summary>
    public required string Outcome { get; set; }
    public string? Revision { get; set; }
    public string? PlanHash { get; set; }

    /// <summary>JSON array of the changes with the result of each.</summary>
    public required string Changes { get; set; }
    public string? Error { get; set; }
}

/// <summary>Write-ahead journal of calls that change Cloudflare. Inserted before the call; resolved after a crash by reading Cloudflare, never by repeating the call blindly.</summary>
public sealed class OperationRow
{
    public required Guid Id { get; init; }
    public required Guid RunId { get; init; }
    public required string Gateway { get; init; }

    /// <summary>gateway, secret_store, secret or provider_config.</summary>
    public required string Kind { get; init; }

    /// <summary>Deterministic name of the object.</summary>
    public required string Key { get; init; }

    /// <summary>create, update or delete.</summary>
    public required string Op { get; init; }
    public required string PayloadHash { get; init; }

    /// <summary>pending, done, failed or resolved.</summary>
    public required string Status { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }
    public string? Detail { get; set; }
}

/// <summary>What we created in Cloudflare. Nothing outside it is ever deleted.</summary>
public sealed class InventoryRow
{
    public required string Kind { get; init; }
    public required string Gateway { get; init; }
    public required string Key { get; init; }
    public required string CloudflareId { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A stored provider key that the control plane declared. The value is only ever in Cloudflare's Secrets Store.</summary>
public sealed class ProviderKeyRow
{
    public required string Gateway { get; init; }
    public required string Provider { get; init; }
    public required string Alias { get; init; }

    /// <summary>Name in the Secrets Store: {gateway}_{provider}_{alias}.</summary>
    public required string SecretName { get; init; }

    /// <summary>First 12 hex digits of the keyed hash of the value.</summary>
    public required string Fingerprint { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? RotatedAt { get; set; }
}

/// <summary>One row for each change that somebody asked for, written in the transaction of the change.</summary>
public sealed class AuditRow
{
    public long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Target { get; init; }
    public required string RequestId { get; init; }
    public string? BeforeHash { get; init; }
    public string? AfterHash { get; init; }
    public required string Result { get; init; }
}

/// <summary>The stored answer to a write that carried an Idempotency-Key.</summary>
public sealed class IdempotencyRow
{
    public required string Principal { get; init; }
    public required string Key { get; init; }
    public required string RequestHash { get; init; }

    /// <summary>Null while the first request is still in flight.</summary>
    public int? Status { get; set; }
    public byte[]? Body { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

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
}
