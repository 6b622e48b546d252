using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Ingestion;

/// <summary>
/// A minute of Cloudflare's budget, 1200 calls in five minutes of 50 rows each, in real time: two gateways with more rows than a minute can read, three with a row each second. The whole budget is
/// used and no more, the two get the same, the three are as fresh as the interval promises, and the metrics say how far behind each is.
/// </summary>
public sealed class CallBudgetTests(ITestOutputHelper output)
{
    private const int Backlog = 12_000;
    private const double CallsASecond = 1200 / 300.0;

    private static readonly string[] Big = ["big-1", "big-2"];
    private static readonly string[] Small = ["small-1", "small-2", "small-3"];
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    // What may go at once at the beginning is gone by then.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    private readonly Notes _notes = new(output, "call-budget");

    [Fact]
    public async Task Budget_IsUsedWhole_SharedFairly_AndWhatIsBehindIsReported()
    {
        await using var emulator = await TestEmulator.StartAsync();
        await using var database = await TestDatabase.CreateAsync();
        foreach (var gateway in Big.Concat(Small))
        {
            await emulator.CreateGatewayAsync(gateway);
            await database.ExecuteAsync("insert into activations (gateway, rule_set, revision, kind, activated_at, activated_by) values ($1, 'r', null, 'remove', now(), 'test')", gateway);
        }

        // Older than the overlap: each is read once.
        var old = TimeProvider.System.GetUtcNow().AddMinutes(-50);
        foreach (var gateway in Big)
        {
            Log(emulator, gateway, Enumerable.Range(0, Backlog).Select(i => old.AddMilliseconds(i * 100)));
        }

        await using var service = await TestService.StartAsync(database, emulator, new Dictionary<string, string>
        {
            ["GatewayOps:Ingestion:Enabled"] = "true",
            // Under `auto` gateways whose log is empty so far are asked for by the telemetry query, too: calls of the same budget that are not counted here.
            ["GatewayOps:Ingestion:Source"] = "logs",
            ["GatewayOps:Ingestion:Interval"] = Interval.ToString(),
        });
        await service.EventuallyAsync(async () => (await CallsAsync(emulator)).Count > 0, "the first call", TimeSpan.FromSeconds(30));
        var (ages, begun) = (new List<double>(), Stopwatch.GetTimestamp());
        await EachSecondAsync(WarmUp);
        ages.Clear();
        var (first, stored, window) = (await CallsAsync(emulator), await StoredAsync(), Stopwatch.StartNew());
        var (early, earlyLags) = (await MetricAsync(service, "gatewayops_poll_backlog"), await MetricAsync(service, "gatewayops_poll_lag_seconds"));
        await EachSecondAsync(Minute);
        var (seconds, calls, rows) = (window.Elapsed.TotalSeconds, await CallsAsync(emulator), await StoredAsync());
        var (late, lateLags) = (await MetricAsync(service, "gatewayops_poll_backlog"), await MetricAsync(service, "gatewayops_poll_lag_seconds"));
        var sources = (await service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/logs/sources")).GetProperty("feeds").EnumerateArray()
            .Where(feed => feed.GetProperty("source").GetString() == "logs").ToDictionary(feed => feed.GetProperty("gateway").GetString()!);

        var made = calls.ToDictionary(gateway => gateway.Key, gateway => gateway.Value - first.GetValueOrDefault(gateway.Key));
        var rate = made.Values.Sum() / seconds;
        _notes.Add($"{made.Values.Sum()} calls in {seconds:F1} s: {rate:F2} a second of {CallsASecond:F0} ({string.Join(", ", made.OrderBy(gateway => gateway.Key).Select(gateway => $"{gateway.Key} {gateway.Value}"))})");
        _notes.Add($"{(rows - stored) / seconds:F0} rows a second; backlog {Told(early)} became {Told(late)}; lag {Told(earlyLags)} became {Told(lateLags)}; rows of the small ones were {ages.Max():F1} s old at most when they were stored; {Machine.Load}");

        Assert.InRange(rate, 0.95 * CallsASecond, CallsASecond * 1.02);
        Assert.InRange(made["big-1"], 0.9 * made["big-2"], 1.1 * made["big-2"]);
        Assert.All(Small, gateway => Assert.InRange(lateLags[gateway], 0, 2 * Interval.TotalSeconds));
        Assert.InRange(ages.Max(), 0, 2 * Interval.TotalSeconds);
        Assert.All(Big, gateway => Assert.InRange(early[gateway] - late[gateway], 0.8 * 50 * made[gateway], 1.05 * 50 * made[gateway]));
        Assert.All(Big, gateway => Assert.InRange(lateLags[gateway], seconds, seconds + 60));
        Assert.All(Big, gateway => Assert.True(sources[gateway].GetProperty("backlog").GetInt64() > 0));

        // A row each second to each of the small ones, and how old the newest of them is that is stored.
        async Task EachSecondAsync(TimeSpan span)
        {
            for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < span;)
            {
                foreach (var gateway in Small)
                {
                    Log(emulator, gateway, [TimeProvider.System.GetUtcNow()]);
                }

                await Task.Delay(TimeSpan.FromSeconds(1));
                ages.AddRange(await database.QueryAsync<double>("select extract(epoch from now() - max(created_at))::float8 from gateway_logs where gateway like 'small-%' group by gateway"));
            }
        }

        async Task<long> StoredAsync() => (await database.QueryAsync<long>("select count(*) from gateway_logs"))[0];
    }

    private static void Log(TestEmulator emulator, string gateway, IEnumerable<DateTimeOffset> times)
    {
        var state = emulator.Account.FindGateway(gateway)!;
        foreach (var time in times)
        {
            Assert.True(state.AddLog(new LogRow { Id = state.Logs.NewId(time), Provider = "openai", Model = "gpt-4o-mini", Path = "chat/completions", StatusCode = 200, Success = true, Duration = 12 }));
        }
    }

    /// <summary>Calls of the logs API so far, by gateway.</summary>
    private static async Task<Dictionary<string, int>> CallsAsync(TestEmulator emulator) =>
        (await emulator.ManagementRequestsAsync()).Where(request => request.GetProperty("path").GetString()!.EndsWith("/logs", StringComparison.Ordinal))
            .Select(request => request.GetProperty("path").GetString()!.Split('/')[^2]).CountBy(gateway => gateway).ToDictionary();

    private static async Task<Dictionary<string, double>> MetricAsync(TestService service, string name)
    {
        var text = await service.Anonymous.GetStringAsync("/metrics");
        return text.Split('\n').Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains("feed=\"logs\"", StringComparison.Ordinal))
            .ToDictionary(line => line.Split("gateway=\"")[1].Split('"')[0], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static string Told(Dictionary<string, double> values) => string.Join(", ", values.OrderBy(value => value.Key).Select(value => $"{value.Key} {value.Value:F0}"));
}
