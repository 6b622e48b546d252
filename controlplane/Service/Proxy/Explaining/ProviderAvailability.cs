using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>Which providers can be asked now: those that the settings have all that is needed for, and that have answered when they were asked last.</summary>
public sealed class ProviderAvailability(UpstreamHealth health)
{
    /// <summary>Every provider that this version can call.</summary>
    public IReadOnlyList<UpstreamProvider> Known => UpstreamProviders.All;

    /// <summary>Through a gateway the keys are Cloudflare's to hold, so every provider counts as configured there.</summary>
    public bool IsConfigured(string provider) => UpstreamProviders.Find(provider) is not null;

    public bool IsAvailable(string provider) => health.IsUp(provider);
}
