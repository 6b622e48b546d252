using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare;
using GatewayOps.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Cloudflare;

public sealed class CloudflareMetricsTests
{
    [Fact]
    public async Task Calls_OfAnyId_AreCountedByTemplateMethodAndClass()
    {
        await using var host = await TelemetryHost.StartAsync();
        await using var stub = await StubCloudflare.StartAsync(Answer.Throttled(("Retry-After", "1")), Answer.Ok("""{"id":"x"}"""), Answer.Dropped);
        var client = stub.Client(options => options with { MaxRetries = 1 }, host.Services.GetRequiredService<IMeterFactory>());

        var before = await host.ScrapeAsync();
        Assert.Equal(0, before["gatewayops_cloudflare_throttled_total"].Samples.Single().Value);
        Assert.All(before["gatewayops_cloudflare_requests_total"].Samples, sample => Assert.Equal(0, sample.Value));

        await stub.Clock.RunAsync(client.Gateways.FindAsync("canary-1", CancellationToken.None));
        await Assert.ThrowsAsync<CloudflareException>(() => client.Secrets.CreateSecretAsync("canary-2", new("canary-3", "canary-4", ["ai_gateway"]), CancellationToken.None));

        var after = await host.ScrapeAsync();
        Assert.Equal(
            [
                "gatewayops_cloudflare_requests_total{code_class=2xx,endpoint=gateways/{id},method=GET}",
                "gatewayops_cloudflare_requests_total{code_class=4xx,endpoint=gateways/{id},method=GET}",
                "gatewayops_cloudflare_requests_total{code_class=none,endpoint=secrets_store/stores/{id}/secrets,method=POST}",
            ],
            after["gatewayops_cloudflare_requests_total"].Samples.Where(sample => sample.Value == 1).Select(sample => sample.Key));
        Assert.Equal(1, after["gatewayops_cloudflare_throttled_total"].Samples.Single().Value);
        Assert.Equal(3, after["gatewayops_cloudflare_request_duration_seconds"].Samples.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value);
        var text = await host.TextAsync();
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }
}
