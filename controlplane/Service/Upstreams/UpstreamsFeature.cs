namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What this feature adds to the host: its services.</summary>
public static class UpstreamsFeature
{
    public static IServiceCollection AddUpstreams(this IServiceCollection services, IConfiguration configuration) => services;
}
