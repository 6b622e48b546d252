using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator.Export.Otlp;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>
/// Every attempt of a gateway is one row: by each source alone, and by all of them in every order with clocks 5 s apart. Of each source the service is killed once, between stage and commit or
/// between commit and acknowledgement, and then PostgreSQL, while a transaction that stores rows is under way.
/// </summary>
public sealed class ExactlyOnceTests(ITestOutputHelper output)
{
    private const string Gateway = "prod";
    private const string Token = "otlp-token-of-the-tests";

    /// <summary>A third each: the first and the second attempts of requests of the proxy, and requests of clients that call the gateway directly.</summary>
    private const int Third = 200;

    // Four seconds of the log: the last export of a clock that is ahead holds nothing that another source told already.
    private const int SpansOfAnExport = 40;

    // Most of the time is spent waiting for the scheduler to notice what was killed.
    private const int AtOnce = 5;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string[] Orders =
    [
        "logs", "telemetry", "otlp", "logs telemetry otlp", "logs otlp telemetry", "telemetry logs otlp", "telemetry otlp logs", "otlp logs telemetry", "otlp telemetry logs",
    ];

    [Fact]
    public async Task Rows_BySourcesInEveryOrder_ThroughKillsOfServiceAndPostgres_ArriveExactlyOnce()
    {
        var failures = new ConcurrentBag<string>();
        var told = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Orders.Index(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (order, _) =>
        {
            try
            {
                told.Enqueue(await DeliverAsync(order.Item.Split(' '), order.Index % 2 == 0 ? Skew : -Skew));
            }
            catch (Exception e)
            {
                failures.Add($"{order.Item}: {e}");
            }
        });

        output.WriteLine(string.Join('\n', told));
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
    }

    /// <param name="skew">By how much the telemetry query's clock is ahead of the gateway's, and that of its spans behind.</param>
    private static async Task<string> DeliverAsync(string[] sources, TimeSpan skew)
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync(Gateway);
        using var skewed = await emulator.Admin.PutAsJsonAsync("logs/weather", new { shuffle = true, repeat = true, telemetrySkewSeconds = skew.TotalSeconds });
        skewed.EnsureSuccessStatusCode();
        var (from, rows) = Log(emulator.Account.FindGateway(Gateway)!);
        await using var postgres = await OwnPostgres.StartAsync(durable: true);
        await using var unused = await TestDatabase.CreateAsync();
        var watch = Stopwatch.StartNew();
        foreach (var (index, source) in sources.Index())
        {
            // It tells all of it on its first page.
            var page = source == "telemetry" ? 1 : 4;
            var delivery = new Delivery(source, from, rows, -skew);
            await using (var killed = await StartAsync(index % 2 == 0 ? $"ingestion.staged:{page}" : $"ingestion.stored:{page}"))
            {
                var isTold = delivery.ToAsync(killed);
                await killed.KilledAsync();
                Assert.False(await isTold);
            }

            await using var hold = await Hold.TakeAsync(postgres.ConnectionString);
            await using var service = await StartAsync("");
            var isDone = delivery.ToAsync(service);
            await hold.UntilRowsWaitAsync();
            await postgres.KillAsync();
            await postgres.StartAgainAsync();
            Assert.True(await isDone, $"{source} did not come to its end");
        }

        await AssertEachOnceAsync(postgres.ConnectionString);
        return $"{string.Join(' ', sources)}: {3 * Third} rows, each once, through {2 * sources.Length} kills, in {watch.Elapsed.TotalSeconds:F0} s";

        Task<ChildService> StartAsync(string fault) => ChildService.StartAsync(unused, emulator, fault, new Dictionary<string, string>
        {
            ["ConnectionStrings:GatewayOps"] = postgres.ConnectionString,
            ["GatewayOps:Ingestion:Enabled"] = "true",
            ["GatewayOps:Ingestion:Interval"] = "00:00:01",
            ["GatewayOps:Ingestion:OtlpToken"] = Token,
        });
    }

    private static (DateTimeOffset From, IReadOnlyList<LogRow> Rows) Log(GatewayState gateway)
    {
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-20);
        var rows = Enumerable.Range(0, 3 * Third).Select(i => new LogRow
        {
            Id = gateway.Logs.NewId(start.AddMilliseconds(i * 100)),
            Provider = "openai",
            Model = "gpt-4o-mini",
            Path = "chat/completions",
            StatusCode = 200,
            Success = true,
            Duration = 12,
            TokensIn = 3,
            TokensOut = 5,
            Cost = 0.25m,
            Metadata = (i % 3) switch { 0 => $$"""{"request_id":"r{{i / 3}}"}""", 1 => $$"""{"request_id":"r{{i / 3}}/2"}""", _ => null },
        }).ToList();
        Assert.All(rows, row => Assert.True(gateway.AddLog(row)));
        return (start.AddMinutes(-1), rows);
    }

    /// <summary>Each attempt of a request once, each row without a request once, and those by one source.</summary>
    private static async Task AssertEachOnceAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            """
            select concat_ws(' ', count(*), count(*) filter (where request_id is not null), count(distinct (request_id, attempt)) filter (where request_id is not null),
                count(*) filter (where request_id is null), count(distinct id) filter (where request_id is null), count(distinct source) filter (where request_id is null),
                (select count(*) from gateway_log_keys))
            from gateway_logs
            """);
        Assert.Equal($"{3 * Third} {2 * Third} {2 * Third} {Third} {Third} 1 {3 * Third}", await command.ExecuteScalarAsync());
    }

    /// <summary>What one source tells, again and again until it is stored, whichever process takes it.</summary>
    private sealed class Delivery(string source, DateTimeOffset from, IReadOnlyList<LogRow> rows, TimeSpan spanSkew)
    {
        private Guid? _backfill;

        /// <summary>False when the service is gone, or does not come to an end.</summary>
        public Task<bool> ToAsync(ChildService service) => source == "otlp" ? PushAsync(service) : AskAsync(service);

        private async Task<bool> AskAsync(ChildService service)
        {
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Patience && !service.HasExited)
            {
                try
                {
                    if (_backfill is null)
                    {
                        using var asked = await service.Operator.PostAsJsonAsync("/api/v1/logs/backfill", new { gateway = Gateway, from, to = from.AddMinutes(30), source });
                        _backfill = asked.IsSuccessStatusCode ? (await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid() : null;
                    }
                    else if ((await service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/logs/backfill/{_backfill}")).GetProperty("status").GetString() == "succeeded")
                    {
                        return true;
                    }
                }
                catch (HttpRequestException)
                {
                    // The service or its database is away.
                }

                await Task.Delay(100);
            }

            return false;
        }

        // As a gateway does, which tries again until it is told that all is stored. The ids of an export are the same at each of its tries.
        private async Task<bool> PushAsync(ChildService service)
        {
            foreach (var chunk in rows.Chunk(SpansOfAnExport))
            {
                var body = OtelProtobuf.Of([.. chunk.Select(row => OtelSpan.Of(row, spanSkew) with { TraceId = Hex(row.Id[..16]), SpanId = Hex(row.Id[18..]) })]).ToArray();
                var started = Stopwatch.GetTimestamp();
                while (!await TryAsync(service, body))
                {
                    if (service.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                    {
                        return false;
                    }

                    await Task.Delay(50);
                }
            }

            return true;
        }

        private static async Task<bool> TryAsync(ChildService service, byte[] body)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/otlp/{Gateway}/v1/traces") { Content = new ByteArrayContent(body), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
                using var answer = await service.Operator.SendAsync(request);
                Assert.Contains((int)answer.StatusCode, new[] { 200, 429, 503 });
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false; // killed
            }
        }

        private static string Hex(string text) => Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Lets no transaction add a row, so that PostgreSQL is killed when one is half done. It ends with the server.</summary>
    private sealed class Hold(NpgsqlDataSource database, NpgsqlConnection holder) : IAsyncDisposable
    {
        public static async Task<Hold> TakeAsync(string connectionString)
        {
            var database = NpgsqlDataSource.Create(connectionString);
            var holder = await database.OpenConnectionAsync();
            await using var command = new NpgsqlCommand("begin; lock table gateway_log_keys in share mode", holder);
            await command.ExecuteNonQueryAsync();
            return new Hold(database, holder);
        }

        /// <summary>A transaction has begun, and the keys of its rows wait to be written.</summary>
        public async Task UntilRowsWaitAsync()
        {
            var started = Stopwatch.GetTimestamp();
            await using var command = database.CreateCommand("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into gateway_log_keys%'");
            while (Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) == 0)
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "no row came");
                await Task.Delay(20);
            }
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await holder.DisposeAsync();
            }
            catch (NpgsqlException)
            {
                // Its server was killed.
            }

            await database.DisposeAsync();
        }
    }
}
