using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Emulator.Export.Otlp;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>
/// Every attempt of a gateway is one row: by each source alone, and by all of them in every order with clocks 5 s apart, while the service is killed between stage and commit or between commit and
/// acknowledgement, and PostgreSQL is killed too.
/// </summary>
public sealed class ExactlyOnceTests(ITestOutputHelper output)
{
    private const string Gateway = "prod";
    private const string Token = "otlp-token-of-the-tests";

    /// <summary>A third each: the first and the second attempts of requests of the proxy, and requests of clients that call the gateway directly.</summary>
    private const int Third = 400;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("logs")]
    [InlineData("telemetry")]
    [InlineData("otlp")]
    [InlineData("logs telemetry otlp")]
    [InlineData("logs otlp telemetry")]
    [InlineData("telemetry logs otlp")]
    [InlineData("telemetry otlp logs")]
    [InlineData("otlp logs telemetry")]
    [InlineData("otlp telemetry logs")]
    public async Task Rows_ThroughKillsOfServiceAndPostgres_ArriveExactlyOnce(string order)
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync(Gateway);
        using var skewed = await emulator.Admin.PutAsJsonAsync("logs/weather", new { shuffle = true, repeat = true, telemetrySkewSeconds = Skew.TotalSeconds });
        skewed.EnsureSuccessStatusCode();
        var (from, rows) = Log(emulator.Account.FindGateway(Gateway)!);
        await using var postgres = await Postgres.StartAsync();
        await using var unused = await TestDatabase.CreateAsync();
        var watch = Stopwatch.StartNew();
        foreach (var (index, source) in order.Split(' ').Index())
        {
            Guid? backfill = null;
            // Killed in the middle, then the database is; then it comes to its end.
            var page = source == "telemetry" ? 1 : 4; // it tells all on its first
            foreach (var fault in new[] { index % 2 == 0 ? $"ingestion.staged:{page}" : $"ingestion.stored:{page}", "" })
            {
                await using var service = await ChildService.StartAsync(unused, emulator, fault, new Dictionary<string, string>
                {
                    ["ConnectionStrings:GatewayOps"] = postgres.ConnectionString,
                    ["GatewayOps:Ingestion:Enabled"] = "true",
                    ["GatewayOps:Ingestion:Interval"] = "00:00:01",
                    ["GatewayOps:Ingestion:OtlpToken"] = Token,
                });
                var told = source == "otlp" ? PushAsync(service, rows) : AskAsync(service, source);
                if (fault.Length > 0)
                {
                    await service.KilledAsync();
                    Assert.False(await told);
                    continue;
                }

                await postgres.KillAsync();
                await postgres.StartAgainAsync();
                Assert.True(await told, $"{source} did not come to its end");
            }

            async Task<bool> AskAsync(ChildService service, string by)
            {
                var started = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(started) < Patience && !service.HasExited)
                {
                    try
                    {
                        if (backfill is null)
                        {
                            using var asked = await service.Operator.PostAsJsonAsync("/api/v1/logs/backfill", new { gateway = Gateway, from, to = from.AddMinutes(30), source = by });
                            backfill = asked.IsSuccessStatusCode ? (await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid() : null;
                        }
                        else if ((await service.Operator.GetFromJsonAsync<JsonElement>($"/api/v1/logs/backfill/{backfill}")).GetProperty("status").GetString() == "succeeded")
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
        }

        Assert.Equal([3L * Third, 2 * Third, Third], await postgres.CountAsync());
        output.WriteLine($"{order}: {3 * Third} rows, each once, through {2 * order.Split(' ').Length} kills, in {watch.Elapsed.TotalSeconds:F0} s");
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

    /// <summary>As a gateway does, which tries again until it is told that all is stored: a hundred spans at a time. False when the service is gone.</summary>
    private static async Task<bool> PushAsync(ChildService service, IReadOnlyList<LogRow> rows)
    {
        foreach (var chunk in rows.Chunk(100))
        {
            // The ids of an export are the same at each of its tries.
            var body = OtelProtobuf.Of([.. chunk.Select(row => OtelSpan.Of(row, -Skew) with { TraceId = Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(row.Id[..16])), SpanId = Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(row.Id[18..26])) })]).ToArray();
            var started = Stopwatch.GetTimestamp();
            while (true)
            {
                if (service.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                {
                    return false;
                }

                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, $"/otlp/{Gateway}/v1/traces") { Content = new ByteArrayContent(body), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
                    using var answer = await service.Operator.SendAsync(request);
                    if (answer.IsSuccessStatusCode)
                    {
                        break;
                    }

                    Assert.Contains((int)answer.StatusCode, new[] { 429, 503 });
                }
                catch (HttpRequestException)
                {
                    // Killed.
                }

                await Task.Delay(50);
            }
        }

        return true;
    }

    /// <summary>A durable server of its own, at an address that stays. Its socket is found by a link, since each start has another folder for it.</summary>
    private sealed class Postgres : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private EmbeddedPostgresServer _server = null!;

        public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = Link }.ConnectionString;

        private string Link => Path.Combine(_folder.Path, "socket");

        public static async Task<Postgres> StartAsync()
        {
            var postgres = new Postgres();
            await postgres.StartAgainAsync();
            return postgres;
        }

        public async Task KillAsync()
        {
            using var process = Process.GetProcessById(_server.ProcessId);
            process.Kill();
            await _server.Exited;
            await _server.DisposeAsync();
        }

        public async Task StartAgainAsync()
        {
            _server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions { Folder = Path.Combine(_folder.Path, "data"), Durable = true }, CancellationToken.None);
            File.Delete(Link);
            File.CreateSymbolicLink(Link, new NpgsqlConnectionStringBuilder(_server.ConnectionString).Host!);
        }

        /// <summary>Rows, different attempts of requests, rows without a request.</summary>
        public async Task<IReadOnlyList<long>> CountAsync()
        {
            await using var source = NpgsqlDataSource.Create(ConnectionString);
            await using var command = source.CreateCommand("select count(*), count(distinct (request_id, attempt)) filter (where request_id is not null), count(*) filter (where request_id is null) from gateway_logs");
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            return [reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)];
        }

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            _folder.Dispose();
        }
    }
}
