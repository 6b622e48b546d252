using System.Globalization;
using Npgsql;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>
/// A table with one partition per UTC day, and a default partition behind them: a row of any day can always be inserted, and goes to where it belongs when its
/// day's partition is made. Old days are dropped whole.
/// </summary>
public sealed record DayPartitions(string Table, string Column)
{
    public static readonly DayPartitions GatewayLogs = new("gateway_logs", "created_at");
    public static readonly DayPartitions GatewayLogBodies = new("gateway_log_bodies", "created_at");
    public static readonly DayPartitions RequestRecords = new("request_records", "at");
    public static readonly IReadOnlyList<DayPartitions> All = [GatewayLogs, GatewayLogBodies, RequestRecords];

    private const string DayFormat = "yyyyMMdd";

    // A change of partitions that waits behind a long query makes every insert wait behind it.
    private const string LockTimeout = "2s";

    public string Default => $"{Table}_default";

    public string NameOf(DateOnly day) => $"{Table}_{day.ToString(DayFormat, CultureInfo.InvariantCulture)}";

    /// <summary>Makes the partitions of today and the two days that follow, of every table.</summary>
    public static async Task EnsureAheadAsync(NpgsqlDataSource source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var partitions in All)
        {
            for (var ahead = 0; ahead < 3; ahead++)
            {
                await partitions.EnsureAsync(source, DayOf(now).AddDays(ahead), cancellationToken);
            }
        }
    }

    /// <summary>
    /// Makes the day's partition where there is none, and moves the day's rows out of the default partition. Any number of replicas may ask at once. False when a long
    /// query was in the way: nothing changed then, and the default partition goes on taking the day's rows.
    /// </summary>
    public async Task<bool> EnsureAsync(NpgsqlDataSource source, DateOnly day, CancellationToken cancellationToken)
    {
        var (partition, from, to) = (NameOf(day), Bound(day), Bound(day.AddDays(1)));
        try
        {
            // Writers wait for the lock on the table before they choose a partition; one that had chosen the default partition would be refused by
            // its new bounds. Readers of the other partitions go on.
            await ExecuteAsync(source, $"""
                do $$
                begin
                  if to_regclass('{partition}') is not null then return; end if;
                  set local lock_timeout = '{LockTimeout}';
                  lock table only {Table} in share row exclusive mode;
                  if to_regclass('{partition}') is not null then return; end if;
                  create table {partition} (like {Table} including all);
                  with moved as (delete from {Default} where {Column} >= '{from}' and {Column} < '{to}' returning *)
                  insert into {partition} select * from moved;
                  alter table {Table} attach partition {partition} for values from ('{from}') to ('{to}');
                end $$
                """, cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    /// <summary>
    /// Drops the partitions of days before <paramref name="firstKept"/>, and such rows of the default partition. Returns the number of partitions dropped. A partition
    /// that a long query is in the way of stays for the next time.
    /// </summary>
    public async Task<int> DropBeforeAsync(NpgsqlDataSource source, DateOnly firstKept, CancellationToken cancellationToken)
    {
        var dropped = 0;
        foreach (var day in (await DaysAsync(source, cancellationToken)).Where(day => day < firstKept))
        {
            try
            {
                await ExecuteAsync(source, $"set local lock_timeout = '{LockTimeout}'; drop table if exists {NameOf(day)}", cancellationToken);
                dropped++;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                break; // the days after it need the same lock
            }
        }
        await ExecuteAsync(source, $"delete from {Default} where {Column} < '{Bound(firstKept)}'", cancellationToken);
        return dropped;
    }

    /// <summary>The days that have a partition, in order.</summary>
    public async Task<IReadOnlyList<DateOnly>> DaysAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass and c.relname <> $2 order by 1");
        command.Parameters.Add(new() { Value = Table });
        command.Parameters.Add(new() { Value = Default });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            days.Add(DateOnly.ParseExact(reader.GetString(0)[(Table.Length + 1)..], DayFormat, CultureInfo.InvariantCulture));
        }
        return days;
    }

    /// <summary>The UTC day of a time.</summary>
    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private static string Bound(DateOnly day) => $"{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} 00:00:00+00";

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
