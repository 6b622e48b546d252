using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Content;

/// <summary>What became of an addition: the revision that holds the document now, or null when the caller's precondition did not hold.</summary>
public sealed record Addition(RevisionRow? Revision, bool Unchanged);

public enum Removal
{
    Removed,
    NotFound,

    /// <summary>The latest revision is another than the caller saw.</summary>
    Stale,
}

/// <summary>Writes rule sets. One transaction per change, serialised per rule set by a lock on its row: numbers have no gaps and no duplicates.</summary>
public sealed class ContentStore(GatewayOpsDb db, Activations activations, TimeProvider time)
{
    /// <summary>
    /// Stores <paramref name="document"/> as the next revision of <paramref name="name"/>. A document that means the same as the latest revision adds
    /// none. A removed rule set comes back and continues its numbering.
    /// </summary>
    public async Task<Addition> AddAsync(
        string name, byte[] document, string hash, Precondition precondition, Actor actor, CancellationToken cancellationToken)
    {
        var now = time.StoredNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"insert into rule_sets (name, latest_revision, created_at) values ({name}, 0, {now}) on conflict do nothing", cancellationToken);
        var ruleSet = await LockAsync(name, cancellationToken) ?? throw new InvalidOperationException("A row that was just inserted is there.");
        var exists = ruleSet.LatestRevision > 0 && ruleSet.RemovedAt is null;
        if (!precondition.Holds(exists ? ruleSet.LatestRevision : null))
        {
            return new Addition(null, Unchanged: false);
        }

        var latest = await db.Revisions.SingleOrDefaultAsync(r => r.RuleSet == name && r.Number == ruleSet.LatestRevision, cancellationToken);
        if (exists && latest!.Hash == hash)
        {
            return new Addition(latest, Unchanged: true);
        }

        var revision = new RevisionRow
        {
            RuleSet = name,
            Number = ruleSet.LatestRevision + 1,
            Hash = hash,
            Document = document,
            CreatedAt = now,
            CreatedBy = actor.Name,
        };
        db.Revisions.Add(revision);
        ruleSet.LatestRevision = revision.Number;
        ruleSet.RemovedAt = null;
        AuditLog.Append(db, actor, new("content.add", $"{name}@{revision.Number}") { BeforeHash = exists ? latest!.Hash : null, AfterHash = hash }, now);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Addition(revision, Unchanged: false);
    }

    /// <summary>Removes a rule set and deactivates it on every gateway. Its revisions stay; so do its routes, policies and custom providers, unless <paramref name="deletions"/> let them go.</summary>
    public async Task<Removal> RemoveAsync(string name, Precondition precondition, Deletions deletions, Actor actor, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ruleSet = await LockAsync(name, cancellationToken);
        if (ruleSet is null or { RemovedAt: not null })
        {
            return Removal.NotFound;
        }

        if (!precondition.Holds(ruleSet.LatestRevision))
        {
            return Removal.Stale;
        }

        var latestHash = await db.Revisions.Where(r => r.RuleSet == name && r.Number == ruleSet.LatestRevision).Select(r => r.Hash).SingleAsync(cancellationToken);
        var now = time.StoredNow();
        ruleSet.RemovedAt = now;
        AuditLog.Append(db, actor, new("content.remove", $"{name}@{ruleSet.LatestRevision}") { BeforeHash = latestHash }, now);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var gateway in await Activations.Newest(db).Where(a => a.RuleSet == name).Select(a => a.Gateway).ToListAsync(cancellationToken))
        {
            await activations.ActivateAsync(db, gateway, name, revision: null, "remove", deletions, actor, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return Removal.Removed;
    }

    private async Task<RuleSetRow?> LockAsync(string name, CancellationToken cancellationToken) =>
        (await db.RuleSets.FromSql($"select *, xmin from rule_sets where name = {name} for update").ToListAsync(cancellationToken)).SingleOrDefault();
}
