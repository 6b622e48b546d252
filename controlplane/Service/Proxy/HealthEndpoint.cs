using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>GET /health and /: for callers of the proxy, without authentication. Orchestrators use /healthz and /readyz.</summary>
internal static class HealthEndpoint
{
    public static IResult Handle(UpstreamHealth health, TimeProvider time)
    {
        var providers = UpstreamProviders.All.ToDictionary(provider => provider.Slug, provider => health.IsUp(provider.Slug));
        return TypedResults.Ok(new Health(
            providers.ContainsValue(false) ? "degraded" : "healthy", time.GetUtcNow(), TelemetryMetrics.Version, providers,
            [.. providers.Where(provider => provider.Value).Select(provider => provider.Key)]));
    }

    private sealed record Health(
        string Status, DateTimeOffset Timestamp, string Version, IReadOnlyDictionary<string, bool> Providers,
        [property: JsonPropertyName("available_providers")] IReadOnlyList<string> AvailableProviders);
}
