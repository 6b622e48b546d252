using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// GET /health and /: for callers of the proxy, without authentication. A provider is true when it is configured and, as far as attempts have shown, answers; the status is `degraded` where
/// a configured one does not. Orchestrators use /healthz and /readyz.
/// </summary>
internal static class HealthEndpoint
{
    public static IResult Handle(ProviderAvailability availability, TimeProvider time, HttpContext context)
    {
        var providers = availability.Known.ToDictionary(provider => provider.Slug, provider => availability.IsConfigured(context, provider.Slug) && availability.IsAvailable(provider.Slug));
        var isDegraded = providers.Any(provider => !provider.Value && availability.IsConfigured(context, provider.Key));
        return TypedResults.Ok(new Health(
            isDegraded ? "degraded" : "healthy", time.GetUtcNow(), TelemetryMetrics.Version, providers, [.. providers.Where(provider => provider.Value).Select(provider => provider.Key)]));
    }

    private sealed record Health(
        string Status, DateTimeOffset Timestamp, string Version, IReadOnlyDictionary<string, bool> Providers,
        [property: JsonPropertyName("available_providers")] IReadOnlyList<string> AvailableProviders);
}
