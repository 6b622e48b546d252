using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation.Controls;

/// <summary>Keeps how operators want gateways to be reconciled. Each change is one transaction with its audit row.</summary>
public sealed class GatewayControls(IDbContextFactory<GatewayOpsDb> databases, IOptions<ReconciliationOptions> options, TimeProvider time)
{
    /// <summary>What holds for a gateway; what is set for all of them where nobody said anything about this one.</summary>
    public async Task<GatewayControl> FindAsync(string gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await FindAsync(db, gateway, cancellationToken);
    }

    public async Task<GatewayControl> FindAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken) =>
        Of(gateway, await db.GatewayControls.AsNoTracking().SingleOrDefaultAsync(row => row.Gateway == gateway, cancellationToken));

    /// <summary>What holds for a gateway whose row this is.</summary>
    public GatewayControl Of(string gateway, GatewayControlRow? row) => row is null
        ? new(gateway, options.Value.DefaultMode, [], Paused: null, Version: 0, UpdatedAt: null)
        : new(
            gateway,
            SnakeCaseEnum<ReconcileMode>.Parse(row.Mode),
            StoredJson.Read<IReadOnlyList<string>>(row.Ignored),
            row is { PausedAt: { } at, PausedBy: { } by } ? new Pause(at, by, row.PauseReason) : null,
            VersionOf(row),
            row.UpdatedAt);

    /// <summary>For whoever is about to write to Cloudflare because he was asked to. Throws <see cref="GatewayPausedException"/>.</summary>
    public async Task DemandRunningAsync(IEnumerable<string> gateways, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var asked = gateways.ToList();
        if (await db.GatewayControls.AsNoTracking().Where(row => asked.Contains(row.Gateway) && row.PausedAt != null).OrderBy(row => row.Gateway).FirstOrDefaultAsync(cancellationToken) is { } paused)
        {
            throw new GatewayPausedException(Of(paused.Gateway, paused));
        }
    }

    /// <summary>Null when the precondition does not hold.</summary>
    public Task<GatewayControl?> SetAsync(string gateway, ReconcileMode mode, IReadOnlyList<string> ignored, Precondition precondition, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync(gateway, "gateway.control", precondition, actor, row =>
        {
            row.Mode = SnakeCaseEnum<ReconcileMode>.Of(mode);
            row.Ignored = StoredJson.Write(ignored.Order(StringComparer.Ordinal));
        }, cancellationToken);

    /// <summary>One that is paused keeps the time, the person and the reason of its first pause.</summary>
    public async Task<GatewayControl> PauseAsync(string gateway, string? reason, Actor actor, CancellationToken cancellationToken) =>
        (await ChangeAsync(gateway, "gateway.pause", precondition: null, actor, row =>
        {
            if (row.PausedAt is null)
            {
                (row.PausedAt, row.PausedBy, row.PauseReason) = (time.GetUtcNow(), actor.Name, reason);
            }
        }, cancellationToken))!;

    /// <summary>Ends the pause, and with it the contests: what somebody else kept putting back is ours again, from the beginning.</summary>
    public async Task<GatewayControl> ResumeAsync(string gateway, Actor actor, CancellationToken cancellationToken) =>
        (await ChangeAsync(gateway, "gateway.resume", precondition: null, actor, row => (row.PausedAt, row.PausedBy, row.PauseReason) = (null, null, null), cancellationToken,
            (db, token) => db.Contests.Where(contest => contest.Gateway == gateway).ExecuteDeleteAsync(token)))!;

    private async Task<GatewayControl?> ChangeAsync(
        string gateway, string action, Precondition? precondition, Actor actor, Action<GatewayControlRow> change, CancellationToken cancellationToken,
        Func<GatewayOpsDb, CancellationToken, Task<int>>? besides = null)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Two first changes of one gateway at once: one of them makes the row, and both then wait for it.
        var isNew = await db.Database.ExecuteSqlAsync(
            $"insert into gateway_controls (gateway, mode, ignored, updated_at) values ({gateway}, {SnakeCaseEnum<ReconcileMode>.Of(options.Value.DefaultMode)}, '[]', {now}) on conflict do nothing", cancellationToken) == 1;
        var row = (await db.GatewayControls.FromSql($"select *, xmin from gateway_controls where gateway = {gateway} for update").ToListAsync(cancellationToken)).Single();
        if (precondition?.Holds(isNew ? 0 : VersionOf(row)) == false)
        {
            return null;
        }

        var before = HashOf(row);
        change(row);
        var after = HashOf(row);
        var ended = besides is null ? 0 : await besides(db, cancellationToken);
        AuditLog.Append(db, actor, new(action, gateway) { BeforeHash = before, AfterHash = after, Result = before == after && ended == 0 ? "unchanged" : "ok" }, now);
        if (before != after || ended > 0)
        {
            row.UpdatedAt = now;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return Of(gateway, row);
    }

    private static string HashOf(GatewayControlRow row) => TextHash.Of(
        StoredJson.Write(new { row.Mode, row.Ignored, row.PausedAt, row.PausedBy, row.PauseReason }));

    // PostgreSQL's row version has 32 bits; as a tag it is only compared.
    private static int VersionOf(GatewayControlRow row) => unchecked((int)row.Version);
}
