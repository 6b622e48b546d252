namespace GatewayOps.Emulator.DataPlane;

/// <summary>What the data plane adds to the host: its services and its routes under `/v1/{account}/{gateway}`.</summary>
public static class DataPlaneFeature
{
    public static IServiceCollection AddDataPlane(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapDataPlane(this IEndpointRouteBuilder endpoints) => endpoints;
}
