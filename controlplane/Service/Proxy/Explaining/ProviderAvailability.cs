using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>Which providers can be asked now: those that the settings have all that is needed for, and that have answered when they were asked last.</summary>
public sealed class ProviderAvailability(UpstreamHealth health, ProviderTable table, PriceTable prices)
{
    /// <summary>Every provider that this installation knows.</summary>
    public IReadOnlyList<UpstreamProvider> Known => table.All;

    /// <summary>
    /// Through a gateway the keys are Cloudflare's to hold: every provider counts as configured there until the gateway says that it has no key. In direct mode the settings must have what it takes.
    /// </summary>
    public bool IsConfigured(HttpContext context, string provider) =>
        table.Find(provider) is { Lacks: null } row && (row.IsDirect || health.HasKey(ProxyExchange.Of(context).Rules.Gateway, provider));

    /// <summary>The models of the table that this caller may ask a configured provider for.</summary>
    public IEnumerable<ModelPrice> ModelsFor(HttpContext context) =>
        prices.Models.Where(model => IsConfigured(context, model.Provider) && ProxyExchange.Of(context).Caller.MayUse(model.Provider, model.Model));

    public bool IsAvailable(string provider) => health.IsUp(provider);

    /// <summary>Declared by rule sets alone: Cloudflare has what it takes.</summary>
    public bool IsCustom(UpstreamProvider provider) => table.Find(provider.Slug) is null;
}
