using GatewayOps.ControlPlane.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Telemetry;

public sealed class BoundedLabelTests
{
    [Fact]
    public async Task Of_MoreValuesThanItKeeps_IsOtherAndIsCounted()
    {
        await using var host = await TelemetryHost.StartAsync();
        var label = new BoundedLabel(MetricLabel.Open("model", 2, ""), "gatewayops_proxy_requests", host.Services.GetRequiredService<TelemetryMetrics>(), "known");
        Assert.Equal(0, await OverflowAsync(host));
        Assert.Equal(["known", "a", "_other", "a", "_other"], new[] { "known", "a", "b", "a", "c" }.Select(label.Of));
        Assert.Equal(2, await OverflowAsync(host));
    }

    [Fact]
    public async Task Of_TextTooLongForAName_IsOtherAndTakesNoPlace()
    {
        await using var host = await TelemetryHost.StartAsync();
        var label = new BoundedLabel(MetricLabel.Open("label", 1, ""), "m", host.Services.GetRequiredService<TelemetryMetrics>());
        Assert.Equal(BoundedLabel.Other, label.Of(new string('x', 129)));
        Assert.Equal("a", label.Of("a"));
    }

    [Fact]
    public async Task Of_ManyThreads_NeverKeepsMoreThanItsCap()
    {
        await using var host = await TelemetryHost.StartAsync();
        var label = new BoundedLabel(MetricLabel.Open("label", 50, ""), "m", host.Services.GetRequiredService<TelemetryMetrics>());
        var kept = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        Parallel.For(0, 20_000, i => kept.TryAdd(label.Of($"value-{i % 500}"), true));
        Assert.InRange(kept.Count, 2, 51);
        Assert.Contains(BoundedLabel.Other, kept.Keys);
    }

    private static async Task<double> OverflowAsync(TelemetryHost host) => (await host.ScrapeAsync())["gatewayops_metric_overflow_total"].Samples.Single().Value;
}
