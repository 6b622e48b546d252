namespace GatewayOps.ControlPlane.Storage;

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

    /// <summary>Fencing epoch of the gateway under which the run was made; 0 in rows from before there were epochs.</summary>
    public long Epoch { get; init; }

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

    /// <summary>gateway, secret_store, secret, provider_config, custom_provider, route or policy.</summary>
    public required string Kind { get; init; }

    /// <summary>Deterministic name of the object.</summary>
    public required string Key { get; init; }

    /// <summary>create, update or delete.</summary>
    public required string Op { get; init; }
    public required string PayloadHash { get; init; }

    /// <summary>Fencing epoch of the gateway under which the call was made; 0 in rows from before there were epochs.</summary>
    public long Epoch { get; init; }

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

/// <summary>How an operator wants a gateway to be reconciled. No row: enforce, nothing ignored, not paused.</summary>
public sealed class GatewayControlRow
{
    public required string Gateway { get; init; }

    /// <summary>enforce or observe.</summary>
    public required string Mode { get; set; }

    /// <summary>JSON array of subjects whose differences are left alone: `cache_ttl`, `route/chat`.</summary>
    public required string Ignored { get; set; }
    public DateTimeOffset? PausedAt { get; set; }
    public string? PausedBy { get; set; }
    public string? PauseReason { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }
    public uint Version { get; set; }
}

/// <summary>How often in a row a subject of a gateway (a field, an object) was put right and moved again: a fight between two writers shows here.</summary>
public sealed class ContestRow
{
    public required string Gateway { get; init; }

    /// <summary>As in <see cref="GatewayControlRow.Ignored"/>.</summary>
    public required string Subject { get; init; }

    /// <summary>Canonical JSON of the value that the other writer put last.</summary>
    public string? Theirs { get; set; }
    public int Flips { get; set; }
    public required DateTimeOffset LastAt { get; set; }

    /// <summary>Since when the subject is left alone because of the fight; null while there is none.</summary>
    public DateTimeOffset? PausedAt { get; set; }
}

/// <summary>Who may write to Cloudflare for a gateway: the epoch grows with each taking of the gateway's lock, and whoever holds an older one writes nothing.</summary>
public sealed class GatewayEpochRow
{
    public required string Gateway { get; init; }
    public long Epoch { get; set; }

    /// <summary>The replica that took it last.</summary>
    public required string Holder { get; set; }
    public required DateTimeOffset TakenAt { get; set; }
}

/// <summary>A plan that somebody was shown, so that it can be executed once, by its hash, until it expires.</summary>
public sealed class PlanRow
{
    public required Guid Id { get; init; }
    public required string RuleSet { get; init; }
    public required int Revision { get; init; }
    public required string Hash { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the plan may delete; an execution that says nothing of its own takes it over.</summary>
    public bool Prune { get; init; }
    public bool AllowMassDelete { get; init; }
    public DateTimeOffset? ExecutedAt { get; set; }
    public string? ExecutedBy { get; set; }

    /// <summary>Idempotency-Key of the execution: its repetition after a crash goes on where it was.</summary>
    public string? ExecutedKey { get; set; }
}

/// <summary>A replica of the service and what it has loaded. Rows of replicas that are gone are removed by the others.</summary>
public sealed class ReplicaRow
{
    public required string Id { get; init; }
    public required string Build { get; set; }
    public required DateTimeOffset StartedAt { get; set; }
    public required DateTimeOffset SeenAt { get; set; }

    /// <summary>JSON object: gateway to label of the revisions that it serves.</summary>
    public required string Loaded { get; set; }
}

/// <summary>The hand-over document of a Pulumi stack, as adopted. It holds no secrets.</summary>
public sealed class StackRow
{
    /// <summary>`project/stack`.</summary>
    public required string Name { get; init; }

    /// <summary>JSON of the document.</summary>
    public required string Document { get; set; }
    public required string Hash { get; set; }
    public required DateTimeOffset AdoptedAt { get; set; }
    public required string AdoptedBy { get; set; }
    public uint Version { get; set; }
}
