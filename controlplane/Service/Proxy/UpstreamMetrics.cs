using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Proxy.Caching;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What the proxy knows of upstreams between requests. Providers are the label: those of the table and the custom ones that operators declared.</summary>
public sealed class UpstreamMetrics
{
    public UpstreamMetrics(IMeterFactory meters, UpstreamHealth health, AnswerCache cache, ProviderTable providers, TelemetryMetrics telemetry)
    {
        var slugs = new BoundedLabel("gatewayops_proxy_circuit", "provider", telemetry, providers.All.Select(provider => provider.Slug));
        var meter = meters.Create(ProxyMetrics.MeterName);
        meter.CreateObservableGauge(
            "gatewayops_proxy_circuit",
            () => providers.All.Select(provider => provider.Slug).Union(health.Circuits.Select(circuit => circuit.Key))
                .Select(slug => new Measurement<int>((int)health.StateOf(slug), new KeyValuePair<string, object?>("provider", slugs.Of(slug)))),
            description: "Whether a provider is asked: 0 as usual (closed), 1 by one request at a time (half-open), 2 only where there is no other (open).");
        meter.CreateObservableGauge("gatewayops_proxy_cache_size", () => cache.Bytes, "By", "Bytes of answers kept in memory, for providers in direct mode.");
        meter.CreateObservableCounter("gatewayops_proxy_cache_evicted", () => cache.Evicted, description: "Answers that left the memory before their time, for want of room.");
    }
}
