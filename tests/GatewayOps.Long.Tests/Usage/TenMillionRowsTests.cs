using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace GatewayOps.Long.Tests.Usage;

/// <summary>Time is measured: nothing else may run in the process.</summary>
[CollectionDefinition(nameof(TenMillionRowsTests), DisableParallelization = true)]
public sealed class TenMillionRowsCollection;

/// <summary>
/// Ten million log rows and ten million request records of thirty days: the very statements of the command line's views, taken as the product sends them, explained. By partition pruning and
/// totals, each default view takes at most 300 ms of the database's time; what people ask beyond them is told.
/// </summary>
[Collection(nameof(TenMillionRowsTests))]
public sealed partial class TenMillionRowsTests(ITestOutputHelper output)
{
    private const int Days = 30;
    private const int Rows = 10_000_000;
    private const double Bound = 300; // ms

    // Others on the machine only add to a time: the least of so many is the statement's.
    private const int MostTries = 10;

    private const int Defaults = 5;

    private readonly Notes _notes = new(output, "ten-million");

    /// <summary>The default of each verb, then what people ask next: by other names, a week by the hour, a month.</summary>
    private static readonly string[] Views =
    [
        "usage", "analytics", "analytics reconcile", "logs", "logs --source proxy",
        "usage --by model", "usage --by gateway", "usage --by key", "usage --by hour", "usage --by day", "usage --gateway staging", "analytics --by hour", "analytics --by model",
        "usage --since 7d", "usage --since 7d --by hour", "usage --since 30d", "usage --since 30d --by day", "logs --gateway dev --status 5xx",
    ];

    [Fact]
    public async Task Views_OfTenMillionRows_TakeLittleTime_ByPruningAndTotals()
    {
        await using var postgres = await OwnPostgres.StartAsync(durable: false);
        using var sent = new CapturedStatements(postgres.ConnectionString);
        await using var unused = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(
            unused, settings: new Dictionary<string, string> { ["ConnectionStrings:GatewayOps"] = postgres.ConnectionString },
            adapt: builder => builder.Services.Replace(ServiceDescriptor.Singleton(sent.DataSource)));
        var watch = Stopwatch.StartNew();
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString + ";Command Timeout=600");
        await FillAsync(database);
        _notes.Add($"filled in {watch.Elapsed.TotalSeconds:F0} s: {await ToldAsync(database)}");

        var faults = new List<string>();
        foreach (var (view, isDefault) in Views.Select((view, i) => (view, i < Defaults)))
        {
            var (plans, asked) = (await ViewAsync(service, sent, database, view), TimeProvider.System.GetUtcNow());
            var time = plans.Sum(plan => plan.Milliseconds);
            _notes.Add($"gatewayops {view}: {time:F0} ms of the database's time ({string.Join(" + ", plans.Select(plan => plan.Milliseconds.ToString("F0", CultureInfo.InvariantCulture)))}); {Machine.Load}");
            if (isDefault || time > Bound)
            {
                _notes.Add(string.Join('\n', plans.Select(plan => plan.Text)));
            }

            if (isDefault && time > Bound)
            {
                faults.Add($"{view} takes {time:F0} ms; {Machine.Load}");
            }

            faults.AddRange(Unpruned(view, plans, asked));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>The plans of what the view reads of tables that grow, each the best of some tries: the first finds pages cold.</summary>
    private static async Task<IReadOnlyList<Plan>> ViewAsync(TestService service, CapturedStatements sent, NpgsqlDataSource database, string view)
    {
        sent.Take();
        var run = await CliRun.AgainstAsync(service.BaseUrl, view.Split(' '));
        Assert.True(run.ExitCode is 0 or 1, $"{view}: {run.Errors}"); // 1: what is compared differs
        var plans = new List<Plan>();
        foreach (var batch in sent.Take().Where(batch => batch.Statements.Any(statement => Growing().IsMatch(statement.Text))))
        {
            var best = await ExplainAsync(database, batch);
            for (var i = 1; i < MostTries && (i < 3 || best.Sum(plan => plan.Milliseconds) > Bound); i++)
            {
                best = [.. best.Zip(await ExplainAsync(database, batch), (a, b) => a.Milliseconds <= b.Milliseconds ? a : b)];
            }

            plans.AddRange(best);
        }

        Assert.NotEmpty(plans);
        return plans;
    }

    private static async Task<List<Plan>> ExplainAsync(NpgsqlDataSource database, CapturedBatch batch)
    {
        var plans = new List<Plan>();
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var (text, parameters) in batch.Statements)
        {
            var isSetting = text.Contains("set_config", StringComparison.Ordinal);
            await using var command = new NpgsqlCommand(isSetting ? text : $"explain (analyze, buffers, timing off) {text}", connection, transaction);
            command.Parameters.AddRange(parameters.Select(parameter => parameter.Clone()).ToArray());
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new List<string>();
            while (!isSetting && await reader.ReadAsync())
            {
                lines.Add(reader.GetString(0));
            }

            if (!isSetting)
            {
                plans.Add(new Plan(string.Join('\n', lines)));
            }
        }

        return plans;
    }

    /// <summary>
    /// Of tables with a partition for each day only the days of the view are read; where a view has no beginning but a number of rows, no more of an older day than its newest row.
    /// Usage is read of the totals: of the records no more than the part of an hour where its span begins.
    /// </summary>
    private static IEnumerable<string> Unpruned(string view, IReadOnlyList<Plan> plans, DateTimeOffset now)
    {
        var span = Span().Match(view) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 1;
        var first = now.UtcDateTime.Date.AddDays(-span);
        var read = plans.SelectMany(plan => plan.Partitions()).Where(partition => partition.Name != "default").ToList();
        foreach (var (table, name, _) in read.Where(partition => partition.Rows > 1 && DateTime.ParseExact(partition.Name, "yyyyMMdd", CultureInfo.InvariantCulture) < first))
        {
            yield return $"{view} reads {table} of {name}";
        }

        if (view.StartsWith("usage", StringComparison.Ordinal))
        {
            if (!plans.Any(plan => plan.Text.Contains("usage_rollups", StringComparison.Ordinal)))
            {
                yield return $"{view} reads no totals";
            }

            if (read.Where(partition => partition.Table == "request_records").Sum(partition => partition.Rows) is var rows && rows > 2 * 2.0 * Rows / (Days * 24))
            {
                yield return $"{view} reads {rows} records";
            }
        }
    }

    // Each a plan of names that a caller has: 60 keys with five models each, of three gateways, some asked far more often than others.
    private const string Names = """
        create table variety as
        select (row_number() over ()) - 1 as n, 'key-' || k as virtual_key, (array['prod', 'prod', 'prod', 'staging', 'staging', 'dev'])[1 + k % 6] as gateway,
            (array['openai', 'openai', 'openai', 'anthropic', 'anthropic', 'workers-ai', 'workers-ai', 'google-ai-studio', 'google-ai-studio', 'groq', 'mistral', 'deepseek'])[1 + (k * 7 + m * 5) % 12] as provider,
            (array['gpt-4o-mini', 'gpt-4o', 'gpt-4.1', 'claude-sonnet-4', 'claude-haiku-4', '@cf/meta/llama-3.1-8b-instruct', '@cf/openai/gpt-oss-120b', 'gemini-2.5-pro', 'gemini-2.5-flash', 'llama-3.3-70b', 'mistral-large', 'deepseek-chat'])[1 + (k * 7 + m * 5) % 12] as model
        from generate_series(0, 59) k, generate_series(0, 4) m;
        analyze variety
        """;

    // $1: an hour; $2: its rows; $3: how many seconds of it have passed. As much by day and by night as people make.
    private const string Facts = """
        from (select i, $1::timestamptz + (i * $3 / $2) * interval '1 second' as at, md5($1::text || i) as request, floor(300 * power(random(), 2))::int as n, random() as luck,
            exp(6 + 1.1 * (random() + random() + random() - 1.5)) as ms, (exp(5 + random() * 3))::bigint as tokens from generate_series(0, $2::int - 1) i) f join variety v on v.n = f.n
        """;

    private const string Records = $"""
        insert into request_records (id, at, request_id, method, path, gateway, provider, model, asked_model, asked_provider, session_id, virtual_key, status, outcome, duration_ms, first_byte_ms, stream,
            cache_status, tokens_in, tokens_out, tokens_cached, cost_usd, attempts, revision, rule)
        select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000' || '8' || substr(request, 1, 15))::uuid, at, request, 'POST', '/v1/chat/completions', gateway, provider, model, model, provider,
            'session-' || (i % 997), virtual_key, case when luck < 0.02 then 400 when luck < 0.04 then 502 when luck < 0.05 then 504 when luck < 0.06 then 429 else 200 end,
            case when luck < 0.02 then 'client_error' when luck < 0.04 then 'upstream_error' when luck < 0.05 then 'timeout' when luck < 0.06 then 'rate_limited' else 'ok' end,
            ms, ms / 3, luck > 0.6, case when luck > 0.92 then 'hit' else 'miss' end, tokens, tokens / 4, 0, case when luck between 0.5 and 0.55 then null else tokens * 0.000003 end,
            case when luck > 0.92 or luck < 0.02 then 0 when luck between 0.1 and 0.13 then 2 else 1 end, 'production@12', 'default'
        {Facts}
        """;

    private const string Logs = $"""
        insert into gateway_logs (gateway, id, created_at, source, provider, model, path, status_code, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id, attempt)
        select gateway, lpad((extract(epoch from at) * 1000000)::bigint || lpad(i::text, 6, '0'), 26, '0'), at, 'logs', provider, model, 'chat/completions',
            case when luck < 0.02 then 400 when luck < 0.05 then 502 else 200 end, luck >= 0.05, luck > 0.92, ms, tokens, tokens / 4, tokens * 0.000003,
            case when luck between 0.3 and 0.45 then null else request end, case when luck between 0.3 and 0.45 then null else 1 end
        {Facts}
        """;

    private const string Minutes = """
        insert into analytics_buckets (minute, gateway, provider, model, status_code, cached, requests, errors, tokens_in, tokens_out, cost_usd, median_ms, p90_ms, p99_ms)
        select minute, gateway, provider, model, status, false, 1 + floor(20 * random()), 0, 2000, 500, 0.01, 400, 1500, 4000
        from generate_series($1::timestamptz, $2::timestamptz, interval '1 minute') minute, (select distinct gateway, provider, model from variety) names, (values (200), (429)) statuses (status)
        where status = 200 or random() < 0.2
        """;

    private async Task FillAsync(NpgsqlDataSource database)
    {
        await ExecuteAsync(database, Names);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var last = now.Date.AddHours(now.Hour);
        for (var day = now.Date.AddDays(-Days); day <= now.Date; day = day.AddDays(1))
        {
            Assert.True(await DayPartitions.RequestRecords.EnsureAsync(database, DateOnly.FromDateTime(day), CancellationToken.None));
            Assert.True(await DayPartitions.GatewayLogs.EnsureAsync(database, DateOnly.FromDateTime(day), CancellationToken.None));
        }

        await Task.WhenAll(EachHourAsync(Records), EachHourAsync(Logs));
        await ExecuteAsync(database, Minutes, last.AddDays(-Days), now.AddMinutes(-14));
        await ExecuteAsync(database, "insert into analytics_cursors values ('requests', $1, $1, $2)", now.AddMinutes(-14), now);
        await ExecuteAsync(database, "insert into log_feeds (gateway, source, through, swept, anchored, polled_at, backlog) select distinct gateway, 'logs', $1::timestamptz, $1::timestamptz, false, $1::timestamptz, 0 from variety", now);
        // As autovacuum does, which this server is without.
        foreach (var table in new[] { "usage_rollups", "analytics_buckets", "request_records", "gateway_logs" })
        {
            await ExecuteAsync(database, $"{(table is "usage_rollups" or "analytics_buckets" ? "vacuum analyze" : "analyze")} {table}");
        }

        async Task EachHourAsync(string statement)
        {
            for (var hour = 0; hour < Days * 24; hour++)
            {
                var at = last.AddHours(hour - (Days * 24) + 1);
                var rows = (int)Math.Ceiling(Rows / (Days * 24.0) * (1 + (0.6 * Math.Sin(at.Hour * Math.PI / 12))));
                await ExecuteAsync(database, statement, at, rows, at == last ? (now - last).TotalSeconds : 3600.0);
                if (at.Hour == 0 && at.Day % 3 == 0)
                {
                    _notes.Add($"filled to {at:yyyy-MM-dd}{(statement == Logs ? " of the logs" : "")}; {Machine.Load}");
                }
            }
        }
    }

    private static async Task<string> ToldAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            """
            select concat_ws(', ', (select count(*) from request_records) || ' records', (select count(*) from gateway_logs) || ' log rows', (select count(*) from usage_rollups where grain = 'hour') || ' hourly totals',
                (select count(*) from usage_rollups where grain = 'day') || ' daily totals', (select count(*) from analytics_buckets) || ' minutes of analytics', pg_size_pretty(pg_database_size(current_database())))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    [GeneratedRegex(@"\b(usage_rollups|request_records|gateway_logs|analytics_buckets)\b")]
    private static partial Regex Growing();

    [GeneratedRegex(@"--since (\d+)d")]
    private static partial Regex Span();

    /// <summary>What `explain (analyze, buffers)` answered.</summary>
    private sealed partial record Plan(string Text)
    {
        /// <summary>Planning and execution.</summary>
        public double Milliseconds { get; } = Times().Matches(Text).Sum(match => double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

        /// <summary>The partitions that were read, and the rows that were found there.</summary>
        public IEnumerable<(string Table, string Name, double Rows)> Partitions() =>
            Scans().Matches(Text).Select(match => (match.Groups[1].Value, match.Groups[2].Value, double.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) * double.Parse(match.Groups[4].ValueSpan, CultureInfo.InvariantCulture)));

        [GeneratedRegex(@"(?:Planning|Execution) Time: ([\d.]+) ms")]
        private static partial Regex Times();

        // What was never executed says so in the place of its rows.
        [GeneratedRegex(@" on (gateway_logs|request_records)_(\d{8}|default)\b.*\(actual.* rows=([\d.]+) loops=(\d+)\)")]
        private static partial Regex Scans();
    }
}
