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
