using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Makes gateways in Cloudflare, for those who do not run Pulumi. Idempotent: one that is there is left as it is.</summary>
public sealed class NewGateway(IDbContextFactory<GatewayOpsDb> databases, CloudflareClient cloudflare, GatewayControls controls, GatewayLocks locks, Journal journal, JournalRecovery recovery, TimeProvider time)
{
    // Cloudflare contract, section 2.2: 10 on the free plan, 20 on paid ones.
    private const int FewestAtTheLimit = 10;

    /// <summary>True when it was made, false when it was there. Throws <see cref="GatewayLimitException"/> when the account may have no more.</summary>
    public async Task<bool> CreateAsync(string gateway, JsonObject settings, Actor actor, CancellationToken cancellationToken)
    {
        await using var held = await locks.AcquireAsync(gateway, cancellationToken);
        await controls.DemandRunningAsync([gateway], cancellationToken);
        await recovery.RecoverAsync(held, cancellationToken);
        if (await cloudflare.Gateways.FindAsync(gateway, cancellationToken) is not null)
        {
            return false;
        }

        var fields = Fields(gateway, settings);
        await TellAsync(gateway, actor, cancellationToken);
        try
        {
            await MakeAsync(held, fields, cancellationToken);
        }
        catch (CloudflareException refused) when (refused.Kind == CloudflareErrorKind.Validation && SpeaksOfGateways(refused))
        {
            var count = await cloudflare.Gateways.ListAsync(cancellationToken).CountAsync(cancellationToken);
            if (count >= FewestAtTheLimit)
            {
                throw new GatewayLimitException(gateway, count, refused);
            }

            throw;
        }

        return true;
    }

    private Task MakeAsync(GatewayLock held, JsonObject fields, CancellationToken cancellationToken) =>
        journal.CallAsync(held, new Step(Guid.CreateVersion7(time.GetUtcNow()), ObjectKind.Gateway, held.Gateway, ChangeOp.Create, CanonicalJson.Of(fields)),
            token => cloudflare.Gateways.CreateAsync(fields, token), made => made.Id, cancellationToken);

    // Every field was checked before it was sent; which words Cloudflare uses for its limit is not in the contract.
    private static bool SpeaksOfGateways(CloudflareException refused) => refused.Errors.Any(error => error.Message.Contains("gateways", StringComparison.OrdinalIgnoreCase));

    // Before the call: what Cloudflare does is in no transaction of ours, and there shall be no change without its row.
    private async Task TellAsync(string gateway, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        AuditLog.Append(db, actor, new("gateway.create", gateway) { Result = "asked" }, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
    }

    // Required members (Cloudflare contract, section 2.1), and authentication: without it anybody who knows the account's id may spend its stored keys.
    private static JsonObject Fields(string gateway, JsonObject settings)
    {
        var fields = new JsonObject
        {
            ["id"] = gateway,
            ["cache_invalidate_on_update"] = false,
            ["cache_ttl"] = 0,
            ["collect_logs"] = true,
            ["rate_limiting_interval"] = 0,
            ["rate_limiting_limit"] = 0,
            ["authentication"] = true,
        };
        foreach (var (field, value) in settings)
        {
            fields[field] = value?.DeepClone();
        }

        return fields;
    }
}

/// <summary>The account has as many gateways as its plan allows.</summary>
public sealed class GatewayLimitException(string gateway, int count, Exception cause)
    : Exception($"Gateway {gateway} was not made: the account has {count} gateways, and its plan allows no more (10 free, 20 paid). Delete one that is not used (`gatewayops gateway list` shows them), or give its work to an existing one with CLOUDFLARE_GATEWAY_ID.", cause);
