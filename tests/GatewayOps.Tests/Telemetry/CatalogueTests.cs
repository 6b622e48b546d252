using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Telemetry;

/// <summary>Labels and their bounds stand in one place, and nothing that callers send leads beyond them.</summary>
public sealed class CatalogueTests
{
    [Fact]
    public void Rows_HaveNoLabelThatIsNeverOne()
    {
        Assert.All(MetricCatalogue.All.SelectMany(row => row.Labels), label => Assert.DoesNotContain(label.Name, MetricCatalogue.NeverALabel));
        Assert.All(MetricCatalogue.All, row => Assert.InRange(row.Series, 1, 2 * MetricCatalogue.MostSeries));
    }

    [Fact]
    public void Label_NotDeclared_IsAFaultOfOurs()
    {
        Assert.Contains("MetricCatalogue", Assert.Throws<InvalidOperationException>(() => MetricCatalogue.Of("gatewayops_undeclared")).Message, StringComparison.Ordinal);
        Assert.Contains("no label session", Assert.Throws<InvalidOperationException>(() => MetricCatalogue.Of("gatewayops_proxy_requests").Label("session")).Message, StringComparison.Ordinal);
    }

    /// <summary>Some hundreds; the long suite throws a hundred thousand at a process.</summary>
    [Fact]
    public async Task Scrape_AfterHostileNames_StaysWithinTheBoundsAndSaysWhatItLeftOut()
    {
        await using var gateway = await StubGateway.StartAsync(HostileNames.AnswerAsync);
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>(gateway.Settings) { ["GatewayOps:Telemetry:GenAiConventions"] = "latest" });
        var instruments = CatalogueCheck.Instruments(service.Services);

        await HostileNames.ThrowAsync(service.Caller, from: 0, count: 300, atOnce: 8, account: "test-account");

        var text = await service.Anonymous.GetStringAsync("/metrics");
        var families = PrometheusText.Parse(text, openMetrics: false);
        CatalogueCheck.Holds(instruments, families);
        Assert.DoesNotContain(HostileNames.Never, text, StringComparison.Ordinal);
        // Those of the price table have their places, seen or not.
        var models = families["gatewayops_proxy_requests_total"].Samples.Select(sample => sample.Labels["model"]).Distinct().ToList();
        Assert.Contains(BoundedLabel.Other, models);
        Assert.InRange(models.Count, 30, MetricCatalogue.Of("gatewayops_proxy_requests").Label("model").Bound);
        Assert.True(families["gatewayops_metric_overflow_total"].Samples.Single(sample => sample.Labels["metric"] == "gatewayops_proxy_requests").Value > 50);
    }
}
