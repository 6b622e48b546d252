namespace GatewayOps.Emulator.Management;

/// <summary>What the management API adds to the host: its services and its routes under `/client/v4`.</summary>
public static class ManagementFeature
{
    public static IServiceCollection AddManagement(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapManagement(this IEndpointRouteBuilder endpoints) => endpoints;
}
