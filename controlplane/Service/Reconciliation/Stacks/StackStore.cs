using System.Text;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation.Stacks;

/// <summary>A stack as adopted. <paramref name="Version"/> is its entity tag.</summary>
public sealed record AdoptedStack(StackDocument Document, string Hash, DateTimeOffset AdoptedAt, string AdoptedBy, int Version)
{
    public static AdoptedStack Of(StackRow row) => new(
        StackReader.Read(Encoding.UTF8.GetBytes(row.Document)).Document ?? throw new StackUnreadableException(row.Name),
        row.Hash, row.AdoptedAt, row.AdoptedBy, unchecked((int)row.Version));
}

/// <summary>A stored hand-over that this version does not accept.</summary>
public sealed class StackUnreadableException(string name) : Exception($"The stored hand-over of the stack {name} is not valid for this version: adopt the stack again with `gatewayops stack adopt`");

/// <summary>How adopting a stack ended.</summary>
public abstract record Adoption
{
    private Adoption()
    {
    }

    /// <summary>What it declares belongs to somebody else. Nothing was stored.</summary>
    public sealed record Refused(IReadOnlyList<RuleSetError> Errors) : Adoption;

    /// <summary>The precondition does not hold.</summary>
    public sealed record Stale : Adoption;

    public sealed record Adopted(AdoptedStack Stack, bool Unchanged) : Adoption;
}

/// <summary>Keeps what Pulumi stacks hand over: which objects are theirs, and what their gateways' fields should be.</summary>
public sealed class StackStore(IDbContextFactory<GatewayOpsDb> databases, IOptions<CloudflareAccountOptions> account, TimeProvider time)
{
    /// <summary>SHA-256 of the canonical document, 64 lower hex digits.</summary>
    public static string HashOf(StackDocument document) => TextHash.Of(CanonicalJson.Of(document.ToJson()));

    /// <summary>The stack that declares a gateway; null for none. One gateway is declared by one stack at most.</summary>
    public static async Task<StackDocument?> OfGatewayAsync(GatewayOpsDb db, string gateway, CancellationToken cancellationToken)
    {
        var declares = StoredJson.Write(new { gateways = new[] { new { id = gateway } } });
        return await db.Stacks.FromSql($"select *, xmin from stacks where document @> {declares}::jsonb").AsNoTracking().FirstOrDefaultAsync(cancellationToken) is { } row ? AdoptedStack.Of(row).Document : null;
    }

    /// <summary>Gateways that stacks declare.</summary>
    public static IQueryable<string> Gateways(GatewayOpsDb db) =>
        db.Database.SqlQuery<string>($"select gateway ->> 'id' as \"Value\" from stacks, jsonb_array_elements(document -> 'gateways') as gateway");

    /// <summary>The stack of each gateway that one declares.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> NamesAsync(GatewayOpsDb db, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<Declaration>($"select gateway ->> 'id' as gateway, name as stack from stacks, jsonb_array_elements(document -> 'gateways') as gateway").ToListAsync(cancellationToken))
            .ToDictionary(declaration => declaration.Gateway, declaration => declaration.Stack);

    public async Task<IReadOnlyList<AdoptedStack>> ListAsync(string? after, int count, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.Stacks.AsNoTracking().Where(row => EF.Functions.Collate(row.Name, "C").CompareTo(after ?? "") > 0).OrderBy(row => EF.Functions.Collate(row.Name, "C")).Take(count).ToListAsync(cancellationToken);
        return rows.ConvertAll(AdoptedStack.Of);
    }

    public async Task<AdoptedStack?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Stacks.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancellationToken) is { } row ? AdoptedStack.Of(row) : null;
    }

    /// <summary>The key that a stack's secret holds, for whoever is about to declare the same; null when none does.</summary>
    public async Task<DeclaredKey?> KeyAsync(string gateway, string provider, string alias, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return (await OfGatewayAsync(db, gateway, cancellationToken)) is { } stack && stack.Secrets.FirstOrDefault(secret => secret.Gateway == gateway && secret.Provider == provider && secret.Alias == alias) is { } secret
            ? new DeclaredKey(provider, alias, secret.Name) { Stack = stack.Name }
            : null;
    }

    /// <summary>What keeps a stack from being adopted, by pointer into the document: another account, another owner.</summary>
    public async Task<IReadOnlyList<RuleSetError>> ConflictsAsync(StackDocument document, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ConflictsAsync(db, document, cancellationToken);
    }

    /// <summary>
    /// Stores the document in the place of what the stack handed over before. Gateways and a store that were made by us and that the stack declares are the
    /// stack's from then on.
    /// </summary>
    public async Task<Adoption> AdoptAsync(StackDocument document, Precondition precondition, Actor actor, CancellationToken cancellationToken)
    {
        var (json, hash, now) = (CanonicalJson.Of(document.ToJson()), HashOf(document), time.GetUtcNow());
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // Two stacks that declare one gateway at the same time: the second sees the first.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('gatewayops-stacks', 0))", cancellationToken);
        if (await ConflictsAsync(db, document, cancellationToken) is { Count: > 0 } conflicts)
        {
            return new Adoption.Refused(conflicts);
        }

        var row = await db.Stacks.SingleOrDefaultAsync(stack => stack.Name == document.Name, cancellationToken);
        if (!precondition.Holds(row is null ? null : unchecked((int)row.Version)))
        {
            return new Adoption.Stale();
        }

        var unchanged = row?.Hash == hash;
        AuditLog.Append(db, actor, new("stack.adopt", document.Name) { BeforeHash = row?.Hash, AfterHash = hash, Result = unchanged ? "unchanged" : "ok" }, now);
        if (row is null)
        {
            row = new StackRow { Name = document.Name, Document = json, Hash = hash, AdoptedAt = now, AdoptedBy = actor.Name };
            db.Stacks.Add(row);
        }
        else if (!unchanged)
        {
            (row.Document, row.Hash, row.AdoptedAt, row.AdoptedBy) = (json, hash, now, actor.Name);
        }

        await HandOverAsync(db, document, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new Adoption.Adopted(AdoptedStack.Of(row), unchanged);
    }

    /// <summary>Null when there is no such stack, false when the precondition does not hold. The objects stay where they are; links that we made for the stack's secrets go with the next pass.</summary>
    public async Task<bool?> RemoveAsync(string name, Precondition precondition, Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if ((await db.Stacks.FromSql($"select *, xmin from stacks where name = {name} for update").ToListAsync(cancellationToken)).SingleOrDefault() is not { } row)
        {
            return null;
        }

        if (!precondition.Holds(unchecked((int)row.Version)))
        {
            return false;
        }

        db.Stacks.Remove(row);
        AuditLog.Append(db, actor, new("stack.remove", name) { BeforeHash = row.Hash }, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private sealed record Declaration(string Gateway, string Stack);

    private static async Task HandOverAsync(GatewayOpsDb db, StackDocument document, CancellationToken cancellationToken)
    {
        var ids = document.Gateways.Select(gateway => gateway.Id).ToList();
        var (gateway, store) = (SnakeCaseEnum<ObjectKind>.Of(ObjectKind.Gateway), SnakeCaseEnum<ObjectKind>.Of(ObjectKind.SecretStore));
        await db.Inventory.Where(item => (item.Kind == gateway && ids.Contains(item.Key)) || (item.Kind == store && item.CloudflareId == document.SecretsStoreId)).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<RuleSetError>> ConflictsAsync(GatewayOpsDb db, StackDocument document, CancellationToken cancellationToken)
    {
        var errors = new List<RuleSetError>();
        if (document.AccountId != account.Value.AccountId)
        {
            errors.Add(new(RuleSetErrorCodes.Conflict, "/accountId", "/accountId is not the account of this service: adopt the stack at the service of its account (CLOUDFLARE_ACCOUNT_ID)."));
        }

        for (var i = 0; i < document.Gateways.Count; i++)
        {
            if (await OfGatewayAsync(db, document.Gateways[i].Id, cancellationToken) is { } other && other.Name != document.Name)
            {
                errors.Add(new(RuleSetErrorCodes.Conflict, $"/gateways/{i}/id", $"Gateway {document.Gateways[i].Id} belongs to the stack {other.Name}: `gatewayops stack remove {other.Name}` first, or leave it out."));
            }
        }

        var secret = SnakeCaseEnum<ObjectKind>.Of(ObjectKind.Secret);
        for (var i = 0; i < document.Secrets.Count; i++)
        {
            var declared = document.Secrets[i];
            if (await db.ProviderKeys.AnyAsync(key => key.Gateway == declared.Gateway && key.Provider == declared.Provider && key.Alias == declared.Alias, cancellationToken)
                || await db.Inventory.AnyAsync(item => item.Kind == secret && item.Key == declared.Name, cancellationToken))
            {
                errors.Add(new(RuleSetErrorCodes.Conflict, $"/secrets/{i}/name",
                    $"The secret {declared.Name} was put by GatewayOps: `gatewayops keys remove --gateway {declared.Gateway} --provider {declared.Provider} --alias {declared.Alias}` before the stack makes it."));
            }
        }

        return errors;
    }
}
