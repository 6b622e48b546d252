using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Passes over every gateway that anything is desired of.</summary>
public sealed class AllGateways(IDbContextFactory<GatewayOpsDb> databases, DesiredStates desiredStates, Reconciler reconciler, Backoff backoff, TimeProvider time)
{
    // A gateway that hangs does not keep the others waiting; the client's limiter bounds the calls.
    private const int AtOnce = 4;

    /// <summary>Leaves out what somebody else is at, and on the interval what failed lately.</summary>
    public async Task ReconcileAsync(string trigger, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        (await desiredStates.GatewaysAsync(cancellationToken)).Where(gateway => trigger != RunTrigger.Interval || !backoff.Holds(gateway)),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (gateway, token) =>
        {
            if (await reconciler.TryReconcileAsync(gateway, trigger, token) is { } run)
            {
                backoff.Note(run);
            }
        });

    /// <summary>For an operator who wants to know: waits for its turn at each, and gives every run. <paramref name="gateway"/> null is all of them.</summary>
    public async Task<IReadOnlyList<Run>> AskedAsync(string? gateway, Actor actor, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            AuditLog.Append(db, actor, new("reconcile", gateway ?? "all") { Result = "asked" }, time.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
        }

        var runs = new List<Run>();
        foreach (var each in gateway is not null ? [gateway] : await desiredStates.GatewaysAsync(cancellationToken))
        {
            var run = await reconciler.ReconcileAsync(each, RunTrigger.Signal, cancellationToken);
            backoff.Note(run);
            runs.Add(run);
        }

        return runs;
    }
}
