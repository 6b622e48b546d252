using System.Globalization;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Content;

/// <summary>Reads rule sets. Removed ones are not shown.</summary>
public sealed class ContentQueries(GatewayOpsDb db)
{
    /// <summary>The rule sets by name.</summary>
    public async Task<ConfigListAnswer> ListAsync(Page page, CancellationToken cancellationToken)
    {
        var after = page.After ?? "";
        var rows = await db.RuleSets
            .Where(s => s.RemovedAt == null && s.LatestRevision > 0 && EF.Functions.Collate(s.Name, "C").CompareTo(after) > 0)
            .OrderBy(s => EF.Functions.Collate(s.Name, "C"))
            .Take(page.Limit + 1)
            .Join(db.Revisions, s => new { RuleSet = s.Name, Number = s.LatestRevision }, r => new { r.RuleSet, r.Number },
                (s, r) => new { s.Name, s.LatestRevision, r.Hash, r.CreatedAt })
            .OrderBy(s => EF.Functions.Collate(s.Name, "C"))
            .ToListAsync(cancellationToken);
        var (items, next) = page.Cut(rows, row => row.Name);
        var names = items.Select(item => item.Name).ToList();
        var active = (await Activations.Newest(db)
                .Where(a => names.Contains(a.RuleSet))
                .OrderBy(a => a.Gateway)
                .Select(a => new { a.RuleSet, a.Gateway, Revision = a.Revision!.Value })
                .ToListAsync(cancellationToken))
            .ToLookup(a => a.RuleSet, a => new ActiveAnswer(a.Gateway, a.Revision));
        return new ConfigListAnswer([.. items.Select(i => new ConfigAnswer(i.Name, i.LatestRevision, i.Hash, i.CreatedAt, [.. active[i.Name]]))], next);
    }

    /// <summary>The revision <paramref name="number"/> of a rule set, or its latest; null when there is none.</summary>
    public Task<RevisionRow?> FindAsync(string name, int? number, CancellationToken cancellationToken) =>
        db.RuleSets.Where(s => s.Name == name && s.RemovedAt == null)
            .Join(db.Revisions, s => s.Name, r => r.RuleSet, (s, r) => new { s.LatestRevision, Revision = r })
            .Where(x => x.Revision.Number == (number ?? x.LatestRevision))
            .Select(x => x.Revision)
            .AsNoTracking()
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>The revisions of a rule set, newest first; null when there is no such rule set.</summary>
    public async Task<RevisionListAnswer?> RevisionsAsync(string name, Page page, CancellationToken cancellationToken)
    {
        if (!await db.RuleSets.AnyAsync(s => s.Name == name && s.RemovedAt == null, cancellationToken))
        {
            return null;
        }

        var before = int.TryParse(page.After, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        var rows = await db.Revisions
            .Where(r => r.RuleSet == name && r.Number < before)
            .OrderByDescending(r => r.Number)
            .Take(page.Limit + 1)
            .Select(r => new RevisionAnswer(r.Number, r.Hash, r.CreatedAt, r.CreatedBy))
            .ToListAsync(cancellationToken);
        var (items, next) = page.Cut(rows, row => row.Revision.ToString(CultureInfo.InvariantCulture));
        return new RevisionListAnswer(items, next);
    }
}
