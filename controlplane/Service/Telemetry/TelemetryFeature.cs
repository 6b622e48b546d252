namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class TelemetryFeature
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<TelemetryMetrics>();
        return services;
    }

    public static IEndpointRouteBuilder MapTelemetry(this IEndpointRouteBuilder endpoints) => endpoints;
}
