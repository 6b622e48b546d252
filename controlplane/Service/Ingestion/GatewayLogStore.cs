using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>The rows of gateways' logs, as they are read.</summary>
public sealed class GatewayLogStore(IDbContextFactory<GatewayOpsDb> databases)
{
    /// <summary>The gateways that we know of: with a status, an activation, a stored key or an object of ours.</summary>
    public async Task<IReadOnlyList<string>> GatewaysAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GatewayStatuses.Select(row => row.Gateway)
            .Union(db.Activations.Select(row => row.Gateway))
            .Union(db.ProviderKeys.Select(row => row.Gateway))
            .Union(db.Inventory.Select(row => row.Gateway))
            .Where(gateway => gateway != "")
            .Order()
            .ToListAsync(cancellationToken);
    }

    /// <summary>Up to <paramref name="limit"/> entries that pass the filter, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<GatewayLogRow>> ListAsync(LogFilter filter, LogPlace? after, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = filter.Of(db, db.GatewayLogs.AsNoTracking());
        if (after is not null)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.CreatedAt, row.Gateway, row.Id), ValueTuple.Create(after.CreatedAt, after.Gateway, after.Id)))
                // Said once more, so that days after it are not looked into.
                .Where(row => row.CreatedAt <= after.CreatedAt);
        }
        return await rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Gateway).ThenByDescending(row => row.Id)
            .Take(limit).ToListAsync(cancellationToken);
    }
}
