using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Telemetry;

public sealed class ExpositionTests
{
    [Theory]
    [InlineData(false, "metrics/instruments.txt")]
    [InlineData(true, "metrics/instruments.openmetrics.txt")]
    public async Task Scrape_FixedInstruments_IsTheGoldenText(bool openMetrics, string golden)
    {
        await using var host = await TelemetryHost.StartAsync();
        var meter = host.Meter;
        var requests = meter.CreateCounter<long>("golden_requests", "{request}", "Requests; \"quoted\" \\ and\nover two lines.");
        requests.Add(0, new KeyValuePair<string, object?>("model", "none"));
        requests.Add(3, new("model", "a \"b\" \\ c\nd"), new("cached", true), new("status", 200));
        meter.CreateCounter<double>("golden.cost_usd", "USD", "Cost.").Add(0.000125);
        meter.CreateCounter<long>("golden_bytes_total", "By", "Already called total.").Add(12_345_678);
        meter.CreateUpDownCounter<long>("golden_active", null, "Goes down too.").Add(-2);
        meter.CreateObservableGauge("golden_ratio", () => 0.1 + 0.2, "1", "No suffix.");
        meter.CreateObservableGauge("golden_speed", () => 1.5e21, "By/s", "A rate.");
        meter.CreateObservableGauge("golden_nan", () => double.NaN);
        var seconds = meter.CreateHistogram("golden_duration", "s", "Seconds.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.25, 1, 10, 1048576] });
        seconds.Record(0.2, new KeyValuePair<string, object?>("stream", false));
        seconds.Record(5000000, new KeyValuePair<string, object?>("stream", false));
        meter.CreateHistogram("golden_size", "By", "No buckets.", tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [] }).Record(7);

        var text = await host.TextAsync(openMetrics);
        PrometheusText.Parse(text, openMetrics);
        Golden.Matches(golden, string.Concat(text.Split('\n').Where(line => line.Contains("golden", StringComparison.Ordinal) || line == "# EOF").Select(line => line + "\n")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scrape_WholeHost_PassesTheStrictParserAndNamesItself(bool openMetrics)
    {
        await using var host = await TelemetryHost.StartAsync();
        await host.Http.GetAsync(new Uri("/nowhere", UriKind.Relative));
        var families = await host.ScrapeAsync(openMetrics);
        var target = Assert.Single(families[openMetrics ? "target" : "target_info"].Samples);
        Assert.Equal("gatewayops", target.Labels["service_name"]);
        var build = Assert.Single(families["gatewayops_build_info"].Samples);
        Assert.Equal((1, TelemetryMetrics.Version), (build.Value, build.Labels["version"]));
        Assert.Contains("http_server_request_duration_seconds", families.Keys);
        Assert.Contains("kestrel_active_connections", families.Keys);
        Assert.DoesNotContain(families.Values.SelectMany(family => family.Samples), sample => sample.Labels.Keys.Any(name => name is "otel_scope_name" or "network_peer_address"));
    }

    [Fact]
    public async Task Scrape_LevelsThatTheRuntimeCallsCounters_AreGauges()
    {
        await using var host = await TelemetryHost.StartAsync();
        var families = await host.ScrapeAsync();
        Assert.Equal("gauge", families["dotnet_thread_pool_thread_count"].Type);
        Assert.Equal("gauge", families["dotnet_thread_pool_queue_length"].Type);
        Assert.Equal("counter", families["dotnet_gc_collections_total"].Type);
    }

    [Fact]
    public async Task Scrape_TwoMetersOneName_IsOneFamilyAndEqualSeriesAddUp()
    {
        await using var host = await TelemetryHost.StartAsync();
        host.Meter.CreateCounter<long>("shared", null, "First.").Add(1, new KeyValuePair<string, object?>("who", "both"));
        var other = host.NewMeter("GatewayOps.Other").CreateCounter<long>("shared", null, "Second.");
        other.Add(2, new KeyValuePair<string, object?>("who", "both"));
        other.Add(5, new KeyValuePair<string, object?>("who", "other"));

        var family = (await host.ScrapeAsync())["shared_total"];
        Assert.Equal([3, 5], family.Samples.Select(sample => sample.Value));
    }

    [Fact]
    public async Task Scrape_NamesThatMeet_ShowOneFamilyAndLeaveTheRestWhole()
    {
        await using var host = await TelemetryHost.StartAsync();
        host.Meter.CreateHistogram<double>("meet").Record(1);
        host.NewMeter("GatewayOps.Other").CreateObservableGauge("meet.count", () => 5);
        host.NewMeter("GatewayOps.Third").CreateObservableGauge("meet", () => 5);
        var families = await host.ScrapeAsync(openMetrics: true);
        Assert.Equal("histogram", families["meet"].Type);
        Assert.DoesNotContain("meet_count", families.Keys);
    }

    [Fact]
    public async Task Scrape_LabelKeysThatBecomeOne_AreJoined()
    {
        await using var host = await TelemetryHost.StartAsync();
        host.Meter.CreateCounter<long>("joined").Add(1, new("a.b", "2"), new("a_b", "1"), new("__c", "3"), new("9d", null));
        var sample = Assert.Single((await host.ScrapeAsync())["joined_total"].Samples);
        Assert.Equal(new Dictionary<string, string> { ["a_b"] = "2;1", ["key__c"] = "3", ["_9d"] = "" }, sample.Labels);
    }

    [Fact]
    public async Task Scrape_PeerAddresses_AreAddedUpWithoutThem()
    {
        await using var host = await TelemetryHost.StartAsync();
        var connections = host.NewMeter("System.Net.Http").CreateUpDownCounter<long>("http.client.peers");
        connections.Add(1, new("network.peer.address", "10.0.0.1"), new("url.scheme", "http"));
        connections.Add(1, new("network.peer.address", "10.0.0.2"), new("url.scheme", "http"));
        Assert.Equal(("http_client_peers{url_scheme=http}", 2), (await host.ScrapeAsync())["http_client_peers"].Samples.Select(sample => (sample.Key, (int)sample.Value)).Single());
    }

    [Fact]
    public async Task Scrape_MoreSeriesThanAMetricKeeps_EndsInOneOverflowSeriesAndIsCounted()
    {
        await using var host = await TelemetryHost.StartAsync();
        var counter = host.Meter.CreateCounter<long>("flood");
        for (var i = 0; i < 5000; i++) counter.Add(1, new KeyValuePair<string, object?>("n", i));
        var samples = (await host.ScrapeAsync())["flood_total"].Samples;
        Assert.InRange(samples.Count, 900, 1001);
        Assert.Equal(5000, samples.Sum(sample => sample.Value));
        Assert.Contains(samples, sample => sample.Labels.ContainsKey("otel_metric_overflow"));
        Assert.Contains((await host.ScrapeAsync())["gatewayops_metric_overflow_total"].Samples, sample => sample is { Key: "gatewayops_metric_overflow_total{metric=flood}", Value: 1 });
    }

    /// <summary>Values that are the same text to a scraper, and points that come and go, are never two series.</summary>
    [Fact]
    public async Task Scrape_LabelsThatAreOneText_AddUp()
    {
        await using var host = await TelemetryHost.StartAsync();
        var counter = host.Meter.CreateCounter<long>("twins");
        counter.Add(1, new KeyValuePair<string, object?>("v", "\ud800"));
        counter.Add(2, new KeyValuePair<string, object?>("v", "\ud801"));
        counter.Add(4, new KeyValuePair<string, object?>("v", 5));
        counter.Add(8, new KeyValuePair<string, object?>("v", "5"));
        Assert.Equal([12, 3], (await host.ScrapeAsync())["twins_total"].Samples.Select(sample => sample.Value));
        counter.Add(1, new KeyValuePair<string, object?>("v", "0"));
        counter.Add(1);
        Assert.Equal([1, 1, 12, 3], (await host.ScrapeAsync())["twins_total"].Samples.Select(sample => sample.Value));
    }

    [Fact]
    public async Task Scrape_AMeterThatIsGone_TakesItsFamiliesAlong()
    {
        await using var host = await TelemetryHost.StartAsync();
        var meter = new Meter("GatewayOps.Gone");
        meter.CreateCounter<long>("gone").Add(1);
        host.Meter.CreateCounter<long>("stays").Add(1);
        Assert.Contains("gone_total", (await host.ScrapeAsync()).Keys);
        meter.Dispose();
        await host.ScrapeAsync();
        var families = await host.ScrapeAsync();
        Assert.DoesNotContain("gone_total", families.Keys);
        Assert.Contains("stays_total", families.Keys);
    }

    [Fact]
    public async Task Scrape_AnotherHostsMeters_AreNotShown()
    {
        await using var host = await TelemetryHost.StartAsync();
        await using var other = await TelemetryHost.StartAsync();
        other.Meter.CreateCounter<long>("elsewhere").Add(1);
        Assert.DoesNotContain("elsewhere_total", (await host.ScrapeAsync()).Keys);
        Assert.Contains("elsewhere_total", (await other.ScrapeAsync()).Keys);
    }

    [Fact]
    public async Task Start_MetricsOfFeatures_AreAtZeroBeforeAnybodyUsesThem()
    {
        await using var host = await TelemetryHost.StartAsync(services => services.AddSingleton<UnusedMetrics>());
        Assert.Equal(0, (await host.ScrapeAsync())["unused_total"].Samples.Single().Value);
    }

    private sealed class UnusedMetrics
    {
        public UnusedMetrics(IMeterFactory meters) => meters.Create("GatewayOps.Unused").CreateCounter<long>("unused").Add(0);
    }
}
