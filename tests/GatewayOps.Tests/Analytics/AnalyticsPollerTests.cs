using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Analytics;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Analytics;

/// <summary>Whatever is late, repeated or torn apart: minutes are stored once, and counted once when they are final.</summary>
public sealed class AnalyticsPollerTests : IAsyncLifetime, IDisposable
{
    private const int Rows = 240;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly HttpClient _http = new();
    private readonly MeterListener _listener = new();
    private readonly TestClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly CapturedLog _log = new();
    private readonly LoggerFactory _logs;
    private TestDatabase _database = null!;
    private TestEmulator _emulator = null!;
    private AnalyticsMetrics _metrics = null!;
    private long _counted;

    public AnalyticsPollerTests() => _logs = new LoggerFactory([_log]);

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { AnalyticsDelay = TimeSpan.FromMinutes(14) });
        await _emulator.CreateGatewayAsync("gw");
        var now = _clock.GetUtcNow();
        using var filled = await _emulator.Admin.PostAsJsonAsync("gateways/gw/logs", new { count = Rows, seed = 7, from = now.AddHours(-1), to = now });
        Assert.True(filled.IsSuccessStatusCode, await filled.Content.ReadAsStringAsync());
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "gatewayops_gateway_requests")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _counted, value));
        _listener.Start();
        var telemetry = new TelemetryMetrics(meters);
        _metrics = new AnalyticsMetrics(meters, telemetry, new IngestionMetrics(meters, telemetry, _clock));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _logs.Dispose();
        _http.Dispose();
        _log.Dispose();
    }

    public async Task DisposeAsync()
    {
        await _emulator.DisposeAsync();
        await _database.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Poll_WhileMinutesComeLate_StoresEachAsLastTold_AndCountsTheFinalOnes()
    {
        var poller = Poller();
        await poller.PollAsync(CancellationToken.None);
        await poller.PollAsync(CancellationToken.None);
        var (first, counted) = (await StoredAsync(), _counted);

        // What had not been told yet is told, and everything becomes final.
        await AdvanceAsync(TimeSpan.FromMinutes(15));
        await poller.PollAsync(CancellationToken.None);
        await AdvanceAsync(TimeSpan.FromMinutes(30));
        await poller.PollAsync(CancellationToken.None);
        await poller.PollAsync(CancellationToken.None);

        Assert.InRange(first, 1, Rows - 1);
        Assert.InRange(counted, 1, first - 1);
        Assert.Equal((Rows, Rows), (await StoredAsync(), _counted));
    }

    [Fact]
    public async Task Poll_PagesThatEndWithinAMinute_LoseAndRepeatNothing()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));
        await Poller(largestPage: 9).PollAsync(CancellationToken.None);

        Assert.Equal((Rows, Rows), (await StoredAsync(), _counted));
    }

    [Fact]
    public async Task Poll_ByTwoReplicasAtOnce_CountsOnce()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));
        for (var n = 0; n < 3; n++)
        {
            await Task.WhenAll(Poller(largestPage: 60).PollAsync(CancellationToken.None), Poller().PollAsync(CancellationToken.None));
        }

        await Poller().PollAsync(CancellationToken.None);
        Assert.Equal((Rows, Rows), (await StoredAsync(), _counted));
    }

    /// <summary>GraphQL tells failures with the status 200, too; here the account is not one that the token may read, and then the budget is spent.</summary>
    [Fact]
    public async Task Job_CloudflareThatRefuses_GoesOnFromItsCursorLater()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));
        await Job(Poller(account: "another-account")).RunAsync(CancellationToken.None);
        await _emulator.SetManagementFaultAsync(new { path = "*/graphql", method = "POST", status = 429, times = 1 });
        await Job(Poller()).RunAsync(CancellationToken.None);
        Assert.Equal(0, await StoredAsync());

        await _emulator.ClearManagementFaultsAsync();
        await Job(Poller()).RunAsync(CancellationToken.None);
        Assert.Equal((Rows, Rows), (await StoredAsync(), _counted));
    }

    [Fact]
    public async Task Poll_AfterAnAbsenceLongerThanCloudflareKeeps_SaysWhatIsLost()
    {
        await _database.ExecuteAsync("insert into analytics_cursors values ('requests', now() - interval '70 days', now() - interval '70 days', now())");
        await AdvanceAsync(TimeSpan.FromHours(1));

        await Poller().PollAsync(CancellationToken.None);

        Assert.Contains("are lost: nobody read them while Cloudflare had them", _log.ToString(), StringComparison.Ordinal);
        Assert.Equal(Rows, await StoredAsync());
    }

    /// <summary>An account may not have the dataset: nothing is asked of it but that, and nothing is broken.</summary>
    [Fact]
    public async Task Poll_DatasetIsNotEnabled_ReadsNothingAndSaysSo()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));
        using var http = new HttpClient(new NotEnabled());

        Assert.False(await Poller(http: http).PollAsync(CancellationToken.None));

        Assert.Equal(0, await StoredAsync());
        Assert.Empty(await _database.QueryAsync<DateTime>("select read_until from analytics_cursors"));
        Assert.Contains("is not enabled for this account", _log.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A minute with more groups than a page holds cannot be read whole: it is said, and holds up no other minute.</summary>
    [Fact]
    public async Task Poll_MinuteWithMoreGroupsThanAPage_SaysSoAndGoesOn()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));

        await Poller(largestPage: 2).PollAsync(CancellationToken.None);

        Assert.Contains("has more than the 2 groups that a page holds: the rest of it is not counted", _log.ToString(), StringComparison.Ordinal);
        Assert.InRange(await StoredAsync(), 2, Rows - 1);
        Assert.InRange(await StoredMinutesAsync(), 40, 61); // of sixty that have any
        Assert.True((await _database.QueryAsync<DateTime>("select read_until from analytics_cursors")).Single() >= _clock.GetUtcNow().UtcDateTime);
    }

    [Fact]
    public async Task Report_IsTheSumOfTheMinutes()
    {
        await AdvanceAsync(TimeSpan.FromHours(1));
        await Poller().PollAsync(CancellationToken.None);
        var report = new AnalyticsReport(_database.DataSource);

        foreach (var by in AnalyticsReport.Groupings.Keys)
        {
            var (groups, total) = await report.ReadAsync(by, _clock.GetUtcNow().AddDays(-1), until: null, gateway: "gw", provider: null, model: null, CancellationToken.None);
            Assert.Equal((Rows, Rows), (total.Requests, groups.Sum(group => group.Requests)));
            Assert.True(total is { P50Ms: > 0, HitRatio: >= 0 } && total.P50Ms <= total.P99Ms, total.ToString());
        }
    }

    private AnalyticsPoller Poller(int largestPage = 10_000, string? account = null, HttpClient? http = null) => new(
        new CloudflareClient(
            http ?? _http, new CloudflareOptions { AccountId = account ?? _emulator.Options.AccountId, ApiToken = _emulator.Options.ApiToken, BaseUrl = _emulator.ApiUrl, MaxRetries = 0 }, TimeProvider.System),
        new AnalyticsStore(_database.DataSource), _metrics, Options.Create(new AnalyticsOptions()), _clock, _logs.CreateLogger<AnalyticsPoller>())
    {
        LargestPage = largestPage,
    };

    private AnalyticsPollJob Job(AnalyticsPoller poller) =>
        new(poller, new AnalyticsStore(_database.DataSource), _metrics, Options.Create(new AnalyticsOptions()), _clock, NullLogger<AnalyticsPollJob>.Instance);

    private async Task AdvanceAsync(TimeSpan by)
    {
        _clock.Advance(by);
        await _emulator.AdvanceClockAsync(by);
    }

    private async Task<long> StoredMinutesAsync() => (await _database.QueryAsync<long>("select count(distinct minute) from analytics_buckets"))[0];

    private async Task<long> StoredAsync() => (await _database.QueryAsync<long>("select coalesce(sum(requests), 0)::bigint from analytics_buckets"))[0];

    private sealed class NotEnabled() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            Assert.Contains("\"enabled\":true", text, StringComparison.Ordinal);
            answer.Content = new StringContent(text.Replace("\"enabled\":true", "\"enabled\":false", StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");
            return answer;
        }
    }
}
