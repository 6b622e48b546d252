using System.Diagnostics;
using GatewayOps.EmbeddedPostgres;
using GatewayOps.Tests.Support;
using Npgsql;

namespace GatewayOps.Long.Tests.Proxy;

/// <summary>The database goes away under load: no request fails or waits, and what was recorded is written when it is back, as far as the queue of records reaches.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int PerSecond = 100;

    [Theory, Trait("checklist", "S2-20")]
    [InlineData(Outage.Ended)]
    [InlineData(Outage.Silent)]
    public async Task AMinuteWithoutPostgres_NoRequestFailsOrSlows_AndNoRecordIsLost(Outage outage)
    {
        await using var database = await AwayDatabase.StartAsync();
        await using var stage = await LoadStage.StartAsync(settings: new Dictionary<string, string> { ["ConnectionStrings:GatewayOps"] = database.ConnectionString });
        string[] tokens = [TestService.ProxyToken, await stage.IssueAsync()];

        await LoadAsync(stage, tokens, TimeSpan.FromSeconds(10));
        var before = await LoadAsync(stage, tokens, TimeSpan.FromSeconds(20));
        await database.GoAwayAsync(outage);
        var during = await LoadAsync(stage, tokens, TimeSpan.FromSeconds(60));
        await database.ComeBackAsync(outage);
        var after = await LoadAsync(stage, tokens, TimeSpan.FromSeconds(10));

        var sent = (long)await stage.CounterAsync("gatewayops_proxy_requests_total");
        var rows = await database.RowsAsync(sent);
        output.WriteLine($"{outage}: {before}; without PostgreSQL {during}; after {after}; {sent} requests, {rows} rows, {await stage.CounterAsync("gatewayops_usage_records_dropped_total")} dropped");
        Assert.Equal((0, 0, 0), (before.Failed, during.Failed, after.Failed));
        Assert.True(during.Median <= (before.Median * 2) + 5, "the median request waits");
        Assert.True(during.P99 <= (before.P99 * 3) + 50, "the slowest requests wait");
        Assert.Equal(sent, rows);
        Assert.Equal(0, await stage.CounterAsync("gatewayops_usage_records_dropped_total"));
    }

    [Fact]
    public async Task BeyondTheQueue_RecordsAreDroppedAndEachIsCounted()
    {
        await using var database = await AwayDatabase.StartAsync();
        await using var stage = await LoadStage.StartAsync(settings: new Dictionary<string, string>
        {
            ["ConnectionStrings:GatewayOps"] = database.ConnectionString,
            ["GatewayOps:Usage:QueueLength"] = "500",
        });
        string[] tokens = [TestService.ProxyToken];

        await LoadAsync(stage, tokens, TimeSpan.FromSeconds(5));
        await database.GoAwayAsync(Outage.Ended);
        var during = await LoadAsync(stage, tokens, TimeSpan.FromSeconds(20));
        await database.ComeBackAsync(Outage.Ended);

        var (sent, dropped) = ((long)await stage.CounterAsync("gatewayops_proxy_requests_total"), (long)await stage.CounterAsync("gatewayops_usage_records_dropped_total"));
        var rows = await database.RowsAsync(sent - dropped);
        output.WriteLine($"{sent} requests, {rows} rows, {dropped} dropped");
        Assert.Equal(0, during.Failed);
        // All but the queue and the batch that was on its way.
        Assert.InRange(dropped, during.Sent - 1_000 - PerSecond, during.Sent);
        Assert.Equal(sent, rows + dropped);
    }

    /// <summary>An even load for a while.</summary>
    private static async Task<Load> LoadAsync(LoadStage stage, string[] tokens, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        var requests = new List<Task<double?>>();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < time; i++)
        {
            requests.Add(TimeAsync(stage, tokens[i % tokens.Length]));
            var next = TimeSpan.FromSeconds((i + 1) / (double)PerSecond) - Stopwatch.GetElapsedTime(started);
            if (next > TimeSpan.Zero)
            {
                await Task.Delay(next);
            }
        }

        var times = (await Task.WhenAll(requests)).ToList();
        var good = times.OfType<double>().Order().ToList();
        var slow = string.Join(", ", times.Index().Where(time => time.Item > 100).GroupBy(time => time.Index / PerSecond).Select(second => $"{second.Count()} in second {second.Key}"));
        return new Load(times.Count, times.Count - good.Count, good[good.Count / 2], good[good.Count * 99 / 100], slow);
    }

    private static async Task<double?> TimeAsync(LoadStage stage, string token)
    {
        var started = Stopwatch.GetTimestamp();
        using var answer = await stage.SendAsync(token, stream: false);
        await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : null;
    }

    public enum Outage
    {
        /// <summary>The server is shut down at once, as a crash would: connections end and new ones are refused.</summary>
        Ended,

        /// <summary>Nobody answers and nobody says so.</summary>
        Silent,
    }

    private sealed record Load(int Sent, int Failed, double Median, double P99, string Slow)
    {
        public override string ToString() => $"{Sent} requests, {Failed} failed, p50 {Median:0.0} ms, p99 {P99:0.0} ms, above 100 ms: {(Slow.Length == 0 ? "none" : Slow)}";
    }

    /// <summary>A server of its own at an address that stays while it is away. Its socket is found by a link, since each start has another folder for it.</summary>
    private sealed class AwayDatabase : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder;
        private readonly EmbeddedPostgresOptions _options;
        private readonly string _link;
        private EmbeddedPostgresServer _server;
        private readonly TcpWay _way;

        private AwayDatabase(TemporaryFolder folder, EmbeddedPostgresOptions options, EmbeddedPostgresServer server)
        {
            (_folder, _options, _server, _link) = (folder, options, server, Path.Combine(folder.Path, "socket"));
            Link();
            _way = TcpWay.To(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = _link });
        }

        public string ConnectionString => _way.ConnectionString;

        public static async Task<AwayDatabase> StartAsync()
        {
            var folder = new TemporaryFolder();
            var options = new EmbeddedPostgresOptions { Folder = Path.Combine(folder.Path, "data"), Durable = true };
            return new AwayDatabase(folder, options, await EmbeddedPostgresServer.StartAsync(options, CancellationToken.None));
        }

        public async Task GoAwayAsync(Outage outage)
        {
            if (outage == Outage.Silent)
            {
                _way.Close();
            }
            else
            {
                await _server.DisposeAsync();
            }
        }

        public async Task ComeBackAsync(Outage outage)
        {
            if (outage == Outage.Silent)
            {
                _way.Open();
            }
            else
            {
                _server = await EmbeddedPostgresServer.StartAsync(_options, CancellationToken.None);
                Link();
            }
        }

        /// <summary>Records, once there are as many as <paramref name="expected"/> or a minute has passed.</summary>
        public async Task<long> RowsAsync(long expected)
        {
            await using var source = NpgsqlDataSource.Create(_server.ConnectionString);
            for (var tries = 0; ; tries++)
            {
                await using var command = source.CreateCommand("select count(*) from request_records");
                var rows = (long)(await command.ExecuteScalarAsync())!;
                if (rows >= expected || tries == 600)
                {
                    return rows;
                }

                await Task.Delay(100);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _way.DisposeAsync();
            await _server.DisposeAsync();
            _folder.Dispose();
        }

        private void Link()
        {
            File.Delete(_link);
            File.CreateSymbolicLink(_link, new NpgsqlConnectionStringBuilder(_server.ConnectionString).Host!);
        }
    }
}
