using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>How far a source was read with the rows that come along: stored with them, or not at all. What is null stays as it is; times only grow.</summary>
public sealed record FeedMove(string Gateway, string Source)
{
    public DateTimeOffset? Through { get; init; }
    public DateTimeOffset? Swept { get; init; }
    public bool? Anchored { get; init; }
    public DateTimeOffset? PolledAt { get; init; }
    public long? Backlog { get; init; }

    /// <summary>The cursor as the reader knew it. Where it stands before that by now, it was sent back, and stays there.</summary>
    public DateTimeOffset? Known { get; init; }

    /// <summary>A backfill that these rows are of, and what it has read of them.</summary>
    public Guid? Backfill { get; init; }
    public int RowsRead { get; init; }
}

/// <summary>The one way into a gateway's log, whatever the source: each attempt once, in one transaction with the cursor that says so.</summary>
public sealed class AttemptStore(NpgsqlDataSource source, IOptions<IngestionOptions> options, IngestionMetrics metrics, TimeProvider time)
{
    // Clocks that are ahead of ours: no more than a day of rows to come.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    private const int MostTries = 3;

    private const int MostFeeds = 10_000;

    private readonly ConcurrentDictionary<DateOnly, bool> _days = new();

    // Whether the last delivery held rows that were known: a poll's overlap brings them each time, an export but where it is sent again.
    private readonly ConcurrentDictionary<(string Gateway, string Source), bool> _repeats = new();

    /// <summary>Adds what is new, completes what another source told less of, and moves the cursor. Any number of replicas may deliver the same rows at once.</summary>
    public async Task<Stored> AddAsync(IReadOnlyList<Attempt> delivered, FeedMove? move, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var first = options.Value.LogsFrom(now);
        var rows = delivered.Where(row => row.CreatedAt >= first && row.CreatedAt < now + Ahead).ToList();
        await EnsureDaysAsync(rows, cancellationToken);
        var feeds = rows.GroupBy(row => (row.Gateway, row.Source)).ToList();
        var look = feeds.Exists(feed => _repeats.GetValueOrDefault(feed.Key, true)) ? KeyLook.Before : KeyLook.None;
        for (var deadlocks = 0; ;)
        {
            try
            {
                var stored = await TryAsync(feeds, move, now, look, cancellationToken) + new Stored(0, 0, 0, 0, delivered.Count - rows.Count);
                Learn(feeds, stored);
                Count(delivered, stored);
                return stored;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected && ++deadlocks < MostTries)
            {
                // Another replica delivers the same rows: what it has stored by now is repeated next time.
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && look != KeyLook.Contested)
            {
                // Known after all; or added by another replica since we looked, or by a version before there were keys.
                look++;
            }
        }
    }

    private async Task<Stored> TryAsync(List<IGrouping<(string Gateway, string Source), Attempt>> feeds, FeedMove? move, DateTimeOffset now, KeyLook look, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var counted = new List<Attempt>();
        var isRewound = false;
        foreach (var feed in feeds)
        {
            var provisional = feed.Where(row => row.RequestId is null).ToList();
            if (provisional.Count == 0)
            {
                counted.AddRange(feed);
                continue;
            }

            var (choices, rewound) = await ChooseAsync(connection, feed.Key, provisional.Min(row => row.CreatedAt), provisional.Max(row => row.CreatedAt), now, cancellationToken);
            isRewound |= rewound;
            counted.AddRange(feed.Where(row => row.RequestId is not null || SourceChoices.At(choices, row.CreatedAt) == row.Source));
        }

        var stored = await LogStage.AddAsync(connection, transaction, counted, look, cancellationToken) + new Stored(0, 0, 0, feeds.Sum(feed => feed.Count()) - counted.Count, 0, isRewound);
        FaultPoints.Reach("ingestion.staged");
        if (move is not null)
        {
            await MoveAsync(connection, isRewound ? move with { Through = null, Swept = null, Anchored = false } : move, stored, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        FaultPoints.Reach("ingestion.stored");
        return stored;
    }

    /// <summary>The gateway's choices, with one more where these rows bring one about.</summary>
    private async Task<(IReadOnlyList<SourceChoice> Choices, bool IsRewound)> ChooseAsync(
        NpgsqlConnection connection, (string Gateway, string Source) of, DateTimeOffset oldest, DateTimeOffset newest, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var choices = await ChoicesAsync(connection, of.Gateway, cancellationToken);
        if (await NextAsync() is null)
        {
            // These rows are stored by the choices of now: whoever changes them waits, and sees these rows.
            await LockAsync("pg_advisory_xact_lock_shared");
            return (await ChoicesAsync(connection, of.Gateway, cancellationToken), false);
        }

        // One at a time: two sources that come at once do not both become the first.
        await LockAsync("pg_advisory_xact_lock");
        choices = await ChoicesAsync(connection, of.Gateway, cancellationToken);
        if (await NextAsync() is not { } next)
        {
            return (choices, false);
        }

        await ExecuteAsync(connection, "insert into log_sources (gateway, since, source) values ($1, $2, $3) on conflict do nothing", cancellationToken, Text(of.Gateway), Time(next.Since), Text(next.Source));
        var rewinds = choices.Count > 0 && next.Source != LogSources.Otlp;
        if (rewinds)
        {
            // What this source told since and was kept out is read again.
            await ExecuteAsync(connection, "update log_feeds set through = least(through, $3), swept = least(swept, $3), anchored = false where gateway = $1 and source = $2", cancellationToken, Text(of.Gateway), Text(of.Source), Time(next.Since));
        }

        return (await ChoicesAsync(connection, of.Gateway, cancellationToken), rewinds);

        Task LockAsync(string function) => ExecuteAsync(connection, $"select {function}(hashtextextended('gatewayops.log_sources ' || $1, 0))", cancellationToken, Text(of.Gateway));

        async Task<SourceChoice?> NextAsync()
        {
            if (choices.Count == 0 || choices[^1].Source == of.Source)
            {
                return SourceChoices.Next(choices, options.Value.SourceOf(of.Gateway), of.Source, oldest, newest, default, now);
            }

            var life = await LifeAsync(connection, of.Gateway, choices[^1].Source, cancellationToken);
            return Of(life) is null ? null : Of(life with { Through = Later(life.Through, await ToldAsync(connection, of.Gateway, choices[^1], cancellationToken)) });
        }

        SourceChoice? Of(SourceLife life) => SourceChoices.Next(choices, options.Value.SourceOf(of.Gateway), of.Source, oldest, newest, life, now);
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b ?? a : a;

    // Beside the cursor: what a backfill read, or another replica just now. By the clock of its own, all of it may be before the rows that come now.
    private static async Task<DateTimeOffset?> ToldAsync(NpgsqlConnection connection, string gateway, SourceChoice chosen, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select created_at from gateway_logs where gateway = $1 and source = $2 and created_at >= $3 and request_id is null order by created_at desc limit 1", connection)
        {
            Parameters = { Text(gateway), Text(chosen.Source), Time(chosen.Since) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime told ? new DateTimeOffset(told, TimeSpan.Zero) : null;
    }

    private static async Task<IReadOnlyList<SourceChoice>> ChoicesAsync(NpgsqlConnection connection, string gateway, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select since, source from log_sources where gateway = $1 order by since", connection) { Parameters = { Text(gateway) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var choices = new List<SourceChoice>();
        while (await reader.ReadAsync(cancellationToken))
        {
            choices.Add(new SourceChoice(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1)));
        }

        return choices;
    }

    private static async Task<SourceLife> LifeAsync(NpgsqlConnection connection, string gateway, string source, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select through, polled_at from log_feeds where gateway = $1 and source = $2", connection) { Parameters = { Text(gateway), Text(source) } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SourceLife(await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(1))
            : default;
    }

    private static async Task MoveAsync(NpgsqlConnection connection, FeedMove move, Stored stored, CancellationToken cancellationToken)
    {
        if (move.Backfill is { } backfill)
        {
            await ExecuteAsync(
                connection,
                "update log_backfills set through = greatest(through, $2), rows_read = rows_read + $3, rows_added = rows_added + $4, error = null where id = $1",
                cancellationToken, new() { Value = backfill }, Time(move.Through ?? DateTimeOffset.MinValue), new() { Value = (long)move.RowsRead }, new() { Value = (long)stored.Added });
            return;
        }

        await ExecuteAsync(
            connection,
            """
            insert into log_feeds (gateway, source, through, swept, anchored, polled_at, backlog) values ($1, $2, $3, $4, coalesce($5, false), $6, $7)
            on conflict (gateway, source) do update set
              through = case when log_feeds.through < $8 then log_feeds.through else greatest(log_feeds.through, excluded.through) end,
              swept = case when log_feeds.through < $8 then log_feeds.swept else greatest(log_feeds.swept, excluded.swept) end,
              anchored = case when log_feeds.through < $8 or log_feeds.through > excluded.through then log_feeds.anchored else coalesce($5, log_feeds.anchored) end,
              polled_at = greatest(log_feeds.polled_at, excluded.polled_at), backlog = coalesce(excluded.backlog, log_feeds.backlog)
            """,
            cancellationToken, Text(move.Gateway), Text(move.Source), Time(move.Through), Time(move.Swept),
            new() { NpgsqlDbType = NpgsqlDbType.Boolean, Value = (object?)move.Anchored ?? DBNull.Value }, Time(move.PolledAt), new() { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)move.Backlog ?? DBNull.Value }, Time(move.Known));
    }

    private async Task EnsureDaysAsync(List<Attempt> rows, CancellationToken cancellationToken)
    {
        foreach (var day in rows.Select(row => DayPartitions.DayOf(row.CreatedAt)).Distinct().Where(day => !_days.ContainsKey(day)))
        {
            var made = await DayPartitions.GatewayLogs.EnsureAsync(source, day, cancellationToken) && await DayPartitions.GatewayLogBodies.EnsureAsync(source, day, cancellationToken);
            if (made && _days.Count < 10_000)
            {
                _days[day] = true;
            }
        }
    }

    // Which of them were known is not told: where a delivery is of several sources, all of them are looked up the next time.
    private void Learn(List<IGrouping<(string Gateway, string Source), Attempt>> feeds, Stored stored)
    {
        foreach (var feed in feeds.Where(feed => _repeats.Count < MostFeeds || _repeats.ContainsKey(feed.Key)))
        {
            _repeats[feed.Key] = stored.Completed + stored.Repeated > 0;
        }
    }

    private void Count(IReadOnlyList<Attempt> delivered, Stored stored)
    {
        if (delivered.Count > 0)
        {
            metrics.Read(delivered[0].Source, stored);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Text(string text) => new() { Value = text };

    private static NpgsqlParameter Time(DateTimeOffset? time) => new() { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = (object?)time?.ToUniversalTime() ?? DBNull.Value };
}
