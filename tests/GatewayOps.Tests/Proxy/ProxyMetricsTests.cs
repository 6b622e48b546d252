using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

public sealed class ProxyMetricsTests
{
    [Fact]
    public async Task Metrics_BeforeTheFirstRequest_AreThereAtZero()
    {
        await using var service = await TestService.StartAsync();

        var metrics = await ScrapeAsync(service);

        Assert.Equal(8, metrics["gatewayops_proxy_requests_total"].Samples.Count);
        Assert.Equal(
            ["cancelled", "completed", "oversized", "truncated", "upstream_error"],
            metrics["gatewayops_proxy_streams_ended_total"].Samples.Select(sample => sample.Labels["reason"]).Order());
        Assert.All(metrics["gatewayops_proxy_requests_total"].Samples, sample => Assert.Equal(0, sample.Value));
        Assert.Equal(0, Assert.Single(metrics["gatewayops_usage_records_dropped_total"].Samples).Value);
    }

    [Fact, Trait("checklist", "S3-25")]
    public async Task Metrics_AfterRequests_CountThem()
    {
        await using var stage = await ProxyStage.StartAsync(
            """{ "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 60, "key": ["messages"] } } ] }""");
        await stage.ChatAsync("a");
        await stage.ChatAsync("a");
        await stage.ChatAsync(more: new { stream = true });
        await stage.ChatAsync(more: new { model = "noise-\"\n-1" });
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 2 });
        await stage.ChatAsync("b", more: new { stream = true });
        await stage.RecordsAsync(5);

        var metrics = await ScrapeAsync(stage.Service);

        Assert.Equal(2, Sum("gatewayops_proxy_requests_total", ("outcome", "ok"), ("cache", "miss"), ("model", "gpt-4o-mini")) + Sum("gatewayops_proxy_requests_total", ("outcome", "ok"), ("cache", "bypass"), ("model", "gpt-4o-mini")));
        Assert.Equal(1, Sum("gatewayops_proxy_requests_total", ("outcome", "ok"), ("cache", "hit")));
        Assert.Equal(1, Sum("gatewayops_proxy_requests_total", ("outcome", "client_error"), ("model", "_other")));
        Assert.Equal((1, 1), (Sum("gatewayops_proxy_streams_ended_total", ("reason", "completed")), Sum("gatewayops_proxy_streams_ended_total", ("reason", "truncated"))));
        Assert.Equal(0, Sum("gatewayops_proxy_active_requests"));
        Assert.Contains(metrics["http_server_request_duration_seconds"].Samples, sample => sample.Labels.GetValueOrDefault("http_route") == "/v1/chat/completions");
        Assert.True(Sum("gatewayops_proxy_tokens_total", ("direction", "output")) > 0);
        Assert.True(Sum("gatewayops_proxy_cost_usd_total", ("provider", "openai")) > 0);
        Assert.Contains(metrics["gatewayops_proxy_overhead_seconds"].Samples, sample => sample.Labels.GetValueOrDefault("le") == "0.0025");
        // The median is made of these: two whole answers, a stream and a cut one were measured.
        Assert.True(Sum("gatewayops_proxy_overhead_seconds", ("le", "+Inf")) >= 4);
        Assert.Contains(metrics["gatewayops_proxy_time_to_first_token_seconds"].Samples, sample => sample.Labels.GetValueOrDefault("stream") == "true");
        Assert.Contains(metrics["gatewayops_proxy_duration_seconds"].Samples, sample => sample.Labels.GetValueOrDefault("le") == "160");

        double Sum(string family, params (string Label, string Value)[] with) => metrics[family].Samples
            .Where(sample => with.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value)).Sum(sample => sample.Value);
    }

    /// <summary>Callers name gateways: one that is not there is no label.</summary>
    [Fact]
    public async Task Metrics_OfAGatewayThatIsNotThere_AreOfTheOthers()
    {
        await using var stage = await ProxyStage.StartAsync();
        await stage.PostAsync(ProxyStage.Chat(), path: $"/v1/{stage.Emulator.Options.AccountId}/nowhere/openai/chat/completions");
        await stage.PostAsync("{}", path: $"/v1/{stage.Emulator.Options.AccountId}/noise/openai/chat/completions");
        await stage.RecordsAsync(2);

        var requests = (await ScrapeAsync(stage.Service))["gatewayops_proxy_requests_total"].Samples;

        Assert.Equal(["_other", ProxyStage.Gateway], requests.Select(sample => sample.Labels["gateway"]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2, requests.Where(sample => sample.Labels["gateway"] == "_other").Sum(sample => sample.Value));
    }

    private static async Task<IReadOnlyDictionary<string, PrometheusFamily>> ScrapeAsync(TestService service) =>
        PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false);
}
