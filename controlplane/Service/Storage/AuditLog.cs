namespace GatewayOps.ControlPlane.Storage;

/// <summary>Who asked for a change, in which request.</summary>
public sealed record Actor(string Name, string RequestId)
{
    /// <summary>The service itself: timers and repairs.</summary>
    public static Actor Service { get; } = new("gatewayops", "none");
}

/// <summary>What was asked for and what became of it. Hashes identify what was there before and after; secrets never get here.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Target">What it was done to, as its address ends: `gateway/prod`, `production-rules@3`.</param>
public sealed record AuditEntry(string Action, string Target)
{
    public string? BeforeHash { get; init; }
    public string? AfterHash { get; init; }

    /// <summary>One of <see cref="AuditResults"/>.</summary>
    public string Result { get; init; } = AuditResults.Ok;
}

/// <summary>
/// Writes audit rows into the transaction of the change, so that there is neither a change without its row nor a row without its change. Each row is also
/// an event for the webhooks.
/// </summary>
/// <remarks>
/// The order of locks: whatever the change locks, in the order that suits it, and the chain's own lock (`gatewayops-audit`) last, because the trigger that takes
/// it is deferred to the commit. A transaction may append first and lock later: it cannot wait for another one that waits for the chain.
/// </remarks>
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
