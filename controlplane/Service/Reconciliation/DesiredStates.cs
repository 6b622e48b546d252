using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
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
}

/// <summary>Puts together what is desired: active revisions, declared keys, and what we made before.</summary>
public sealed class DesiredStates(IDbContextFactory<GatewayOpsDb> databases, Activations activations)
{
    /// <summary>Of the active revisions. Throws <see cref="UnreadableRevisionException"/>.</summary>
    public Task<DesiredReading> ActiveAsync(string gateway, CancellationToken cancellationToken) => ReadAsync(gateway, revisions => revisions, cancellationToken);

    /// <summary>Of the active revisions as they would be with <paramref name="candidate"/> in the place of its rule set's; with none of that rule set where the candidate does not target the gateway.</summary>
    public Task<DesiredReading> CandidateAsync(string gateway, Revision candidate, CancellationToken cancellationToken) => ReadAsync(
        gateway,
        revisions => revisions.Where(active => active.Id.RuleSet != candidate.Id.RuleSet).Concat(activations.GatewaysOf(candidate.Document).Contains(gateway) ? [candidate] : []),
        cancellationToken);

    /// <summary>
    /// Gateways that a pass has something to do with: active revisions, declared keys, objects of ours that may have to go, or what a dead run left open.
    /// </summary>
    public async Task<IReadOnlyList<string>> GatewaysAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removable = new[] { SnakeCaseEnum<ObjectKind>.Of(ObjectKind.Secret), SnakeCaseEnum<ObjectKind>.Of(ObjectKind.ProviderConfig) };
        return await Activations.Newest(db).Select(activation => activation.Gateway)
            .Union(db.ProviderKeys.Select(key => key.Gateway))
            .Union(db.Inventory.Where(item => removable.Contains(item.Kind)).Select(item => item.Gateway))
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

    private async Task<DesiredReading> ReadAsync(string gateway, Func<IReadOnlyList<Revision>, IEnumerable<Revision>> choose, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var compilation = RuleSetCompiler.Compile(gateway, [.. choose(await activations.ActiveRevisionsAsync(db, gateway, cancellationToken)).OrderBy(revision => revision.Id.RuleSet, StringComparer.Ordinal)]);
        var keys = await db.ProviderKeys.Where(key => key.Gateway == gateway).Select(key => new DeclaredKey(key.Provider, key.Alias, key.SecretName)).ToListAsync(cancellationToken);
        var inventory = new Inventory((await db.Inventory.AsNoTracking().Where(item => item.Gateway == gateway).ToListAsync(cancellationToken)).Select(ItemOf));
        return new DesiredReading
        {
            Desired = compilation.RuleSet is { } ruleSet && compilation.Errors.Count == 0 ? DesiredState.Of(ruleSet, keys) : null,
            Inventory = inventory,
            Enforcements = compilation.RuleSet?.Enforcements ?? [],
            Errors = compilation.Errors,
        };
    }

    private static InventoryItem ItemOf(InventoryRow row) => new(SnakeCaseEnum<ObjectKind>.Parse(row.Kind), row.Key, row.CloudflareId);
}
