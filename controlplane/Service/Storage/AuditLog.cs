namespace GatewayOps.ControlPlane.Storage;

/// <summary>Who asked for a change, in which request.</summary>
public sealed record Actor(string Name, string RequestId)
{
    /// <summary>The service itself: timers and repairs.</summary>
    public static Actor Service { get; } = new("gatewayops", "none");
}

/// <summary>What was asked for and what became of it. Hashes identify what was there before and after; secrets never get here.</summary>
public sealed record AuditEntry(string Action, string Target)
{
    public string? BeforeHash { get; init; }
    public string? AfterHash { get; init; }
    public string Result { get; init; } = "ok";
}

/// <summary>Writes audit rows into the transaction of the change, so that there is neither a change without its row nor a row without its change.</summary>
public static class AuditLog
{
    /// <summary>Adds the row to <paramref name="db"/>; it is written with the caller's next SaveChanges, in the caller's transaction.</summary>
    public static void Append(GatewayOpsDb db, Actor actor, AuditEntry entry, DateTimeOffset at) => db.Audit.Add(new AuditRow
    {
        At = at,
        Actor = actor.Name,
        Action = entry.Action,
        Target = entry.Target,
        RequestId = actor.RequestId,
        BeforeHash = entry.BeforeHash,
        AfterHash = entry.AfterHash,
        Result = entry.Result,
    });
}
