using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Past stretches of logs that were asked for. They are read by the poll job, in turns with the gateways, so that they share its calls; a restart goes on where the last page ended.</summary>
public sealed class Backfills(IEnumerable<IPolledSource> sources, AttemptStore store, IDbContextFactory<GatewayOpsDb> databases, TimeProvider time)
{
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    /// <summary>At the same time, over all gateways.</summary>
    public const int Most = 20;

    /// <summary>Null when so many are under way that another one would wait for them.</summary>
    public async Task<LogBackfillRow?> AddAsync(string gateway, string source, DateTimeOffset from, DateTimeOffset to, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.LogBackfills.CountAsync(row => row.Status == Running, cancellationToken) >= Most)
        {
            return null;
        }

        var row = new LogBackfillRow
        {
            Id = Guid.CreateVersion7(),
            Gateway = gateway,
            Source = source,
            FromAt = from.ToUniversalTime(),
            ToAt = to.ToUniversalTime(),
            Through = from.ToUniversalTime(),
            Status = Running,
            RequestedBy = actor.Name,
            RequestedAt = time.StoredNow(),
        };
        db.LogBackfills.Add(row);
        AuditLog.Append(db, actor, new AuditEntry(AuditActions.LogsBackfill, $"gateway/{gateway}"), row.RequestedAt);
        await db.SaveChangesAsync(cancellationToken);
        return row;
    }

    public async Task<LogBackfillRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogBackfills.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    /// <summary>The newest 200.</summary>
    public async Task<IReadOnlyList<LogBackfillRow>> ListAsync(string? gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogBackfills.AsNoTracking().Where(row => gateway == null || row.Gateway == gateway).OrderByDescending(row => row.RequestedAt).ThenBy(row => row.Id).Take(200).ToListAsync(cancellationToken);
    }

    /// <summary>Ends one that is under way; one that has ended stays what it is. Null when there is none.</summary>
    public async Task<LogBackfillRow?> CancelAsync(Guid id, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = await db.LogBackfills.FromSql($"select * from log_backfills where id = {id} for update").SingleOrDefaultAsync(cancellationToken);
        if (row is { Status: Running })
        {
            (row.Status, row.FinishedAt) = (Cancelled, time.StoredNow());
            AuditLog.Append(db, actor, new AuditEntry(AuditActions.LogsBackfillCancel, $"gateway/{row.Gateway}"), row.FinishedAt.Value);
            await db.SaveChangesAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>What is under way, to take its turns.</summary>
    public async Task<IReadOnlyList<ILogTurn>> OpenAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.LogBackfills.AsNoTracking().Where(row => row.Status == Running).OrderBy(row => row.RequestedAt).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new Turn(this, row, sources.First(source => source.Name == row.Source)))];
    }

    private async Task<bool> IsRunningAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.LogBackfills.AnyAsync(row => row.Id == id && row.Status == Running, cancellationToken);
    }

    private async Task EndAsync(Guid id, string status, string? error, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.StoredNow();
        await db.LogBackfills.Where(row => row.Id == id && row.Status == Running)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, status).SetProperty(row => row.Error, error).SetProperty(row => row.FinishedAt, now), cancellationToken);
    }

    private async Task NoteAsync(Guid id, string error, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.LogBackfills.Where(row => row.Id == id && row.Status == Running).ExecuteUpdateAsync(set => set.SetProperty(row => row.Error, error), cancellationToken);
    }

    private sealed class Turn(Backfills backfills, LogBackfillRow row, IPolledSource source) : ILogTurn
    {
        private LogRange _range = new(row.Gateway, LogRange.Again(row.Through), row.ToAt);

        public string Gateway => row.Gateway;

        public string Source => row.Source;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            if (!await backfills.IsRunningAsync(row.Id, cancellationToken))
            {
                return false;
            }

            AttemptPage page;
            try
            {
                page = await source.ReadAsync(_range, cancellationToken);
            }
            catch (CloudflareException e)
            {
                await (e.IsTransient ? backfills.NoteAsync(row.Id, e.Message, cancellationToken) : backfills.EndAsync(row.Id, Failed, e.Message, cancellationToken));
                throw;
            }

            try
            {
                await backfills.Store.AddAsync(page.Rows, new FeedMove(row.Gateway, row.Source) { Backfill = row.Id, Through = page.Through, RowsRead = page.Rows.Count }, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException && !Outage.MayPass(e))
            {
                await backfills.EndAsync(row.Id, Failed, "The rows that were read cannot be stored: the log of the replica that polls has the error (event 6011).", cancellationToken);
                throw;
            }

            FaultPoints.Reach("ingestion.backfilled");
            if (page.Rest is null)
            {
                await backfills.EndAsync(row.Id, Succeeded, null, cancellationToken);
                return false;
            }

            _range = page.Rest;
            return true;
        }
    }

    private AttemptStore Store => store;
}
