using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

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

    /// <summary>Resolves the pending calls of the gateway and closes its runs as interrupted. Throws a <see cref="CloudflareException"/> when Cloudflare cannot be read.</summary>
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

    /// <summary>True when the call had its effect. An update is level-based: the next observation sees what is still to be done.</summary>
    internal async Task<bool> ResolveAsync(GatewayLock held, OperationRow operation, CancellationToken cancellationToken)
    {
        var foundId = await FindAsync(operation, cancellationToken);
        var (happened, detail) = operation.Op switch
        {
            "create" => (foundId is not null, foundId is not null ? "found in Cloudflare: it was made" : "not found in Cloudflare: it was not made"),
            "delete" => (foundId is null, foundId is null ? "not found in Cloudflare: it was deleted" : "found in Cloudflare: it was not deleted"),
            _ => (false, "left to the next observation"),
        };
        await using var db = held.OpenDb();
        // A delete without effect is failed, so that the inventory keeps the object.
        var status = operation.Op == "delete" && !happened ? OperationStatus.Failed : OperationStatus.Resolved;
        await JournalEntries.CloseAsync(db, operation, status, detail, foundId, time.GetUtcNow(), cancellationToken);
        Resolved(operation.Op, operation.Kind, operation.Key, operation.Gateway, detail);
        return happened;
    }

    private async Task<string?> FindAsync(OperationRow operation, CancellationToken cancellationToken) => operation.Kind switch
    {
        "gateway" => (await cloudflare.Gateways.FindAsync(operation.Key, cancellationToken))?.Id,
        "secret_store" => (await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstOrDefaultAsync(cancellationToken))?.Id,
        "secret" => await FindSecretAsync(operation.Key, cancellationToken),
        "provider_config" => (await cloudflare.ProviderConfigs.ListAsync(operation.Gateway, cancellationToken)
            .FirstOrDefaultAsync(config => $"{config.ProviderSlug}/{config.Alias}" == operation.Key, cancellationToken))?.Id,
        _ => throw new InvalidOperationException($"The journal holds an unknown kind {operation.Kind}."),
    };

    private async Task<string?> FindSecretAsync(string name, CancellationToken cancellationToken)
    {
        await foreach (var store in cloudflare.Secrets.ListStoresAsync(cancellationToken))
        {
            if (await cloudflare.Secrets.ListSecretsAsync(store.Id, cancellationToken).FirstOrDefaultAsync(secret => secret.Name == name && secret.Status != "deleted", cancellationToken) is { } found)
            {
                return found.Id;
            }
        }

        return null;
    }

    [LoggerMessage(2010, LogLevel.Warning, "{Op} of {Kind} {Key} at gateway {Gateway} had no answer; {Detail}")]
    private partial void Resolved(string op, string kind, string key, string gateway, string detail);
}
