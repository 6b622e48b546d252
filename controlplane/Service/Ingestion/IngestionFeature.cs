namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class IngestionFeature
{
    public static IServiceCollection AddIngestion(this IServiceCollection services, IConfiguration configuration) => services;

    public static IEndpointRouteBuilder MapIngestion(this IEndpointRouteBuilder endpoints) => endpoints;
}
