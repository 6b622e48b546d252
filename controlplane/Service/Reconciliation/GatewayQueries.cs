using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// A gateway as it is desired, as it was last applied, and as this replica serves it, with what the last pass found. <paramref name="Exists"/> is null when Cloudflare could not be asked.
/// </summary>
public sealed record GatewayAnswer(
    string Gateway,
    bool? Exists,
    string Desired,
    string? Applied,
    string Loaded,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyList<Change> Drift,
    DateTimeOffset? ObservedAt,
    DateTimeOffset? AppliedAt);

/// <summary>Reads gateways: Cloudflare's list, joined with what we know of each.</summary>
public sealed class GatewayQueries(IDbContextFactory<GatewayOpsDb> databases, Activations activations, LoadedRuleSets loaded, CloudflareClient cloudflare)
{
    // Somebody waits for these answers.
    private readonly CloudflareClient _cloudflare = cloudflare.Within(TimeSpan.FromSeconds(15));

    /// <summary>Every gateway of the account, and every one that rule sets are active on and the account does not have.</summary>
    public async Task<IReadOnlyList<GatewayAnswer>> ListAsync(CancellationToken cancellationToken)
    {
        HashSet<string>? live = null;
        try
        {
            live = await _cloudflare.Gateways.ListAsync(cancellationToken).Select(gateway => gateway.Id).ToHashSetAsync(cancellationToken: cancellationToken);
        }
        catch (CloudflareException)
        {
            // What we know is worth showing without it; `exists` says that it could not be asked.
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var desired = (await activations.AllAsync(db, cancellationToken)).ToLookup(active => active.Gateway, active => $"{active.Revision.RuleSet}@{active.Revision.Number}");
        var statuses = (await db.GatewayStatuses.AsNoTracking().ToListAsync(cancellationToken)).ToDictionary(status => status.Gateway, GatewayStatus.Of);
        return [.. (live ?? [.. statuses.Keys]).Union(desired.Select(group => group.Key)).Order(StringComparer.Ordinal)
            .Select(gateway => Answer(gateway, live?.Contains(gateway), desired[gateway], statuses.GetValueOrDefault(gateway)))];
    }

    /// <summary>Null when neither Cloudflare nor we know it.</summary>
    public async Task<GatewayAnswer?> FindAsync(string gateway, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(answer => answer.Gateway == gateway);

    /// <summary>Whether we have anything to do with the gateway, or Cloudflare has it. Throws <see cref="CloudflareException"/> when only Cloudflare could tell and cannot be asked.</summary>
    public async Task<bool> IsKnownAsync(string gateway, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.GatewayStatuses.AnyAsync(status => status.Gateway == gateway, cancellationToken)
            || await db.Activations.AnyAsync(activation => activation.Gateway == gateway, cancellationToken)
            || await db.ProviderKeys.AnyAsync(key => key.Gateway == gateway, cancellationToken)
            || await _cloudflare.Gateways.FindAsync(gateway, cancellationToken) is not null;
    }

    private GatewayAnswer Answer(string gateway, bool? exists, IEnumerable<string> desired, GatewayStatus? status) => new(
        gateway,
        exists,
        desired.Order(StringComparer.Ordinal).ToList() is { Count: > 0 } revisions ? string.Join('+', revisions) : "none",
        status?.Applied,
        loaded.For(gateway).Label,
        status?.Conditions ?? [],
        status?.Drift ?? [],
        status?.ObservedAt,
        status?.AppliedAt);
}
