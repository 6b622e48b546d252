using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// One upstream that may answer a request. <paramref name="Model"/> is the provider's own name of the model; without a timeout that of the settings holds. By
/// <paramref name="Weight"/> it is drawn for the first attempt: see <see cref="WeightedTurns"/>.
/// </summary>
public sealed record UpstreamTarget(UpstreamProvider Provider, string Model, TimeSpan? Timeout, int? Weight = null);
