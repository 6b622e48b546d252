namespace GatewayOps.ControlPlane.Usage;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class UsageFeature
{
    public static IServiceCollection AddUsage(this IServiceCollection services, IConfiguration configuration) => services;

    public static IEndpointRouteBuilder MapUsage(this IEndpointRouteBuilder endpoints) => endpoints;
}
