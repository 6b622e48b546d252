using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation.Contests;

/// <summary>Counts fights. Written under the gateway's lock only; the caller saves.</summary>
public sealed class ContestStore(TimeProvider time)
{
    /// <summary>Of what was found moved, the subjects that are fought over from now on.</summary>
    public async Task<IReadOnlySet<string>> FoundAsync(GatewayOpsDb db, string gateway, IEnumerable<Change> moved, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rows = await RowsAsync(db, gateway, cancellationToken);
        var fought = new HashSet<string>();
        foreach (var change in moved)
        {
            if (rows.TryGetValue(change.Subject, out var row) && ContestRules.IsFight(Contest.Of(row), now))
            {
                (row.Theirs, row.Flips, row.LastAt, row.PausedAt) = (change.From?.Json, row.Flips + 1, now, now);
                AuditLog.Append(db, Actor.Service, new("gateway.contest", $"{gateway}/{change.Subject}") { BeforeHash = ChangeHash.Of(change.To), AfterHash = ChangeHash.Of(change.From), Result = "contested" }, now);
                fought.Add(change.Subject);
            }
        }

        return fought;
    }

    /// <summary>What was put right because somebody had moved it counts one more; what was changed because an operator wanted another value begins anew.</summary>
    public async Task PutRightAsync(GatewayOpsDb db, string gateway, IReadOnlyCollection<(Change Change, bool Drift)> done, CancellationToken cancellationToken)
    {
        if (done.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var rows = await RowsAsync(db, gateway, cancellationToken);
        foreach (var (change, drift) in done.DistinctBy(entry => entry.Change.Subject))
        {
            var row = rows.GetValueOrDefault(change.Subject);
            if (!drift)
            {
                if (row is not null)
                {
                    db.Contests.Remove(row);
                }

                continue;
            }

            if (row is null)
            {
                db.Contests.Add(new ContestRow { Gateway = gateway, Subject = change.Subject, Theirs = change.From?.Json, Flips = 1, LastAt = now });
            }
            else
            {
                (row.Theirs, row.Flips, row.LastAt) = (change.From?.Json, ContestRules.FlipsAfter(Contest.Of(row), now), now);
            }
        }
    }

    private static async Task<Dictionary<string, ContestRow>> RowsAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken) =>
        await db.Contests.Where(contest => contest.Gateway == gateway).ToDictionaryAsync(contest => contest.Subject, cancellationToken);
}
