using System.Globalization;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Content;

/// <summary>Reads rule sets. Removed ones are not shown.</summary>
public sealed class ContentQueries(GatewayOpsDb db)
{
    /// <summary>Activations that are told of one revision.</summary>
    public const int MostActivations = 20;

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
            .Select(r => new { r.Number, r.Hash, r.CreatedAt, r.CreatedBy })
            .ToListAsync(cancellationToken);
        var (items, next) = page.Cut(rows, row => row.Number.ToString(CultureInfo.InvariantCulture));
        var activations = await ActivationsAsync(name, [.. items.Select(item => item.Number)], cancellationToken);
        return new RevisionListAnswer([.. items.Select(item => new RevisionAnswer(item.Number, item.Hash, item.CreatedAt, item.CreatedBy, [.. activations[item.Number]]))], next);
    }

    // An activation lasts until the next one of its rule set on its gateway, whatever that activates.
    private async Task<ILookup<int, ActivationAnswer>> ActivationsAsync(string name, int[] revisions, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<ActivationSpan>($"""
            select revision as "Revision", gateway as "Gateway", kind as "Kind", activated_at as "At", activated_by as "By", prune as "Prune", until as "Until"
            from (select *, row_number() over (partition by revision order by id desc) as place
                  from (select *, lead(activated_at) over (partition by gateway order by id) as until from activations where rule_set = {name}) spans) placed
            where revision = any({revisions}) and place <= {MostActivations}
            order by id desc
            """).ToListAsync(cancellationToken))
        .ToLookup(span => span.Revision, span => new ActivationAnswer(span.Gateway, span.Kind, span.At, span.By, span.Prune, span.Until));

    private sealed record ActivationSpan(int Revision, string Gateway, string Kind, DateTimeOffset At, string By, bool Prune, DateTimeOffset? Until);
}
