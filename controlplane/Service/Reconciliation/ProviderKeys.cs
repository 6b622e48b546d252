using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>A provider key to declare. <paramref name="Value"/> goes to Cloudflare's Secrets Store and nowhere else.</summary>
public sealed record NewProviderKey(string Gateway, string Provider, string Alias, string Value)
{
    public string SecretName => DeclaredKey.SecretNameOf(Gateway, Provider, Alias);

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append($"Gateway = {Gateway}, Provider = {Provider}, Alias = {Alias}, Value = (hidden)");
        return true;
    }
}

/// <summary>How putting a key ended.</summary>
public abstract record KeyPutResult
{
    private KeyPutResult()
    {
    }

    public sealed record GatewayNotFound : KeyPutResult;

    /// <summary>There is no such key to rotate.</summary>
    public sealed record NotDeclared : KeyPutResult;

    /// <summary>A secret of that name exists and is not ours, or a stack declares it. <paramref name="Stack"/> is its name, where one does.</summary>
    public sealed record OwnedElsewhere(string SecretName, string? Stack) : KeyPutResult;

    /// <param name="Key">The declared key.</param>
    /// <param name="Active">Cloudflare has activated the secret; where not, its provider_config follows by itself.</param>
    /// <param name="Run">The pass that linked it.</param>
    /// <param name="PreviousFingerprint">Of the value before; null for a new key.</param>
    public sealed record Put(ProviderKeyRow Key, bool Active, Run Run, string? PreviousFingerprint) : KeyPutResult;
}

/// <summary>Stored provider keys (BYOK): value into the Secrets Store, declaration into our table; the link between them is the reconciler's.</summary>
public sealed class ProviderKeys(
    IDbContextFactory<GatewayOpsDb> databases,
    CloudflareClient cloudflare,
    GatewayControls controls,
    StackStore stacks,
    GatewayLocks locks,
    Journal journal,
    JournalRecovery recovery,
    Reconciler reconciler,
    Fingerprint fingerprint,
    TimeProvider time)
{
    // What takes longer is linked by a later pass.
    private static readonly TimeSpan LongestActivation = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<ProviderKeyRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ProviderKeys.AsNoTracking().OrderBy(key => key.Gateway).ThenBy(key => key.Provider).ThenBy(key => key.Alias).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Stores or replaces the value, declares the key, and links it. The declaration comes after the value: a secret that a crash leaves without one
    /// is in the inventory, and the next pass removes it.
    /// </summary>
    public Task<KeyPutResult> PutAsync(NewProviderKey key, Actor actor, CancellationToken cancellationToken) => WriteAsync(key, mustBeDeclared: false, actor, cancellationToken);

    /// <summary>
    /// Replaces the value of a declared key in its place: the secret keeps its id, so that its provider_config refers to it all the time and no request is without a key.
    /// </summary>
    public Task<KeyPutResult> RotateAsync(NewProviderKey key, Actor actor, CancellationToken cancellationToken) => WriteAsync(key, mustBeDeclared: true, actor, cancellationToken);

    private async Task<KeyPutResult> WriteAsync(NewProviderKey key, bool mustBeDeclared, Actor actor, CancellationToken cancellationToken)
    {
        await using var held = await locks.AcquireAsync(key.Gateway, cancellationToken);
        await controls.DemandRunningAsync([key.Gateway], cancellationToken);
        if (await stacks.KeyAsync(key.Gateway, key.Provider, key.Alias, cancellationToken) is { } others)
        {
            return new KeyPutResult.OwnedElsewhere(others.SecretName, others.Stack);
        }

        if (mustBeDeclared && !await IsDeclaredAsync(key, cancellationToken))
        {
            return new KeyPutResult.NotDeclared();
        }

        await recovery.RecoverAsync(held, cancellationToken);
        if (await cloudflare.Gateways.FindAsync(key.Gateway, cancellationToken) is null)
        {
            return new KeyPutResult.GatewayNotFound();
        }

        var runId = Guid.CreateVersion7(time.GetUtcNow());
        var storeId = await StoreAsync(held, runId, cancellationToken);
        var secret = await FindAsync(storeId, key.SecretName, cancellationToken);
        if (secret is not null && !await IsOursAsync(held, secret, cancellationToken))
        {
            return new KeyPutResult.OwnedElsewhere(key.SecretName, Stack: null);
        }

        await SendAsync(held, runId, storeId, secret, key, cancellationToken);
        var active = await ActivatedAsync(storeId, key.SecretName, cancellationToken);
        var (row, previous) = await DeclareAsync(key, actor, cancellationToken);
        return new KeyPutResult.Put(row, active, await reconciler.PassAsync(held, RunTrigger.Keys, first: null, cancellationToken), previous);
    }

    /// <summary>Takes the declaration back; the pass that follows removes what we made for it. Null when there is no such key.</summary>
    public async Task<Run?> RemoveAsync(string gateway, string provider, string alias, Actor actor, CancellationToken cancellationToken)
    {
        await using var held = await locks.AcquireAsync(gateway, cancellationToken);
        await controls.DemandRunningAsync([gateway], cancellationToken);
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (await db.ProviderKeys.FindAsync([gateway, provider, alias], cancellationToken) is not { } row)
            {
                return null;
            }

            db.ProviderKeys.Remove(row);
            AuditLog.Append(db, actor, new("keys.remove", $"{gateway}/{provider}/{alias}") { BeforeHash = row.Fingerprint }, time.GetUtcNow());
            await db.SaveChangesAsync(cancellationToken);
        }

        return await reconciler.PassAsync(held, RunTrigger.Keys, first: null, cancellationToken);
    }

    private async Task<bool> IsDeclaredAsync(NewProviderKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.ProviderKeys.AnyAsync(row => row.Gateway == key.Gateway && row.Provider == key.Provider && row.Alias == key.Alias, cancellationToken);
    }

    private async Task<string> StoreAsync(GatewayLock held, Guid runId, CancellationToken cancellationToken)
    {
        var store = await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstOrDefaultAsync(cancellationToken)
            ?? await journal.CallAsync(held, new Step(runId, ObjectKind.SecretStore, Planner.StoreName, ChangeOp.Create, Planner.StoreName),
                token => cloudflare.Secrets.CreateStoreAsync(Planner.StoreName, token), made => made.Id, cancellationToken)
            ?? await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstAsync(cancellationToken);
        return store.Id;
    }

    private ValueTask<Secret?> FindAsync(string storeId, string name, CancellationToken cancellationToken) =>
        cloudflare.Secrets.ListSecretsAsync(storeId, cancellationToken).FirstOrDefaultAsync(secret => secret.Name == name && secret.Status != "deleted", cancellationToken);

    private static async Task<bool> IsOursAsync(GatewayLock held, Secret secret, CancellationToken cancellationToken)
    {
        await using var db = held.OpenDb();
        var kind = SnakeCaseEnum<ObjectKind>.Of(ObjectKind.Secret);
        return await db.Inventory.AnyAsync(item => item.Kind == kind && item.Gateway == held.Gateway && item.Key == secret.Name && item.CloudflareId == secret.Id, cancellationToken);
    }

    private Task SendAsync(GatewayLock held, Guid runId, string storeId, Secret? secret, NewProviderKey key, CancellationToken cancellationToken) => secret is null
        ? journal.CallAsync(held, new Step(runId, ObjectKind.Secret, key.SecretName, ChangeOp.Create, fingerprint.Of(key.Value)),
            token => cloudflare.Secrets.CreateSecretAsync(storeId, new NewSecret(key.SecretName, key.Value, ["ai_gateway"], "made by GatewayOps"), token),
            made => made.Id, cancellationToken)
        : journal.CallAsync(held, new Step(runId, ObjectKind.Secret, key.SecretName, ChangeOp.Update, fingerprint.Of(key.Value)),
            token => cloudflare.Secrets.ReplaceValueAsync(storeId, secret.Id, key.Value, token), _ => null, cancellationToken);

    // A new secret is pending for a moment, and until then nothing can refer to it (Cloudflare contract, section 4.1).
    private async Task<bool> ActivatedAsync(string storeId, string name, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var wait = TimeSpan.FromMilliseconds(50); ; wait *= 2)
        {
            if (await FindAsync(storeId, name, cancellationToken) is { Status: "active" })
            {
                return true;
            }

            if (time.GetElapsedTime(started) + wait > LongestActivation)
            {
                return false;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<(ProviderKeyRow Row, string? Previous)> DeclareAsync(NewProviderKey key, Actor actor, CancellationToken cancellationToken)
    {
        var (print, now) = (fingerprint.Of(key.Value), time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var row = await db.ProviderKeys.FindAsync([key.Gateway, key.Provider, key.Alias], cancellationToken);
        var previous = row?.Fingerprint;
        AuditLog.Append(db, actor, new(row is null ? "keys.put" : "keys.rotate", $"{key.Gateway}/{key.Provider}/{key.Alias}") { BeforeHash = row?.Fingerprint, AfterHash = print }, now);
        if (row is null)
        {
            row = new ProviderKeyRow { Gateway = key.Gateway, Provider = key.Provider, Alias = key.Alias, SecretName = key.SecretName, Fingerprint = print, CreatedAt = now };
            db.ProviderKeys.Add(row);
        }
        else
        {
            row.Fingerprint = print;
            row.RotatedAt = now;
        }

        await db.SaveChangesAsync(cancellationToken);
        return (row, previous);
    }
}
