using GatewayOps.ControlPlane.Storage;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Content;

/// <summary>A revision that is active on a gateway, as stored.</summary>
public sealed record ActiveRevision(string Gateway, RevisionRow Revision);

/// <summary>What may be deleted in Cloudflare while an activation is the newest of its gateway. <paramref name="Prune"/>: what nothing declares any more; <paramref name="AllowMassDelete"/>: even most of it.</summary>
public readonly record struct Deletions(bool Prune, bool AllowMassDelete)
{
    public static Deletions None { get; }
}

/// <summary>
/// Which revision of which rule set is active on which gateway. Activations are appended, never changed: a rollback appends an old number, a removal
/// none. The methods work in the caller's context, so that an activation and what comes with it commit together.
/// </summary>
public sealed class Activations(IOptions<CloudflareAccountOptions> account, TimeProvider time)
{
    /// <summary>PostgreSQL notifies this channel, with the gateway as payload, when an activation commits.</summary>
    public const string Channel = "gatewayops_revision";

    private const string AllActive = """
        select a.gateway, r.rule_set, r.number, r.hash, r.document, r.created_at, r.created_by
        from activations a join revisions r on r.rule_set = a.rule_set and r.number = a.revision
        where not exists (select 1 from activations later where later.gateway = a.gateway and later.rule_set = a.rule_set and later.id > a.id)
        order by 1, 2
        """;

    /// <summary>The gateways that a document targets: its own list, or the configured default gateway.</summary>
    public IReadOnlyList<string> GatewaysOf(RuleSet document) =>
        document.Gateways.Count > 0 ? document.Gateways : [account.Value.GatewayId];

    /// <summary>Every active revision of every gateway, by gateway and rule-set name.</summary>
    public async Task<IReadOnlyList<ActiveRevision>> AllAsync(GatewayOpsDb db, CancellationToken cancellationToken) =>
        await Newest(db)
            .Join(db.Revisions, a => new { a.RuleSet, Number = a.Revision!.Value }, r => new { r.RuleSet, r.Number }, (a, r) => new { a.Gateway, Revision = r })
            .OrderBy(x => x.Gateway).ThenBy(x => x.Revision.RuleSet)
            .AsNoTracking()
            .Select(x => new ActiveRevision(x.Gateway, x.Revision))
            .ToListAsync(cancellationToken);

    /// <summary>The same by hand, for the start of a replica: EF Core's model and its query would cost more than the rest of it.</summary>
    public static async Task<IReadOnlyList<ActiveRevision>> AllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(AllActive, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var active = new List<ActiveRevision>();
        while (await reader.ReadAsync(cancellationToken))
        {
            active.Add(new ActiveRevision(reader.GetString(0), new RevisionRow
            {
                RuleSet = reader.GetString(1),
                Number = reader.GetInt32(2),
                Hash = reader.GetString(3),
                Document = reader.GetFieldValue<byte[]>(4),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(5),
                CreatedBy = reader.GetString(6),
            }));
        }

        return active;
    }

    /// <summary>The active revisions of one gateway with their documents, by rule-set name. Throws <see cref="UnreadableRevisionException"/>.</summary>
    public async Task<IReadOnlyList<Revision>> ActiveRevisionsAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken)
    {
        var rows = await Newest(db)
            .Where(a => a.Gateway == gateway)
            .Join(db.Revisions, a => new { a.RuleSet, Number = a.Revision!.Value }, r => new { r.RuleSet, r.Number }, (_, r) => r)
            .OrderBy(r => r.RuleSet)
            .AsNoTracking()
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(StoredRevision.Read);
    }

    /// <summary>
    /// Makes <paramref name="revision"/> of a rule set the active one of a gateway, or none when it is null, with its audit row and the
    /// notification; all of it takes effect when the caller's transaction commits. False when it was active already and the gateway's deletions are
    /// what they were: then only the audit row is written.
    /// </summary>
    /// <param name="kind">execute, rollback, deactivate or remove.</param>
    public async Task<bool> ActivateAsync(
        GatewayOpsDb db, string gateway, string ruleSet, int? revision, string kind, Deletions deletions, Actor actor, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("An activation belongs to a transaction.");
        }

        // One activation commits at a time: ids become visible in their order, so a reader that compares the largest id misses none.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('gatewayops-activations', 0))", cancellationToken);
        var before = await Newest(db).Where(a => a.Gateway == gateway && a.RuleSet == ruleSet).Select(a => a.Revision).SingleOrDefaultAsync(cancellationToken);
        var changes = before != revision || (revision is not null && await DeletionsAsync(db, gateway, cancellationToken) != deletions);
        var now = time.GetUtcNow();
        AuditLog.Append(db, actor, new("content.activate", $"{gateway}/{ruleSet}@{revision?.ToString() ?? "none"}")
        {
            BeforeHash = await HashAsync(db, ruleSet, before, cancellationToken),
            AfterHash = await HashAsync(db, ruleSet, revision, cancellationToken),
            Result = changes ? "ok" : "unchanged",
        }, now);
        if (changes)
        {
            db.Activations.Add(new ActivationRow
            {
                Gateway = gateway,
                RuleSet = ruleSet,
                Revision = revision,
                Kind = kind,
                Prune = deletions.Prune,
                AllowMassDelete = deletions.AllowMassDelete,
                ActivatedAt = now,
                ActivatedBy = actor.Name,
            });
        }

        await db.SaveChangesAsync(cancellationToken);
        if (changes)
        {
            await db.Database.ExecuteSqlAsync($"select pg_notify({Channel}, {gateway})", cancellationToken);
        }

        return changes;
    }

    /// <summary>What the newest activation of the gateway, or of the account where it is null, lets go.</summary>
    public static async Task<Deletions> DeletionsAsync(GatewayOpsDb db, string? gateway, CancellationToken cancellationToken) =>
        await db.Activations.Where(activation => gateway == null || activation.Gateway == gateway).OrderByDescending(activation => activation.Id)
            .Select(activation => new Deletions(activation.Prune, activation.AllowMassDelete)).FirstOrDefaultAsync(cancellationToken);

    /// <summary>The newest activation per gateway and rule set, where it activates something.</summary>
    internal static IQueryable<ActivationRow> Newest(GatewayOpsDb db) => db.Activations.Where(a =>
        a.Revision != null
        && !db.Activations.Any(later => later.Gateway == a.Gateway && later.RuleSet == a.RuleSet && later.Id > a.Id));

    private static Task<string?> HashAsync(GatewayOpsDb db, string ruleSet, int? number, CancellationToken cancellationToken) =>
        db.Revisions.Where(r => r.RuleSet == ruleSet && r.Number == number).Select(r => (string?)r.Hash).SingleOrDefaultAsync(cancellationToken);
}
