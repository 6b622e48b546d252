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
