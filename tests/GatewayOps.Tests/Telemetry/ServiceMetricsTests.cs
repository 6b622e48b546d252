using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Telemetry;

/// <summary>The whole service, not a host of telemetry alone.</summary>
public sealed class ServiceMetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scrape_FreshService_PassesTheStrictParserAndShowsEachFeatureAtZero(bool openMetrics)
    {
        await using var service = await TestService.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        if (openMetrics) request.Headers.Add("Accept", "application/openmetrics-text;version=1.0.0");
        using var response = await service.Anonymous.SendAsync(request);
        var families = PrometheusText.Parse(await response.Content.ReadAsStringAsync(), openMetrics);

        var total = openMetrics ? "" : "_total";
        foreach (var name in new[] { "gatewayops_proxy_requests", "gatewayops_auth_failures", "gatewayops_usage_records_dropped", "gatewayops_poll_records" })
            Assert.Equal(0, families[name + total].Samples.Sum(sample => sample.Value));
        Assert.All(families.Values.Where(family => family.Name.StartsWith("gatewayops_", StringComparison.Ordinal)), family => Assert.False(string.IsNullOrEmpty(family.Help), family.Name));
    }
}
