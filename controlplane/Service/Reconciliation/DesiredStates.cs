using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What is desired of one gateway, as far as it can be said: <see cref="Desired"/> is null when the active rule sets contradict each other.</summary>
public sealed record DesiredReading
{
    public DesiredState? Desired { get; init; }

    public required Inventory Inventory { get; init; }

    public IReadOnlyList<Enforcement> Enforcements { get; init; } = [];

    public IReadOnlyList<RuleSetError> Errors { get; init; } = [];

    /// <summary>Whether Cloudflare's stores and secrets matter for this gateway.</summary>
    public bool WithKeys => Desired is { Keys.Count: > 0 } || Inventory.HasAny(ObjectKind.Secret) || Inventory.HasAny(ObjectKind.ProviderConfig);

    public bool WithRoutes => Desired is { Routes.Count: > 0 } || Inventory.HasAny(ObjectKind.Route);

    public bool WithPolicies => Desired is { Policies.Count: > 0 } || Inventory.HasAny(ObjectKind.Policy);

    /// <summary>Where they are declared or called, or where one of ours is declared nowhere any more. What other gateways declare is theirs to look after.</summary>
    public bool WithCustomProviders => Desired is { } desired && (desired.CustomProviders.Count > 0
        || desired.Routes.Any(route => RouteElements.CustomProviders(route.Elements).Any())
        || Inventory.Items.Any(item => item.Kind == ObjectKind.CustomProvider && !desired.DeclaredElsewhere.Contains(item.Key)));

    /// <summary>Whether the graph of a route of this name is worth a call.</summary>
    public bool ConcernsRoute(string name) => Desired?.Routes.Any(route => route.Name == name) == true || Inventory.Items.Any(item => item.Kind == ObjectKind.Route && item.Key == name);
}

/// <summary>Puts together what is desired: active revisions, declared keys, where spans are pushed, what an operator or a fight keeps us from, and what we made before.</summary>
public sealed class DesiredStates(IDbContextFactory<GatewayOpsDb> databases, Activations activations, SpanReceiver receiver)
{
    // Revisions never change. Bounded: what an account has active is some dozens.
    private const int MostRemembered = 1_000;
    private readonly ConcurrentDictionary<RevisionId, IReadOnlyList<CustomProviderEntry>> _customProviders = new();

    /// <summary>Of the active revisions, with what the newest activation allows to delete. Throws <see cref="UnreadableRevisionException"/>.</summary>
    public Task<DesiredReading> ActiveAsync(string gateway, CancellationToken cancellationToken) => ReadAsync(gateway, replaced: null, candidate: null, deletions: null, cancellationToken);

    /// <summary>
    /// Of the active revisions as they would be with <paramref name="candidate"/> in the place of its rule set's, and with what the caller allows to delete; with none of
    /// that rule set where the candidate does not target the gateway.
    /// </summary>
    public Task<DesiredReading> CandidateAsync(string gateway, Revision candidate, Deletions deletions, CancellationToken cancellationToken) => ReadAsync(gateway, candidate.Id.RuleSet, candidate, deletions, cancellationToken);

    /// <summary>Of the active revisions as they would be without those of one rule set.</summary>
    public Task<DesiredReading> WithoutAsync(string gateway, string ruleSet, Deletions deletions, CancellationToken cancellationToken) => ReadAsync(gateway, ruleSet, candidate: null, deletions, cancellationToken);

    /// <summary>Of the active revisions, as it would be with <paramref name="stack"/> in the place of what the same stack handed over before.</summary>
    public Task<DesiredReading> WithStackAsync(string gateway, StackDocument stack, CancellationToken cancellationToken) => ReadAsync(gateway, replaced: null, candidate: null, deletions: null, cancellationToken, stack);

    /// <summary>
    /// Gateways that a pass has something to do with: active revisions, declared keys, objects of ours that may have to go, or what a dead run left open.
    /// </summary>
    public async Task<IReadOnlyList<string>> GatewaysAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removable = new[] { ObjectKind.Secret, ObjectKind.ProviderConfig, ObjectKind.Route, ObjectKind.Policy }.Select(SnakeCaseEnum<ObjectKind>.Of).ToArray();
        return await Activations.Newest(db).Select(activation => activation.Gateway)
            .Union(db.ProviderKeys.Select(key => key.Gateway))
            .Union(db.Inventory.Where(item => removable.Contains(item.Kind)).Select(item => item.Gateway))
            .Union(StackStore.Gateways(db))
            .Union(JournalRecovery.Unfinished(db))
            .OrderBy(gateway => gateway)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Gateways on which the rule set is active, with the revision's number.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ActiveOnAsync(string ruleSet, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Activations.Newest(db).Where(activation => activation.RuleSet == ruleSet).ToDictionaryAsync(activation => activation.Gateway, activation => activation.Revision!.Value, cancellationToken);
    }

    /// <summary>Whether any active revision of any gateway declares the custom provider.</summary>
    public async Task<bool> DeclaresCustomProviderAsync(string slug, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var active in await Activations.Newest(db).Select(activation => new { activation.RuleSet, activation.Revision }).Distinct().ToListAsync(cancellationToken))
        {
            if ((await CustomProvidersAsync(db, new RevisionId(active.RuleSet, active.Revision!.Value), cancellationToken)).Any(entry => entry.Slug == slug))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<DesiredReading> ReadAsync(string gateway, string? replaced, Revision? candidate, Deletions? deletions, CancellationToken cancellationToken, StackDocument? adopting = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var targets = candidate is null ? [] : activations.GatewaysOf(candidate.Document);
        var active = (await activations.ActiveRevisionsAsync(db, gateway, cancellationToken))
            .Where(revision => revision.Id.RuleSet != replaced)
            .Concat(candidate is not null && targets.Contains(gateway) ? [candidate] : [])
            .OrderBy(revision => revision.Id.RuleSet, StringComparer.Ordinal);
        var compilation = RuleSetCompiler.Compile(gateway, [.. active]);
        var inventory = new Inventory((await db.Inventory.AsNoTracking().Where(item => item.Gateway == gateway || item.Gateway == Inventory.Account).ToListAsync(cancellationToken)).Select(ItemOf));
        var reading = new DesiredReading
        {
            Inventory = inventory,
            Enforcements = compilation.RuleSet?.Enforcements ?? [],
            Errors = compilation.Errors,
        };
        if (compilation.RuleSet is not { } ruleSet || compilation.Errors.Count > 0)
        {
            return reading;
        }

        var elsewhere = ruleSet.CustomProviders.Count > 0 || inventory.HasAny(ObjectKind.CustomProvider) ? await DeclaredElsewhereAsync(db, gateway, replaced, candidate, targets, cancellationToken) : [];
        if (Conflicts(ruleSet, elsewhere).ToList() is { Count: > 0 } conflicts)
        {
            return reading with { Errors = conflicts };
        }

        var keys = await db.ProviderKeys.Where(key => key.Gateway == gateway).Select(key => new DeclaredKey(key.Provider, key.Alias, key.SecretName)).ToListAsync(cancellationToken);
        var (here, account) = deletions is { } asked ? (asked, asked) : (await Activations.DeletionsAsync(db, gateway, cancellationToken), await Activations.DeletionsAsync(db, gateway: null, cancellationToken));
        var stack = adopting ?? await StackStore.OfGatewayAsync(db, gateway, cancellationToken);
        var desired = DesiredState.Of(ruleSet, keys);
        return reading with
        {
            Desired = (stack?.AddTo(desired) ?? desired) with
            {
                Exporter = receiver.ExporterOf(gateway) is { } exporter ? new DesiredExporter(exporter) : null,
                DeclaredElsewhere = elsewhere.Select(entry => entry.Entry.Slug).ToHashSet(),
                Prune = here.Prune,
                PruneAccount = account.Prune,
                AllowMassDelete = here.AllowMassDelete,
                Ignored = await IgnoredAsync(db, gateway, cancellationToken),
                Contested = (await db.Contests.Where(contest => contest.Gateway == gateway && contest.PausedAt != null).Select(contest => contest.Subject).ToListAsync(cancellationToken)).ToHashSet(),
            },
        };
    }

    private static async Task<IReadOnlySet<string>> IgnoredAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken) =>
        await db.GatewayControls.Where(control => control.Gateway == gateway).Select(control => control.Ignored).SingleOrDefaultAsync(cancellationToken) is { } ignored
            ? StoredJson.Read<HashSet<string>>(ignored)
            : new HashSet<string>();

    /// <summary>What the active revisions of the other gateways declare for the account, as it would be with the candidate where it targets them.</summary>
    private async Task<IReadOnlyList<AccountEntry>> DeclaredElsewhereAsync(GatewayOpsDb db, string gateway, string? replaced, Revision? candidate, IReadOnlyList<string> targets, CancellationToken cancellationToken)
    {
        var entries = new List<AccountEntry>();
        foreach (var active in await Activations.Newest(db).Where(activation => activation.Gateway != gateway).Select(activation => new { activation.Gateway, activation.RuleSet, activation.Revision }).ToListAsync(cancellationToken))
        {
            if (active.RuleSet != replaced)
            {
                var id = new RevisionId(active.RuleSet, active.Revision!.Value);
                entries.AddRange((await CustomProvidersAsync(db, id, cancellationToken)).Select(entry => new AccountEntry(active.Gateway, id, entry)));
            }
        }

        if (candidate is not null)
        {
            entries.AddRange(targets.Where(target => target != gateway).SelectMany(target => candidate.Document.CustomProviders.Select(entry => new AccountEntry(target, candidate.Id, entry))));
        }

        return entries;
    }

    private async Task<IReadOnlyList<CustomProviderEntry>> CustomProvidersAsync(GatewayOpsDb db, RevisionId id, CancellationToken cancellationToken)
    {
        if (_customProviders.TryGetValue(id, out var known))
        {
            return known;
        }

        var row = await db.Revisions.AsNoTracking().SingleAsync(revision => revision.RuleSet == id.RuleSet && revision.Number == id.Number, cancellationToken);
        if (_customProviders.Count >= MostRemembered)
        {
            _customProviders.Clear();
        }

        return _customProviders[id] = StoredRevision.Read(row).Document.CustomProviders;
    }

    private static IEnumerable<RuleSetError> Conflicts(CompiledRuleSet ruleSet, IReadOnlyList<AccountEntry> elsewhere) =>
        from own in ruleSet.CustomProviders
        let other = elsewhere.Where(entry => entry.Entry.Slug == own.Slug && entry.Entry != own).OrderBy(entry => entry.Gateway, StringComparer.Ordinal).FirstOrDefault()
        where other is not null
        select new RuleSetError(
            RuleSetErrorCodes.Conflict,
            "/custom_providers",
            $"{ruleSet.Label} on gateway {ruleSet.Gateway} and {other.Source} on gateway {other.Gateway} declare the custom provider {own.Slug} differently, and the account has one. Make them equal, or give one another slug.");

    private static InventoryItem ItemOf(InventoryRow row) => new(SnakeCaseEnum<ObjectKind>.Parse(row.Kind), row.Key, row.CloudflareId);

    private sealed record AccountEntry(string Gateway, RevisionId Source, CustomProviderEntry Entry);
}
