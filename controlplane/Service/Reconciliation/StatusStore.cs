using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What the last pass over a gateway left behind. Written under the gateway's lock only.</summary>
public sealed class StatusStore(TimeProvider time, ReconciliationMetrics metrics)
{
    /// <summary>Null for a gateway that no pass has looked at.</summary>
    public static async Task<GatewayStatus?> FindAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken) =>
        await db.GatewayStatuses.AsNoTracking().SingleOrDefaultAsync(status => status.Gateway == gateway, cancellationToken) is { } row ? GatewayStatus.Of(row) : null;

    public async Task WriteAsync(GatewayOpsDb db, string gateway, PassFacts facts, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = await db.GatewayStatuses.FindAsync([gateway], cancellationToken);
        if (row is null)
        {
            row = new GatewayStatusRow { Gateway = gateway, Conditions = "[]", Drift = "[]" };
            db.GatewayStatuses.Add(row);
        }

        row.Conditions = StoredJson.Write(Conditions.Of(facts, StoredJson.Read<IReadOnlyList<Condition>>(row.Conditions), now));
        if ((facts.Remaining ?? facts.Found) is { } seen)
        {
            row.Drift = StoredJson.Write(seen.Changes);
            row.ObservedAt = now;
        }

        if (facts is { Fault: null, Remaining: { Exists: true, IsEmpty: true } done } && (row.AppliedRevision != done.Revision || facts.Found is { IsEmpty: false }))
        {
            row.AppliedRevision = done.Revision;
            row.AppliedAt = now;
        }

        await db.SaveChangesAsync(cancellationToken);
        metrics.Status(GatewayStatus.Of(row));
    }
}

/// <summary>A status row, read.</summary>
public sealed record GatewayStatus(string Gateway, string? Applied, IReadOnlyList<Condition> Conditions, IReadOnlyList<Change> Drift, DateTimeOffset? ObservedAt, DateTimeOffset? AppliedAt)
{
    public static GatewayStatus Of(GatewayStatusRow row) => new(
        row.Gateway, row.AppliedRevision, StoredJson.Read<IReadOnlyList<Condition>>(row.Conditions), StoredJson.Read<IReadOnlyList<Change>>(row.Drift), row.ObservedAt, row.AppliedAt);
}
