using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Which runs; null is all of them.</summary>
public sealed record RunFilter(string? Gateway = null, string? Trigger = null, string? Outcome = null);

/// <summary>The history of runs: newest first by id, which is ordered by time. Bounded per gateway.</summary>
public sealed class RunStore(IDbContextFactory<GatewayOpsDb> databases)
{
    /// <summary>Runs kept per gateway; their journal rows go with them.</summary>
    public const int KeptPerGateway = 500;

    /// <summary>The runs that fit, older than <paramref name="before"/>.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(RunFilter filter, Guid? before, int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Runs.AsNoTracking()
            .Where(run => (filter.Gateway == null || run.Gateway == filter.Gateway) && (filter.Trigger == null || run.Trigger == filter.Trigger)
                && (filter.Outcome == null || run.Outcome == filter.Outcome) && (before == null || run.Id < before))
            .OrderByDescending(run => run.Id)
            .Take(count)
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(Run.Of);
    }

    /// <summary>Forgets what is older than the newest <see cref="KeptPerGateway"/>. A pending journal row is never forgotten.</summary>
    public static async Task TrimAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken)
    {
        var oldest = await db.Runs.Where(run => run.Gateway == gateway).OrderByDescending(run => run.Id).Skip(KeptPerGateway).Select(run => (Guid?)run.Id).FirstOrDefaultAsync(cancellationToken);
        if (oldest is not null)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.Operations.Where(operation => operation.Gateway == gateway && operation.RunId <= oldest && operation.Status != Applying.OperationStatus.Pending).ExecuteDeleteAsync(cancellationToken);
            await db.Runs.Where(run => run.Gateway == gateway && run.Id <= oldest).ExecuteDeleteAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
