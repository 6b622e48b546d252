using GatewayOps.ControlPlane.Storage;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What the database says: of our claims, of what all others have claimed together, and how many others there are.</summary>
public sealed record KeyStandings(
    IReadOnlyDictionary<(Guid Key, string Kind, DateTimeOffset Start), decimal> Claimed,
    IReadOnlyDictionary<(Guid Key, string Kind, DateTimeOffset Start), decimal> Others,
    long Replicas);

/// <summary>
/// The claims of all replicas. A replica gets what it asks for as far as the others leave it, and at least what it has used already, so that what was spent is never forgotten. Of a replica
/// that fell silent only what it used counts. By the database's clock, since those of the replicas may differ.
/// </summary>
public sealed class KeyClaims(NpgsqlDataSource database, ReplicaId self)
{
    /// <summary>Silence after which a replica counts as gone; longer than <see cref="KeyAllowances.Trust"/>.</summary>
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(30);

    /// <summary>How long the rows of a window are kept after its end: a replica's clock may be behind.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongGone = TimeSpan.FromHours(1);

    private const int TimeoutSeconds = 5;

    private const string Turn = "select pg_advisory_xact_lock(hashtextextended('gatewayops-key-claims', 0))";

    private const string Claim = """
        with asked as (
            select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::numeric[], $6::numeric[], $7::numeric[])
                as a (key_id, kind, window_start, window_end, used, ask, bound)),
        others as (
            select a.key_id, a.kind, a.window_start, coalesce(sum(case when r.replica is null then c.used else c.claimed end), 0) as claimed
            from asked a
            left join key_claims c on c.key_id = a.key_id and c.kind = a.kind and c.window_start = a.window_start and c.replica <> $8
            left join key_replicas r on r.replica = c.replica and r.seen_at > clock_timestamp() - $9
            group by 1, 2, 3)
        insert into key_claims (key_id, kind, window_start, window_end, replica, used, claimed)
        select a.key_id, a.kind, a.window_start, a.window_end, $8, a.used, greatest(a.used, least(a.ask, a.bound - o.claimed))
        from asked a join others o using (key_id, kind, window_start)
        on conflict (key_id, kind, window_start, replica) do update set used = excluded.used, claimed = excluded.claimed
        returning key_id, kind, window_start, claimed
        """;

    private const string Read = """
        select c.key_id, c.kind, c.window_start, sum(case when r.replica is null then c.used else c.claimed end)
        from key_claims c left join key_replicas r on r.replica = c.replica and r.seen_at > clock_timestamp() - $2
        where c.replica <> $1 and c.window_end > $3 group by 1, 2, 3
        """;

    /// <summary>Makes our claims and reads those of the others, all in one round trip and one transaction, so that a replica that stalls holds nobody up. Replicas take turns.</summary>
    public async Task<KeyStandings> ExchangeAsync(IReadOnlyList<KeyClaim> claims, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        Add(batch, Turn);
        Add(batch, "insert into key_replicas (replica, seen_at) values ($1, clock_timestamp()) on conflict (replica) do update set seen_at = excluded.seen_at returning replica", Text(self.Value));
        Add(batch, Claim, Array(claims, c => c.Key), Array(claims, c => c.Kind), Array(claims, c => c.Start.UtcDateTime),
            Array(claims, c => c.End.UtcDateTime), Array(claims, c => c.Used), Array(claims, c => c.Asked), Array(claims, c => c.Limit), Text(self.Value), Span(Gone));
        Add(batch, Read, Text(self.Value), Span(Gone), Time(now));
        Add(batch, "select count(*) from key_replicas where replica <> $1 and seen_at > clock_timestamp() - $2", Text(self.Value), Span(Gone));
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        var claimed = await SumsAsync(rows, cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        var others = await SumsAsync(rows, cancellationToken);
        await rows.NextResultAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        return new KeyStandings(claimed, others, rows.GetInt64(0));
    }

    /// <summary>
    /// Removes what no window needs any more, and puts what replicas that are long gone have used into one row, so that a month of restarts is no larger than one replica. Such a one that
    /// comes back after all counts twice what it had used in a window that still lasts: too much is safe.
    /// </summary>
    public async Task ForgetAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        batch.Timeout = TimeoutSeconds;
        Add(batch, Turn);
        Add(batch, "delete from key_claims where window_end < $1", Time(now - Kept));
        Add(batch, "delete from key_replicas where seen_at < clock_timestamp() - $1", Span(LongGone));
        Add(batch, """
            with gone as (
                delete from key_claims c where c.replica <> '' and not exists (select from key_replicas r where r.replica = c.replica)
                returning key_id, kind, window_start, window_end, used)
            insert into key_claims (key_id, kind, window_start, window_end, replica, used, claimed)
            select key_id, kind, window_start, max(window_end), '', sum(used), sum(used) from gone group by 1, 2, 3
            on conflict (key_id, kind, window_start, replica) do update set used = key_claims.used + excluded.used, claimed = key_claims.used + excluded.used
            """);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>This replica stops: the others need not wait until it counts as gone.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from key_replicas where replica = $1");
        command.Parameters.Add(Text(self.Value));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Dictionary<(Guid, string, DateTimeOffset), decimal>> SumsAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<(Guid, string, DateTimeOffset), decimal>();
        while (await rows.ReadAsync(cancellationToken))
        {
            sums[(rows.GetGuid(0), rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2))] = rows.GetDecimal(3);
        }

        return sums;
    }

    private static void Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter Array<T>(IReadOnlyList<KeyClaim> claims, Func<KeyClaim, T> of) => new() { Value = claims.Select(of).ToArray() };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Time(DateTimeOffset value) => new() { Value = value.UtcDateTime };

    private static NpgsqlParameter Span(TimeSpan value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Interval };
}
