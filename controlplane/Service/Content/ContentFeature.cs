using GatewayOps.ControlPlane.Content.Replay;

namespace GatewayOps.ControlPlane.Content;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class ContentFeature
{
    public static IServiceCollection AddContent(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Activations>();
        services.AddScoped<ContentStore>();
        services.AddScoped<ContentQueries>();
        services.AddSingleton<RecordedRequests>();
        services.AddSingleton<RuleSetReplay>();
        return services;
    }

    public static IEndpointRouteBuilder MapContent(this IEndpointRouteBuilder endpoints) => endpoints.MapContentEndpoints().MapReplay().MapLint().MapSchema();
}
