using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Reconciliation.Contests;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// A gateway as it is desired, as it was last applied, and as this replica serves it, with what the last pass found and what operators said of it.
/// <paramref name="Exists"/> is null when Cloudflare could not be asked; <paramref name="Stack"/> is the Pulumi stack that declares it; <paramref name="Replicas"/> are all that are running.
/// </summary>
public sealed record GatewayAnswer(
    string Gateway,
    bool? Exists,
    string Desired,
    string? Applied,
    string Loaded,
    string? Stack,
    ReconcileMode Mode,
    IReadOnlyList<string> Ignored,
    Pause? Paused,
    IReadOnlyList<ContestAnswer> Contested,
    IReadOnlyList<ReplicaAnswer> Replicas,
    IReadOnlyList<Condition> Conditions,
    IReadOnlyList<Change> Drift,
    DateTimeOffset? ObservedAt,
    DateTimeOffset? AppliedAt);

/// <summary>A subject that is left alone because somebody else keeps putting it back. <paramref name="Theirs"/> is what was found last, <paramref name="Ours"/> what is desired; null for nothing.</summary>
public sealed record ContestAnswer(string Subject, FieldValue? Theirs, FieldValue? Ours, int Flips, DateTimeOffset Since);

/// <summary>What one replica serves for the gateway. <paramref name="Behind"/>: not what is desired.</summary>
public sealed record ReplicaAnswer(string Id, string Revision, bool Behind, DateTimeOffset SeenAt);

/// <summary>Reads gateways: Cloudflare's list, joined with what we know of each.</summary>
public sealed class GatewayQueries(
    IDbContextFactory<GatewayOpsDb> databases, Activations activations, LoadedRuleSets loaded, Replicas replicas, GatewayControls controls, CloudflareClient cloudflare)
{
    // Somebody waits for these answers.
    private readonly CloudflareClient _cloudflare = cloudflare.Within(TimeSpan.FromSeconds(15));

    /// <summary>Every gateway of the account, and every one that rule sets are active on, or a stack declares, and the account does not have.</summary>
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
        var known = new Known(
            await DesiredAsync(db, cancellationToken),
            (await db.GatewayStatuses.AsNoTracking().ToListAsync(cancellationToken)).ToDictionary(status => status.Gateway, GatewayStatus.Of),
            await db.GatewayControls.AsNoTracking().ToDictionaryAsync(control => control.Gateway, cancellationToken),
            (await db.Contests.AsNoTracking().Where(contest => contest.PausedAt != null).ToListAsync(cancellationToken)).ToLookup(contest => contest.Gateway, Contest.Of),
            await StackStore.NamesAsync(db, cancellationToken),
            await replicas.ListAsync(cancellationToken));
        return [.. (live ?? [.. known.Statuses.Keys]).Union(known.Desired.Keys).Union(known.Stacks.Keys).Order(StringComparer.Ordinal)
            .Select(gateway => Answer(gateway, live?.Contains(gateway), known))];
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
            || await StackStore.OfGatewayAsync(db, gateway, cancellationToken) is not null
            || await db.GatewayControls.AnyAsync(control => control.Gateway == gateway, cancellationToken)
            || await _cloudflare.Gateways.FindAsync(gateway, cancellationToken) is not null;
    }

    /// <summary>The running replicas, each with the gateways for which it serves something else than is desired.</summary>
    public async Task<IReadOnlyList<(Replica Replica, IReadOnlyList<string> Behind)>> ReplicasAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var desired = await DesiredAsync(db, cancellationToken);
        return [.. (await replicas.ListAsync(cancellationToken)).Select(replica => (replica, (IReadOnlyList<string>)[..
            desired.Keys.Union(replica.Loaded.Keys).Where(gateway => replica.RevisionOf(gateway) != desired.GetValueOrDefault(gateway, None)).Order(StringComparer.Ordinal)]))];
    }

    private const string None = "none";

    // Labels by gateway.
    private async Task<IReadOnlyDictionary<string, string>> DesiredAsync(GatewayOpsDb db, CancellationToken cancellationToken) =>
        (await activations.AllAsync(db, cancellationToken)).GroupBy(active => active.Gateway).ToDictionary(
            group => group.Key, group => string.Join('+', group.Select(active => $"{active.Revision.RuleSet}@{active.Revision.Number}").Order(StringComparer.Ordinal)));

    private GatewayAnswer Answer(string gateway, bool? exists, Known known)
    {
        var desired = known.Desired.GetValueOrDefault(gateway, None);
        var status = known.Statuses.GetValueOrDefault(gateway);
        var control = controls.Of(gateway, known.Controls.GetValueOrDefault(gateway));
        var (contests, drift) = (known.Contests[gateway].OrderBy(contest => contest.Subject, StringComparer.Ordinal).ToList(), status?.Drift ?? []);
        return new(
            gateway,
            exists,
            desired,
            status?.Applied,
            loaded.For(gateway).Label,
            known.Stacks.GetValueOrDefault(gateway),
            control.Mode,
            control.Ignored,
            control.Paused,
            [.. contests.Select(contest => new ContestAnswer(contest.Subject, contest.Theirs, drift.FirstOrDefault(change => change.Subject == contest.Subject)?.To, contest.Flips, contest.Since!.Value))],
            [.. known.Replicas.Select(replica => new ReplicaAnswer(replica.Id, replica.RevisionOf(gateway), replica.RevisionOf(gateway) != desired, replica.SeenAt))],
            // Nothing is said of a gateway that nobody ever looked at, unless somebody said something about it.
            status is null && control.Version == 0 ? [] : [.. status?.Conditions ?? [], .. Conditions.Standing(control, contests, drift, status?.ObservedAt)],
            drift,
            status?.ObservedAt,
            status?.AppliedAt);
    }

    private sealed record Known(
        IReadOnlyDictionary<string, string> Desired,
        IReadOnlyDictionary<string, GatewayStatus> Statuses,
        IReadOnlyDictionary<string, GatewayControlRow> Controls,
        ILookup<string, Contest> Contests,
        IReadOnlyDictionary<string, string> Stacks,
        IReadOnlyList<Replica> Replicas);
}
