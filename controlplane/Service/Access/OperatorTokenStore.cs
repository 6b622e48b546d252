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
    public sealed record Done(OperatorTokenRow Row, string? Token) : TokenChange;

    public sealed record NotFound : TokenChange;

    /// <summary>A token of this name is in use.</summary>
    public sealed record NameTaken : TokenChange;

    /// <summary>There are <see cref="OperatorTokenStore.MostLive"/> tokens in use.</summary>
    public sealed record TooMany : TokenChange;

    /// <summary>It was revoked, or has expired: there is nothing to rotate.</summary>
    public sealed record Ended(OperatorTokenRow Row) : TokenChange;

    /// <summary>Nobody would be left with the scope admin.</summary>
    public sealed record LastAdmin : TokenChange;
}

/// <summary>Issues, rotates and revokes operator tokens, each with its audit row. Changes take turns, so that names, bound and the last admin hold.</summary>
public sealed class OperatorTokenStore(IDbContextFactory<GatewayOpsDb> databases, OperatorTokens tokens, IssuedTokens issued, TimeProvider time)
{
    /// <summary>Tokens in use at one time.</summary>
    public const int MostLive = 1000;

    /// <summary>Revoked and expired tokens are known for this long, the last <see cref="MostLive"/> of them, so that who still presents one is told why.</summary>
    public static readonly TimeSpan EndedKept = TimeSpan.FromDays(30);

    public async Task<OperatorTokenRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.OperatorTokens.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    /// <summary>The newest first.</summary>
    public async Task<IReadOnlyList<OperatorTokenRow>> ListAsync(Guid? before, int limit, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.OperatorTokens.AsNoTracking().Where(row => before == null || row.Id < before).OrderByDescending(row => row.Id).Take(limit).ToListAsync(cancellationToken);
    }

    /// <param name="answered">Writes what a repetition of the request is to be answered, into the same transaction.</param>
    public Task<TokenChange> CreateAsync(
        string name, OperatorScope scope, TimeSpan? lifetime, Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken) =>
        ChangeAsync(answered, async (db, now) =>
        {
            await ForgetAsync(db, now - EndedKept, cancellationToken);
            var namesakes = await db.OperatorTokens.Where(row => row.Name == name && row.RevokedAt == null).ToListAsync(cancellationToken);
            if (tokens.IsTaken(name) || namesakes.Exists(row => !HasExpired(row, now)))
            {
                return new TokenChange.NameTaken();
            }

            if (await db.OperatorTokens.CountAsync(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now), cancellationToken) >= MostLive)
            {
                return new TokenChange.TooMany();
            }

            // The name is free again; an expired token gives it up.
            namesakes.ForEach(row => row.RevokedAt = now);
            await db.SaveChangesAsync(cancellationToken);
            var token = TokenText.New();
            var made = new OperatorTokenRow
            {
                Id = Guid.CreateVersion7(now),
                Name = name,
                Digest = TokenText.Digest(token),
                Scope = scope.ToString().ToLowerInvariant(),
                CreatedAt = now,
                CreatedBy = actor.Name,
                ExpiresAt = now + lifetime,
            };
            db.OperatorTokens.Add(made);
            AuditLog.Append(db, actor, new(AuditActions.TokenCreate, $"{made.Name}/{made.Scope}"), now);
            return new TokenChange.Done(made, token);
        }, cancellationToken);

    /// <summary>Gives the token another value. The old one counts for <paramref name="grace"/> more, but never past its own end; one from a rotation before ends now.</summary>
    /// <param name="lifetime">From now; null is as long as it was issued for.</param>
    public Task<TokenChange> RotateAsync(
        Guid id, TimeSpan grace, TimeSpan? lifetime, Actor actor, Func<GatewayOpsDb, TokenChange.Done, Task> answered, CancellationToken cancellationToken) =>
        ChangeAsync(answered, async (db, now) =>
        {
            if (await db.OperatorTokens.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            {
                return new TokenChange.NotFound();
            }

            if (row.RevokedAt is not null || HasExpired(row, now))
            {
                return new TokenChange.Ended(row);
            }

            var token = TokenText.New();
            (row.PreviousDigest, row.PreviousUntil) = grace == TimeSpan.Zero ? (null, null) : (row.Digest, row.ExpiresAt < now + grace ? row.ExpiresAt : now + grace);
            row.Digest = TokenText.Digest(token);
            row.ExpiresAt = now + (lifetime ?? (row.ExpiresAt - (row.RotatedAt ?? row.CreatedAt)));
            row.RotatedAt = now;
            AuditLog.Append(db, actor, new(AuditActions.TokenRotate, $"{row.Name}/{row.Scope}"), now);
            return new TokenChange.Done(row, token);
        }, cancellationToken);

    /// <summary>Ends a token, and what a rotation left of it. One that was revoked before stays as it was, without another audit row.</summary>
    public Task<TokenChange> RevokeAsync(Guid id, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync((_, _) => Task.CompletedTask, async (db, now) =>
        {
            if (await db.OperatorTokens.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            {
                return new TokenChange.NotFound();
            }

            if (row.RevokedAt is null)
            {
                if (!tokens.HaveLastingAdmin && IsAdmin(row) && !HasExpired(row, now)
                    && !await db.OperatorTokens.AnyAsync(other => other.Id != id && other.Scope == row.Scope && other.RevokedAt == null && (other.ExpiresAt == null || other.ExpiresAt > now), cancellationToken))
                {
                    return new TokenChange.LastAdmin();
                }

                row.RevokedAt = now;
                AuditLog.Append(db, actor, new(AuditActions.TokenRevoke, $"{row.Name}/{row.Scope}"), now);
            }

            return new TokenChange.Done(row, null);
        }, cancellationToken);

    public static bool HasExpired(OperatorTokenRow row, DateTimeOffset now) => row.ExpiresAt <= now;

    private async Task<TokenChange> ChangeAsync(
        Func<GatewayOpsDb, TokenChange.Done, Task> answered, Func<GatewayOpsDb, DateTimeOffset, Task<TokenChange>> change, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('gatewayops-tokens', 0))", cancellationToken);
        var outcome = await change(db, Now());
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

    private static async Task ForgetAsync(GatewayOpsDb db, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await db.OperatorTokens.Where(row => (row.RevokedAt ?? row.ExpiresAt) < before).ExecuteDeleteAsync(cancellationToken);
        await db.OperatorTokens.Where(row => row.RevokedAt != null).OrderByDescending(row => row.RevokedAt).Skip(MostLive).ExecuteDeleteAsync(cancellationToken);
    }

    private static bool IsAdmin(OperatorTokenRow row) => row.Scope.Equals(nameof(OperatorScope.Admin), StringComparison.OrdinalIgnoreCase);

    // PostgreSQL keeps microseconds: what is answered now is what is read back later.
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
