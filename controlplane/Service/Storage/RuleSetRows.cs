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

    /// <summary>Whether what the active revisions no longer name may be deleted, as long as this is the gateway's newest activation.</summary>
    public bool Prune { get; init; }

    /// <summary>Whether that may be most of what we made there.</summary>
    public bool AllowMassDelete { get; init; }
    public required DateTimeOffset ActivatedAt { get; init; }
    public required string ActivatedBy { get; init; }
}
