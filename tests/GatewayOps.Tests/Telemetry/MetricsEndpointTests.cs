using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Telemetry;

public sealed class MetricsEndpointTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string Open = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    [Theory]
    [InlineData(null, Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/plain", Text)]
    [InlineData("text/html, application/xml;q=0.9", Text)]
    [InlineData("application/openmetrics-text", Open)]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8", Open)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0", Text)]
    [InlineData("application/openmetrics-text;version=2.0.0", Text)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.3", Text)]
    [InlineData("text/plain;version=0.0.4;q=0.3,application/openmetrics-text;version=1.0.0;q=0.8", Open)]
    // Prometheus 2.42, and 3.x.
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Open)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", Open + "; escaping=underscores")]
    public async Task Get_Accept_ChoosesTheFormat(string? accept, string contentType)
    {
        await using var host = await TelemetryHost.StartAsync();
        using var response = await host.GetAsync(accept);
        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.GetValues("Content-Type").Single()));
        Assert.Equal("Accept, Accept-Encoding", string.Join(", ", response.Headers.Vary));
        PrometheusText.Parse(await response.Content.ReadAsStringAsync(), openMetrics: contentType != Text);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("identity", false)]
    public async Task Get_GzipOffered_IsTaken(string encodings, bool gzip)
    {
        await using var host = await TelemetryHost.StartAsync();
        using var response = await host.GetAsync(null, ("Accept-Encoding", encodings));
        Assert.Equal(gzip, response.Content.Headers.ContentEncoding.Contains("gzip"));
        await using var body = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(gzip ? new GZipStream(body, CompressionMode.Decompress) : body);
        Assert.Contains("gatewayops_build_info", PrometheusText.Parse(await reader.ReadToEndAsync(), openMetrics: false).Keys);
    }

    [Fact]
    public async Task Get_ManyAtOnceAndSoonAfter_CollectOnce()
    {
        await using var host = await TelemetryHost.StartAsync();
        var collected = 0;
        host.Meter.CreateObservableGauge("calls", () => Interlocked.Increment(ref collected));
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.Http.GetStringAsync("/metrics")));
        Assert.All(bodies, body => Assert.Equal(1, PrometheusText.Parse(body, openMetrics: false)["calls"].Samples.Single().Value));

        host.Clock.Advance(TimeSpan.FromMilliseconds(299));
        await host.Http.GetStringAsync("/metrics");
        Assert.Equal(1, collected);
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await host.Http.GetStringAsync("/metrics");
        Assert.Equal(2, collected);
    }

    [Fact]
    public async Task Get_CollectTakesLongerThanTheScraperWaits_Says408AndTheNextScrapeSeesIt()
    {
        await using var host = await TelemetryHost.StartAsync();
        using var collecting = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        host.Meter.CreateObservableGauge("slow", () =>
        {
            collecting.Release();
            Assert.True(go.Wait(TimeSpan.FromSeconds(30)));
            return 7;
        });
        var scrape = host.GetAsync(null, ("X-Prometheus-Scrape-Timeout-Seconds", "5"));
        await collecting.WaitAsync();
        await host.Clock.TimerAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        using var response = await scrape;
        Assert.Equal(HttpStatusCode.RequestTimeout, response.StatusCode);

        go.Release(2);
        Assert.Equal(7, (await host.ScrapeAsync())["slow"].Samples.Single().Value);
    }

    [Fact]
    public async Task Get_CollectFails_Says500AndRecovers()
    {
        await using var host = await TelemetryHost.StartAsync();
        var exporter = host.Services.GetRequiredService<PrometheusExporter>();
        var collect = exporter.Collect;
        exporter.Collect = _ => false;
        using (var response = await host.GetAsync()) Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        exporter.Collect = collect;
        using (var response = await host.GetAsync()) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Get_AnswerLargerThanItMayBe_Says500WithTheSetting()
    {
        await using var host = await TelemetryHost.StartAsync(maxScrapeBytes: 65_536);
        var counter = host.Meter.CreateCounter<long>("wide", null, "Wide.");
        for (var i = 0; i < 900; i++) counter.Add(1, new KeyValuePair<string, object?>("label", new string((char)('a' + (i % 26)), 100) + i));
        using var response = await host.GetAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("GatewayOps:Telemetry:MaxScrapeBytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Of thirty-two who ask at once, in every form, each gets a whole answer, and those who ask the same get the same bytes.</summary>
    [Fact]
    public async Task Get_ManyFormsAtOnce_AreWholeAndTheSame()
    {
        await using var host = await TelemetryHost.StartAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            if (i % 2 == 0) request.Headers.Add("Accept", "application/openmetrics-text");
            if (i % 4 < 2) request.Headers.Add("Accept-Encoding", "gzip");
            using var response = await host.Http.SendAsync(request);
            Assert.Equal(response.Content.Headers.ContentLength, (await response.Content.ReadAsByteArrayAsync()).Length);
            var body = new MemoryStream(await response.Content.ReadAsByteArrayAsync());
            using var reader = new StreamReader(i % 4 < 2 ? new GZipStream(body, CompressionMode.Decompress) : body);
            return (Open: i % 2 == 0, Text: await reader.ReadToEndAsync());
        }));
        Assert.Equal(2, answers.Distinct().Count());
        Assert.All(answers.Distinct(), answer => PrometheusText.Parse(answer.Text, answer.Open));
    }

    [Fact]
    public async Task Get_OneInstrumentThrows_TheOthersAreShown()
    {
        await using var host = await TelemetryHost.StartAsync();
        host.Meter.CreateObservableGauge("broken", int () => throw new InvalidOperationException("canary"));
        Assert.Contains("gatewayops_build_info", (await host.ScrapeAsync()).Keys);
    }

    [Fact]
    public async Task Get_Itself_IsNotCounted()
    {
        await using var host = await TelemetryHost.StartAsync();
        await host.TextAsync();
        Assert.DoesNotContain("http_server_request_duration_seconds", (await host.ScrapeAsync()).Keys);
    }
}
