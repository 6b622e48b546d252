using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Access;

/// <summary>How a change of a token ended.</summary>
public abstract record TokenChange
{
    private TokenChange()
    {
    }

    /// <param name="Row">As it is stored now.</param>
    /// <param name="Token">The token itself: shown once, stored nowhere. Null after a revocation.</param>
    public sealed record Done(IssuedTokenRow Row, string? Token) : TokenChange;

    public sealed record NotFound : TokenChange;

    /// <summary>A token of this kind and name is in use.</summary>
    public sealed record NameTaken : TokenChange;

    /// <summary>There are <paramref name="Most"/> tokens of this kind in use.</summary>
    public sealed record TooMany(int Most) : TokenChange;

    /// <summary>It was revoked, or has expired: there is nothing to rotate.</summary>
    public sealed record Ended(IssuedTokenRow Row) : TokenChange;

    /// <summary>Nobody would be left with the scope admin.</summary>
    public sealed record LastAdmin : TokenChange;
}

/// <summary>Issues, rotates and revokes operator tokens and virtual keys, each with its audit row. Changes take turns, so that names, bounds and the last admin hold.</summary>
public sealed class TokenStore(IDbContextFactory<GatewayOpsDb> databases, OperatorTokens tokens, IssuedTokens issued, TimeProvider time)
{
    /// <summary>Operator tokens in use at one time.</summary>
    public const int MostTokens = 1000;

    /// <summary>Virtual keys in use at one time: every replica has all of them in memory.</summary>
    public const int MostKeys = 10_000;

    /// <summary>Revoked and expired ones are known for this long, the last <see cref="MostTokens"/> of them, so that who still presents one is told why.</summary>
    public static readonly TimeSpan EndedKept = TimeSpan.FromDays(30);

    public async Task<IssuedTokenRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await FindAsync(db, id, cancellationToken);
    }

    /// <summary>The newest first, of one kind or of both.</summary>
    public async Task<IReadOnlyList<IssuedTokenRow>> ListAsync(TokenKind? kind, Guid? before, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        IReadOnlyList<IssuedTokenRow> operators = kind is TokenKind.Key ? [] : await PageAsync(db.OperatorTokens);
        IReadOnlyList<IssuedTokenRow> keys = kind is TokenKind.Operator ? [] : await PageAsync(db.VirtualKeys);
        // As the database orders them, which is not how .NET compares Guids.
        return [.. operators.Concat(keys).OrderByDescending(row => row.Id.ToString(), StringComparer.Ordinal).Take(limit)];

        async Task<IReadOnlyList<IssuedTokenRow>> PageAsync<TRow>(DbSet<TRow> rows)
            where TRow : IssuedTokenRow =>
            await rows.AsNoTracking().Where(row => before == null || row.Id < before).OrderByDescending(row => row.Id).Take(limit).ToListAsync(cancellationToken);
    }

    /// <param name="answered">Writes what a repetition of the request is to be answered, into the same transaction.</param>
    public Task<TokenChange> CreateOperatorAsync(
        string name, OperatorScope scope, TimeSpan? lifetime, Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken) =>
        CreateAsync(
            db => db.OperatorTokens, name, tokens.IsTaken(name), MostTokens, TokenText.OperatorPrefix,
            (now, digest) => new OperatorTokenRow
            {
                Id = Guid.CreateVersion7(now),
                Name = name,
                Digest = digest,
                Scope = scope.ToString().ToLowerInvariant(),
                CreatedAt = now,
                CreatedBy = actor.Name,
                ExpiresAt = now + lifetime,
            },
            actor, answered, cancellationToken);

    /// <inheritdoc cref="CreateOperatorAsync"/>
    public Task<TokenChange> CreateKeyAsync(
        string name, VirtualKeyTerms terms, TimeSpan? lifetime, Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken) =>
        CreateAsync(
            db => db.VirtualKeys, name, isTaken: false, MostKeys, TokenText.KeyPrefix,
            (now, digest) => new VirtualKeyRow
            {
                Id = Guid.CreateVersion7(now),
                Name = name,
                Digest = digest,
                Tenant = terms.Tenant ?? name,
                Models = terms.Models?.ToArray(),
                Gateways = terms.Gateways?.ToArray(),
                RequestsPerMinute = terms.RequestsPerMinute,
                TokensPerMinute = terms.TokensPerMinute,
                BudgetUsd = terms.BudgetUsd,
                BudgetWindow = terms.BudgetUsd is null ? null : terms.BudgetWindow ?? KeyWindow.Day.ToString(),
                CreatedAt = now,
                CreatedBy = actor.Name,
                ExpiresAt = now + lifetime,
            },
            actor, answered, cancellationToken);

    /// <summary>Gives the token another value. The old one counts for <paramref name="grace"/> more, but never past its own end; one from a rotation before ends now.</summary>
    /// <param name="lifetime">From now; null is as long as it was issued for.</param>
    public Task<TokenChange> RotateAsync(
        Guid id, TimeSpan grace, TimeSpan? lifetime, Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken) =>
        ChangeAsync(answered, async (db, now) =>
        {
            if (await FindAsync(db, id, cancellationToken) is not { } row)
            {
                return new TokenChange.NotFound();
            }

            if (row.RevokedAt is not null || row.HasExpired(now))
            {
                return new TokenChange.Ended(row);
            }

            var token = TokenText.New(row is VirtualKeyRow ? TokenText.KeyPrefix : TokenText.OperatorPrefix);
            (row.PreviousDigest, row.PreviousUntil) = grace == TimeSpan.Zero ? (null, null) : (row.Digest, row.ExpiresAt < now + grace ? row.ExpiresAt : now + grace);
            row.Digest = TokenText.Digest(token);
            row.ExpiresAt = now + (lifetime ?? (row.ExpiresAt - (row.RotatedAt ?? row.CreatedAt)));
            row.RotatedAt = now;
            AuditLog.Append(db, actor, new(AuditActions.TokenRotate, Target(row)), now);
            return new TokenChange.Done(row, token);
        }, cancellationToken);

    /// <summary>Ends a token, and what a rotation left of it. One that was revoked before stays as it was, without another audit row.</summary>
    public Task<TokenChange> RevokeAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync((_, _) => Task.CompletedTask, async (db, now) =>
        {
            if (await FindAsync(db, id, cancellationToken) is not { } row)
            {
                return new TokenChange.NotFound();
            }

            if (row.RevokedAt is null)
            {
                if (row is OperatorTokenRow own && await IsLastAdminAsync(db, own, now, cancellationToken))
                {
                    return new TokenChange.LastAdmin();
                }

                row.RevokedAt = now;
                AuditLog.Append(db, actor, new(AuditActions.TokenRevoke, Target(row)), now);
            }

            return new TokenChange.Done(row, null);
        }, cancellationToken);

    private Task<TokenChange> CreateAsync<TRow>(
        Func<GatewayOpsDb, DbSet<TRow>> rowsOf, string name, bool isTaken, int most, string prefix, Func<DateTimeOffset, byte[], TRow> make,
        Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken)
        where TRow : IssuedTokenRow =>
        ChangeAsync(answered, async (db, now) =>
        {
            var rows = rowsOf(db);
            await ForgetAsync(rows, now - EndedKept, cancellationToken);
            var namesakes = await rows.Where(row => row.Name == name && row.RevokedAt == null).ToListAsync(cancellationToken);
            if (isTaken || namesakes.Exists(row => !row.HasExpired(now)))
            {
                return new TokenChange.NameTaken();
            }

            if (await rows.CountAsync(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now), cancellationToken) >= most)
            {
                return new TokenChange.TooMany(most);
            }

            // The name is free again; an expired token gives it up.
            namesakes.ForEach(row => row.RevokedAt = now);
            await db.SaveChangesAsync(cancellationToken);
            var token = TokenText.New(prefix);
            var made = make(now, TokenText.Digest(token));
            rows.Add(made);
            AuditLog.Append(db, actor, new(AuditActions.TokenCreate, Target(made)), now);
            return new TokenChange.Done(made, token);
        }, cancellationToken);

    private async Task<TokenChange> ChangeAsync(
        Func<GatewayOpsDb, TokenChange.Done, Task> answered, Func<GatewayOpsDb, DateTimeOffset, Task<TokenChange>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('gatewayops-tokens', 0))", cancellationToken);
        var outcome = await change(db, time.StoredNow());
        if (outcome is not TokenChange.Done done)
        {
            return outcome;
        }

        await db.SaveChangesAsync(cancellationToken);
        await answered(db, done);
        await db.Database.ExecuteSqlAsync($"select pg_notify({IssuedTokens.Channel}, '')", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        // On this replica it counts before the caller reads the answer; the others hear of it. Not the caller's token: what is committed is in force.
        await issued.ReadAsync(CancellationToken.None);
        return done;
    }

    private static async Task<IssuedTokenRow?> FindAsync(GatewayOpsDb db, Guid id, CancellationToken cancellationToken) =>
        await db.OperatorTokens.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } token
            ? token
            : await db.VirtualKeys.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    private static async Task ForgetAsync<TRow>(DbSet<TRow> rows, DateTimeOffset before, CancellationToken cancellationToken)
        where TRow : IssuedTokenRow
    {
        await rows.Where(row => (row.RevokedAt ?? row.ExpiresAt) < before).ExecuteDeleteAsync(cancellationToken);
        await rows.Where(row => row.RevokedAt != null).OrderByDescending(row => row.RevokedAt).Skip(MostTokens).ExecuteDeleteAsync(cancellationToken);
    }

    private async Task<bool> IsLastAdminAsync(GatewayOpsDb db, OperatorTokenRow row, DateTimeOffset now, CancellationToken cancellationToken) =>
        !tokens.HaveLastingAdmin && row.Scope.Equals(nameof(OperatorScope.Admin), StringComparison.OrdinalIgnoreCase) && !row.HasExpired(now)
        && !await db.OperatorTokens.AnyAsync(
            other => other.Id != row.Id && other.Scope == row.Scope && other.RevokedAt == null && (other.ExpiresAt == null || other.ExpiresAt > now), cancellationToken);

    private static string Target(IssuedTokenRow row) => $"{row.Name}/{(row is OperatorTokenRow token ? token.Scope : "key")}";
}
