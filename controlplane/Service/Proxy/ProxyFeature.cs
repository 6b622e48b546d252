namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class ProxyFeature
{
    public static IServiceCollection AddProxy(this IServiceCollection services, IConfiguration configuration) => services;

    public static IEndpointRouteBuilder MapProxy(this IEndpointRouteBuilder endpoints) => endpoints;
}
