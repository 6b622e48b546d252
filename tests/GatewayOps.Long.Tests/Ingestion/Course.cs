using System.Diagnostics;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>What has become of a log: rows that are stored, up to which time its source has told, when that was last read to its end, and gaps that were found.</summary>
internal sealed record Stand(long Stored, DateTimeOffset Through, DateTimeOffset PolledAt, long Gaps);

/// <summary>One order of sources and its database: how far it is, and how often something was killed on the way.</summary>
internal sealed class Course : IAsyncDisposable
{
    public const string Gateway = "prod";

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Notes _notes;
    private readonly NpgsqlDataSource _database;
    private readonly List<string> _kills = [];
    private Delivery? _delivery;
    private string _said = "";

    private Course(string order, Notes notes, OwnPostgres postgres)
    {
        (Order, _notes, Postgres, ConnectionString) = (order, notes, postgres, postgres.ConnectionString);
        // Not pooled: a connection of before a kill is none.
        _database = NpgsqlDataSource.Create($"{ConnectionString};Pooling=false");
    }

    public string Order { get; }

    public OwnPostgres Postgres { get; }

    public string ConnectionString { get; }

    /// <summary>A database in which the gateway is known, so that it is polled; but for what only a backfill reads.</summary>
    public static async Task<Course> StartAsync(string order, Notes notes)
    {
        var course = new Course(order, notes, await OwnPostgres.StartAsync(durable: true));
        await TestDatabases.MigratorOf(course._database).ApplyAsync(CancellationToken.None);
        if (order.StartsWith(Delivery.Past, StringComparison.Ordinal))
        {
            return course;
        }

        await using var known = course._database.CreateCommand($"insert into activations (gateway, rule_set, revision, kind, activated_at, activated_by) values ('{Gateway}', 'r', null, 'remove', now(), 'test')");
        await known.ExecuteNonQueryAsync();
        return course;
    }

    public void Begin(Delivery delivery) => _delivery = delivery;

    /// <exception cref="NpgsqlException">The database is away.</exception>
    public async Task<Stand> StandAsync(Delivery delivery)
    {
        await using var command = _database.CreateCommand(
            $"""
            select (select count(*) from gateway_logs), coalesce(f.through, '-infinity'), coalesce(f.polled_at, '-infinity'), (select count(*) from log_gaps)
            from (select) one left join {(delivery.IsPast ? "(select through, finished_at polled_at from log_backfills)" : $"(select through, polled_at from log_feeds where source = '{delivery.Source}')")} f on true
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Stand(reader.GetInt64(0), await reader.GetFieldValueAsync<DateTimeOffset>(1), await reader.GetFieldValueAsync<DateTimeOffset>(2), reader.GetInt64(3));
    }

    /// <summary>It was killed, or is about to be: while a part of the rows was told, and not all.</summary>
    public async Task KilledAsync(string what)
    {
        var told = _delivery!.Told(await StandAsync(_delivery));
        _kills.Add($"{what} at {told}");
        await NoteAsync($"{what} killed");
        Assert.True(told > 0 && told < _delivery.Count, $"{what} was killed when {told} of {_delivery.Count} rows were told: that shows nothing");
    }

    public async Task NoteAsync(string what)
    {
        try
        {
            var stand = _delivery is null ? null : await StandAsync(_delivery);
            _said = stand is null ? what : $"{_delivery!.Name} {what}: told {_delivery.Told(stand)} of {_delivery.Count}, stored {stand.Stored}, gaps {stand.Gaps}";
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            _said = $"{_delivery?.Name} {what}: the database is away";
        }

        _notes.Add(ToString());
    }

    /// <summary>Each attempt of a request once, each row without a request once, and those by one source; and nothing is said to be lost.</summary>
    /// <param name="third">First attempts, second attempts, rows without a request.</param>
    public async Task AssertEachOnceAsync(int third)
    {
        await using var command = _database.CreateCommand(
            """
            select concat_ws(' ', count(*), count(*) filter (where request_id is not null), count(distinct (request_id, attempt)) filter (where request_id is not null),
                count(*) filter (where request_id is null), count(distinct id) filter (where request_id is null), count(distinct source) filter (where request_id is null),
                (select count(*) from gateway_log_keys), (select count(*) from log_gaps))
            from gateway_logs
            """);
        Assert.Equal($"{3 * third} {2 * third} {2 * third} {third} {third} 1 {3 * third} 0", await command.ExecuteScalarAsync());
        _notes.Add($"{this}: each once");
    }

    public override string ToString() => $"{_watch.Elapsed.TotalSeconds,4:F0} s, order {Order}, kills [{string.Join(", ", _kills)}]: {_said}";

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}
