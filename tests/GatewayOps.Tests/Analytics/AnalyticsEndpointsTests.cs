using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Usage;

namespace GatewayOps.Tests.Analytics;

/// <summary>One hour of which the proxy recorded ten calls; the gateway's log has eight of them and four of a client of its own, analytics twelve.</summary>
public sealed class AnalyticsEndpointsTests(AnalyticsEndpointsTests.Stage stage) : IClassFixture<AnalyticsEndpointsTests.Stage>
{
    private readonly TestService _service = stage.Service;

    [Fact]
    public async Task Reconciliation_NamesTheHourTheDifferenceAndWhy()
    {
        var answer = await _service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/analytics/reconciliation");

        var hour = Assert.Single(answer.GetProperty("hours").EnumerateArray());
        Assert.Equal((1, "gw", 10, 12, 4, 12), (answer.GetProperty("differ").GetInt32(), hour.GetProperty("gateway").GetString(), Requests("proxy"), Requests("logs"), Requests("direct"), Requests("analytics")));
        var calls = hour.GetProperty("differences")[0];
        Assert.Equal(("proxy:logs", "requests", 2, 0.2), (calls.GetProperty("pair").GetString(), calls.GetProperty("measure").GetString(), calls.GetProperty("absolute").GetInt32(), calls.GetProperty("relative").GetDouble()));
        Assert.Equal(["direct_clients", "logs_partial"], hour.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()));

        int Requests(string source) => hour.GetProperty(source).GetProperty("requests").GetInt32();
    }

    [Fact]
    public async Task Reconcile_OnTheCommandLine_ExitsByWhatItFinds()
    {
        var differs = await CliRun.AgainstAsync(_service.BaseUrl, "analytics", "reconcile");
        var tolerated = await CliRun.AgainstAsync(_service.BaseUrl, "analytics", "reconcile", "--tolerance", "0.2");
        var elsewhere = await CliRun.AgainstAsync(_service.BaseUrl, "analytics", "reconcile", "--gateway", "other");
        var wrong = await CliRun.AgainstAsync(_service.BaseUrl, "analytics", "reconcile", "--tolerance", "a lot");
        var json = await CliRun.AgainstAsync(_service.BaseUrl, "analytics", "reconcile", "-o", "json");

        Assert.Equal((1, 0, 0, 2, 1), (differs.ExitCode, tolerated.ExitCode, elsewhere.ExitCode, wrong.ExitCode, json.ExitCode));
        Assert.Contains("proxy:logs", differs.Output, StringComparison.Ordinal);
        Assert.Contains("20.0 %", differs.Output, StringComparison.Ordinal);
        Assert.Contains("logs_partial: fewer log rows", differs.Errors, StringComparison.Ordinal);
        Assert.Contains("The three agree.", tolerated.Errors, StringComparison.Ordinal);
        Assert.Contains("Nothing was recorded", elsewhere.Errors, StringComparison.Ordinal);
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(json.Output).GetProperty("differ").GetInt32());
    }

    [Fact, Trait("checklist", "S0-23")]
    public async Task Analytics_ShowRequestsAndDurations_AndHowFarTheyAreFinal()
    {
        var run = await CliRun.AgainstAsync(_service.BaseUrl, "analytics");
        Assert.Equal(0, run.ExitCode);
        // Requests, errors, hits; then tokens and cost; then durations.
        Assert.Matches(@"(?m)^gw +12 +0 +0 .* 120 +60 +\S+ +[1-9][\d.]* +[1-9][\d.]* +[1-9][\d.]* *$", run.Output);
        Assert.Contains("final until 2026-11-21 14:00:00Z", run.Errors, StringComparison.Ordinal);

        await using var unread = await TestService.StartAsync();
        var none = await CliRun.AgainstAsync(unread.BaseUrl, "analytics");
        Assert.Equal((0, ""), (none.ExitCode, none.Output));
        Assert.StartsWith("No analytics available yet\nCloudflare's analytics were never read", none.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Analytics_OfAServiceThatIsOlder_SaysSo()
    {
        await using var older = await StubService.StartAsync();
        var run = await CliRun.AgainstAsync(older.Url, "analytics");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("it may be older than this command", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("analytics?by=key")]
    [InlineData("analytics?since=x")]
    [InlineData("analytics/reconciliation?tolerance=2")]
    [InlineData("analytics/reconciliation?tolerance=NaN")]
    [InlineData("analytics/reconciliation?since=1h&until=2h")]
    public async Task Query_OutOfRange_IsAProblem(string path)
    {
        using var answer = await _service.Operator.GetAsync($"/api/v1/{path}");
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Series_AreThereAtZero()
    {
        var text = await _service.Anonymous.GetStringAsync("/metrics");
        foreach (var family in new[] { "gatewayops_gateway_requests_total", "gatewayops_gateway_tokens_total", "gatewayops_gateway_cost_usd_total" })
        {
            Assert.Contains(PrometheusText.Parse(text, openMetrics: false)[family].Samples, sample => sample.Value == 0);
        }

        Assert.Contains("feed=\"analytics\"", text, StringComparison.Ordinal);
    }

    public sealed class Stage : IAsyncLifetime
    {
        public TestService Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Service = await TestService.StartAsync(time: new TestClock(new DateTimeOffset(2026, 11, 21, 14, 30, 0, TimeSpan.Zero)));
            await new RequestRecordTable(Service.Database.DataSource).WriteAsync([.. Enumerable.Range(0, 10).Select(Records.New)], CancellationToken.None);
            await Service.Database.ExecuteAsync("""
                insert into gateway_logs (gateway, id, created_at, provider, model, path, success, cached, duration_ms, tokens_in, tokens_out, cost_usd, request_id)
                select 'gw', 'l' || i, timestamptz '2026-11-21 12:00:00Z' + i * interval '1 s', 'openai', 'm', 'p', true, false, 1, 10, 5, 0.000123, case when i < 8 then 'r' || i end from generate_series(0, 11) i
                """);
            await Service.Database.ExecuteAsync("insert into log_cursors (gateway, through, polled_at) values ('gw', '2026-11-21 14:00Z', '2026-11-21 14:00Z')");
            await Service.Database.ExecuteAsync("insert into analytics_buckets values ('2026-11-21 12:01Z', 'gw', 'openai', 'm', 200, false, 12, 0, 120, 60, 0.001476, 100, 200, 300)");
            await Service.Database.ExecuteAsync("insert into analytics_cursors values ('requests', '2026-11-21 14:00Z', '2026-11-21 14:30Z', '2026-11-21 14:30Z')");
        }

        public async Task DisposeAsync() => await Service.DisposeAsync();
    }
}
