namespace GatewayOps.ControlPlane.Storage;

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

    /// <summary>Place in the chain, from 1 up without a gap; null in rows from before there was a chain. Set by the database, as the two hashes.</summary>
    public long? Sequence { get; init; }

    /// <summary>Hash of the row before; 64 zeros for the first.</summary>
    public string? PreviousHash { get; init; }

    /// <summary>SHA-256 over <see cref="PreviousHash"/> and every column above, 64 lower hex digits.</summary>
    public string? Hash { get; init; }
}

/// <summary>How far an event sink has been told of the audit rows.</summary>
public sealed class EventCursorRow
{
    /// <summary>Name of the sink in the settings.</summary>
    public required string Sink { get; init; }

    /// <summary>Sequence of the last row that it took.</summary>
    public long Sequence { get; set; }
    public int Attempts { get; set; }
    public DateTimeOffset? NextAttemptAt { get; set; }
    public string? LastError { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }
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
