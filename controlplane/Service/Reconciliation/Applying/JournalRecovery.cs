using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Route = GatewayOps.Cloudflare.Routes.Route;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// Finds out what became of calls whose answer never came, by reading Cloudflare under the object's deterministic name. Runs under the gateway's lock:
/// whoever holds it knows that every row still pending belongs to a run that is dead.
/// </summary>
public sealed partial class JournalRecovery(CloudflareClient cloudflare, TimeProvider time, ILogger<JournalRecovery> log)
{
    /// <summary>Gateways with calls or runs that are open: those of a run that is under way, or that a dead one left behind. Who gets the lock knows which.</summary>
    internal static IQueryable<string> Unfinished(GatewayOpsDb db) =>
        db.Operations.Where(operation => operation.Status == OperationStatus.Pending).Select(operation => operation.Gateway)
            .Union(db.Runs.Where(run => run.Outcome == RunOutcome.Running).Select(run => run.Gateway));

    /// <summary>Whether there is any, without EF Core: at most starts there is nothing, and nothing else needs its model so soon.</summary>
    internal static async Task<bool> IsAnythingUnfinishedAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("select exists (select 1 from operations where status = $1) or exists (select 1 from runs where outcome = $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = OperationStatus.Pending });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = RunOutcome.Running });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>How long after it was looked up in vain a create of a holder that lost the lock is looked up again: it may have been on the wire.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(10);

    private const string NotMade = "not found in Cloudflare: it was not made";

    /// <summary>Resolves the pending calls of the gateway, looks for creates that may have come late, and closes its runs as interrupted. Throws a <see cref="CloudflareException"/> when Cloudflare cannot be read.</summary>
    public async Task RecoverAsync(GatewayLock held, CancellationToken cancellationToken)
    {
        await using var db = held.OpenDb();
        var pending = await db.Operations.AsNoTracking()
            .Where(operation => operation.Gateway == held.Gateway && operation.Status == OperationStatus.Pending)
            .OrderBy(operation => operation.CreatedAt)
            .ToListAsync(cancellationToken);
        foreach (var operation in pending)
        {
            await ResolveAsync(held, operation, cancellationToken);
        }

        foreach (var operation in await LateAsync(db, held, cancellationToken))
        {
            if (await IdsAsync(operation, cancellationToken) is [var id, ..])
            {
                const string Came = "found in Cloudflare: it was made after it was first looked up";
                await JournalEntries.CloseAsync(db, operation, OperationStatus.Resolved, Came, id, time.GetUtcNow(), cancellationToken);
                Resolved(operation.Op, operation.Kind, operation.Key, operation.Gateway, Came);
            }
        }

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Runs
            .Where(run => run.Gateway == held.Gateway && run.Outcome == RunOutcome.Running)
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(run => run.Outcome, RunOutcome.Interrupted)
                    .SetProperty(run => run.FinishedAt, now)
                    .SetProperty(run => run.Error, "the process ended during the run; what it had begun was looked up in Cloudflare"),
                cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // Those of an earlier epoch alone: a call of ours is answered or over before it is looked up. What was tried again since is told by the later row.
    private async Task<IReadOnlyList<OperationRow>> LateAsync(GatewayOpsDb db, GatewayLock held, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - Lateness;
        return await db.Operations.AsNoTracking()
            .Where(operation => operation.Gateway == held.Gateway && operation.Op == "create" && operation.Status == OperationStatus.Resolved && operation.Detail == NotMade
                && operation.Epoch < held.Epoch && operation.FinishedAt > since
                && !db.Operations.Any(later => later.Gateway == operation.Gateway && later.Kind == operation.Kind && later.Key == operation.Key && later.CreatedAt > operation.CreatedAt))
            .ToListAsync(cancellationToken);
    }

    /// <summary>True when the call had its effect. An update that cannot be recognised is level-based: the next observation sees what is still to be done.</summary>
    internal async Task<bool> ResolveAsync(GatewayLock held, OperationRow operation, CancellationToken cancellationToken)
    {
        var (happened, id, detail) = operation.Op switch
        {
            "create" => await IdsAsync(operation, cancellationToken) is [var made, ..] ? new Finding(true, made, "found in Cloudflare: it was made") : new Finding(false, null, NotMade),
            // One of the same name and another id was made by somebody else, after ours was gone.
            "delete" => (await IdsAsync(operation, cancellationToken)).Any(found => Is(operation, found)) ? new Finding(false, null, "found in Cloudflare: it was not deleted") : new Finding(true, null, "not found in Cloudflare: it was deleted"),
            _ => await FindUpdatedAsync(operation, cancellationToken),
        };
        await using var db = held.OpenDb();
        // A delete without effect is failed, so that the inventory keeps the object.
        var status = operation.Op == "delete" && !happened ? OperationStatus.Failed : OperationStatus.Resolved;
        await JournalEntries.CloseAsync(db, operation, status, detail, id, time.GetUtcNow(), cancellationToken);
        Resolved(operation.Op, operation.Kind, operation.Key, operation.Gateway, detail);
        return happened;
    }

    /// <summary>What became of a call. <paramref name="Id"/>: Cloudflare's, of what is ours from then on.</summary>
    private readonly record struct Finding(bool Happened, string? Id, string Detail)
    {
        public static Finding Unknown { get; } = new(false, null, "left to the next observation");
    }

    /// <summary>Cloudflare's ids of what has the operation's deterministic name.</summary>
    private async Task<IReadOnlyList<string>> IdsAsync(OperationRow operation, CancellationToken cancellationToken) => operation.Kind switch
    {
        "gateway" => await cloudflare.Gateways.FindAsync(operation.Key, cancellationToken) is { } gateway ? [gateway.Id] : [],
        "secret_store" => await cloudflare.Secrets.ListStoresAsync(cancellationToken).Select(store => store.Id).ToListAsync(cancellationToken),
        "secret" => await SecretsAsync(operation.Key, cancellationToken),
        "provider_config" => await cloudflare.ProviderConfigs.ListAsync(operation.Gateway, cancellationToken)
            .Where(config => $"{config.ProviderSlug}/{config.Alias}" == operation.Key).Select(config => config.Id).ToListAsync(cancellationToken),
        "route" => await RoutesAsync(operation, cancellationToken).Select(route => route.Id).ToListAsync(cancellationToken),
        // Names of policies are not unique: one that somebody else made is not what a lost create made.
        "policy" => await PoliciesAsync(operation, cancellationToken)
            .Where(policy => operation.Op == "delete" || Is(operation, Payload.Of(PolicyFields.Of(policy.Fields)))).Select(policy => policy.Id).ToListAsync(cancellationToken),
        "custom_provider" => await CustomProvidersAsync(operation, cancellationToken).Select(provider => provider.Id).ToListAsync(cancellationToken),
        _ => throw new InvalidOperationException($"The journal holds an unknown kind {operation.Kind}."),
    };

    /// <summary>Recognises the state that an update was to bring about, by its hash. A route's version is one call, its deployment another.</summary>
    private async Task<Finding> FindUpdatedAsync(OperationRow operation, CancellationToken cancellationToken)
    {
        switch (operation.Kind)
        {
            case "route" when await RoutesAsync(operation, cancellationToken).FirstOrDefaultAsync(cancellationToken) is { } route:
                if (await cloudflare.Routes.FindAsync(operation.Gateway, route.Id, cancellationToken) is { } live && Is(operation, Payload.Of(Payload.Deployment, GatewayObserver.Observed(live).Elements)))
                {
                    return new Finding(true, route.Id, "found in Cloudflare: the version is deployed");
                }

                var version = await cloudflare.Routes.ListVersionsAsync(operation.Gateway, route.Id, cancellationToken)
                    .FirstOrDefaultAsync(version => version.Graph is { } graph && Is(operation, Payload.Of(Payload.Version, RouteElements.Of(graph.ToJson()))), cancellationToken);
                return version is null ? Finding.Unknown : new Finding(true, null, $"found in Cloudflare: it was made as version {version.Id}");
            case "policy" when await PoliciesAsync(operation, cancellationToken).FirstOrDefaultAsync(policy => Is(operation, Payload.Of(PolicyFields.Of(policy.Fields))), cancellationToken) is { } policy:
                return new Finding(true, policy.Id, "found in Cloudflare: it is as it was to be");
            case "custom_provider" when await CustomProvidersAsync(operation, cancellationToken).FirstOrDefaultAsync(cancellationToken) is { } provider && Is(operation, Payload.Of(CustomProviderFields.Of(provider.Fields))):
                return new Finding(true, provider.Id, "found in Cloudflare: it is as it was to be");
            default:
                return Finding.Unknown;
        }
    }

    private IAsyncEnumerable<Route> RoutesAsync(OperationRow operation, CancellationToken cancellationToken) =>
        cloudflare.Routes.ListAsync(operation.Gateway, cancellationToken).Where(route => route.Name == operation.Key);

    private IAsyncEnumerable<Policy> PoliciesAsync(OperationRow operation, CancellationToken cancellationToken) =>
        cloudflare.Policies.ListAsync(operation.Gateway, includeDrafts: false, cancellationToken).Where(policy => policy.Name == operation.Key);

    private IAsyncEnumerable<CustomProvider> CustomProvidersAsync(OperationRow operation, CancellationToken cancellationToken) =>
        cloudflare.CustomProviders.ListAsync(new CustomProviderQuery(), cancellationToken).Where(provider => provider.Slug == operation.Key);

    private async Task<IReadOnlyList<string>> SecretsAsync(string name, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var store in cloudflare.Secrets.ListStoresAsync(cancellationToken))
        {
            ids.AddRange(await cloudflare.Secrets.ListSecretsAsync(store.Id, cancellationToken).Where(secret => secret.Name == name && secret.Status != "deleted").Select(secret => secret.Id).ToListAsync(cancellationToken));
        }

        return ids;
    }

    private static bool Is(OperationRow operation, string payload) => Journal.HashOf(payload) == operation.PayloadHash;

    [LoggerMessage(2010, LogLevel.Warning, "{Op} of {Kind} {Key} at gateway {Gateway} had no answer; {Detail}")]
    private partial void Resolved(string op, string kind, string key, string gateway, string detail);
}
