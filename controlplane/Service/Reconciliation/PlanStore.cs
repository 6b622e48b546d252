using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Why a plan that a caller names cannot be executed.</summary>
public enum PlanRefusal
{
    /// <summary>Nobody was shown such a plan of this rule set, or it was forgotten since.</summary>
    Unknown,
    Executed,
    Expired,
}

/// <summary>
/// The plan that a caller names: <see cref="Row"/> is null only where it is unknown. <paramref name="IsRepetition"/>: this very request executed it before, and its
/// caller repeats it because no answer came.
/// </summary>
public sealed record NamedPlan(PlanRow? Row, PlanRefusal? Refusal, bool IsRepetition = false);

/// <summary>
/// The plans that were shown. A hash names what a plan does, a row the occasion on which somebody saw it: a row is executed once, and not after it expired.
/// </summary>
public sealed class PlanStore(IDbContextFactory<GatewayOpsDb> databases, IOptions<ReconciliationOptions> options, TimeProvider time)
{
    /// <summary>Plans are remembered this long after they expired, so that their execution is refused with the reason.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    /// <summary>Keeps the plan, and answers it with its id and its times.</summary>
    public async Task<RuleSetPlan> KeepAsync(RuleSetPlan plan, Actor actor, CancellationToken cancellationToken)
    {
        var now = time.StoredNow();
        var row = new PlanRow
        {
            Id = Guid.CreateVersion7(now),
            RuleSet = plan.RuleSet,
            Revision = plan.Revision,
            Hash = plan.Hash,
            CreatedBy = actor.Name,
            CreatedAt = now,
            ExpiresAt = now + options.Value.PlanLifetime,
            Prune = plan.Prune,
            AllowMassDelete = plan.AllowMassDelete,
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Plans.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        // Skips what another replica is forgetting at the same moment.
        await db.Database.ExecuteSqlAsync(
            $"delete from plans where id in (select id from plans where expires_at < {now - Remembered} order by id limit 1000 for update skip locked)", cancellationToken);
        return plan with { Id = row.Id, CreatedAt = row.CreatedAt, ExpiresAt = row.ExpiresAt };
    }

    /// <summary>The plan that an execution names by id or hash; by hash it is the newest that can be executed. Null when it names none.</summary>
    public async Task<NamedPlan?> FindAsync(Execution execution, Actor actor, CancellationToken cancellationToken)
    {
        if (execution.PlanId is null && execution.PlanHash is null)
        {
            return null;
        }

        // A hash that cannot exist need not reach the database, which refuses some characters with an error.
        if (!RuleSetName.IsValid(execution.RuleSet) || execution.PlanHash?.All(char.IsAsciiHexDigitLower) == false)
        {
            return new NamedPlan(Row: null, PlanRefusal.Unknown);
        }

        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var named = db.Plans.AsNoTracking().Where(plan =>
            plan.RuleSet == execution.RuleSet
            && (execution.PlanId == null || plan.Id == execution.PlanId)
            && (execution.PlanHash == null || plan.Hash == execution.PlanHash)
            && (execution.Revision == null || plan.Revision == execution.Revision));
        if (execution.Key is { } key && await named.FirstOrDefaultAsync(plan => plan.ExecutedBy == actor.Name && plan.ExecutedKey == key, cancellationToken) is { } own)
        {
            return new NamedPlan(own, Refusal: null, IsRepetition: true);
        }

        var row = await named.OrderBy(plan => plan.ExecutedAt != null).ThenBy(plan => plan.ExpiresAt <= now).ThenByDescending(plan => plan.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        return new NamedPlan(row, row switch
        {
            null => PlanRefusal.Unknown,
            { ExecutedAt: not null } => PlanRefusal.Executed,
            _ => row.ExpiresAt <= now ? PlanRefusal.Expired : null,
        });
    }

    /// <summary>Marks the plan executed in the caller's transaction. False when another request was faster.</summary>
    public async Task<bool> ConsumeAsync(GatewayOpsDb db, PlanRow plan, Execution execution, Actor actor, CancellationToken cancellationToken)
    {
        var now = time.StoredNow();
        return await db.Plans.Where(row => row.Id == plan.Id && row.ExecutedAt == null).ExecuteUpdateAsync(
            row => row.SetProperty(r => r.ExecutedAt, now).SetProperty(r => r.ExecutedBy, actor.Name).SetProperty(r => r.ExecutedKey, execution.Key),
            cancellationToken) == 1;
    }
}
