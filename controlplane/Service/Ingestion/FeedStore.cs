using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>How far each source of each gateway was read, what was chosen, and what was found missing.</summary>
public sealed class FeedStore(IDbContextFactory<GatewayOpsDb> databases, TimeProvider time)
{
    private const int MostShown = 1000;

    public async Task<IReadOnlyList<LogFeedRow>> OfAsync(string gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogFeeds.AsNoTracking().Where(row => row.Gateway == gateway).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<LogFeedRow>> FeedsAsync(string? gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogFeeds.AsNoTracking().Where(row => gateway == null || row.Gateway == gateway).OrderBy(row => row.Gateway).ThenBy(row => row.Source).Take(MostShown).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<LogSourceRow>> ChoicesAsync(string? gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogSources.AsNoTracking().Where(row => gateway == null || row.Gateway == gateway).OrderBy(row => row.Gateway).ThenBy(row => row.Since).Take(MostShown).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<LogGapRow>> GapsAsync(string? gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogGaps.AsNoTracking().Where(row => gateway == null || row.Gateway == gateway).OrderByDescending(row => row.FoundAt).Take(MostShown).ToListAsync(cancellationToken);
    }

    /// <summary>False when it was found before; then it lasts until now.</summary>
    public async Task<bool> AddGapAsync(string gateway, string source, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        (from, to) = (from.ToUniversalTime(), to.ToUniversalTime());
        var isNew = await db.Database.ExecuteSqlAsync(
            $"insert into log_gaps (gateway, source, from_at, to_at, found_at) values ({gateway}, {source}, {from}, {to}, {time.StoredNow()}) on conflict do nothing",
            cancellationToken) == 1;
        if (!isNew)
        {
            await db.LogGaps.Where(gap => gap.Gateway == gateway && gap.Source == source && gap.FromAt == from && gap.ToAt < to).ExecuteUpdateAsync(set => set.SetProperty(gap => gap.ToAt, to), cancellationToken);
        }

        return isNew;
    }

    /// <summary>Forgets gaps and choices that ended before: rows of then are gone. Keys go in portions, so that no transaction is long.</summary>
    public async Task TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        before = before.ToUniversalTime();
        await db.Database.ExecuteSqlAsync($"delete from log_gaps where to_at < {before}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from log_sources s where since < (select max(since) from log_sources o where o.gateway = s.gateway and o.since < {before})", cancellationToken);
        await db.Database.ExecuteSqlAsync($"delete from log_backfills where finished_at < {before}", cancellationToken);
        while (await db.Database.ExecuteSqlAsync(
            $"delete from gateway_log_keys where ctid = any(array(select ctid from gateway_log_keys where created_at < {before} limit 50000))", cancellationToken) > 0)
        {
        }
    }
}
