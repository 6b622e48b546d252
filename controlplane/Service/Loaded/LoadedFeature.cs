namespace GatewayOps.ControlPlane.Loaded;

/// <summary>What this feature adds to the host: its services.</summary>
public static class LoadedFeature
{
    public static IServiceCollection AddLoaded(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<LoadedRuleSets>();
        services.AddSingleton<LoadedMetrics>();
        services.AddHostedService<RuleSetLoader>();
        services.AddSingleton<Replicas>();
        services.AddHostedService<Heartbeat>();
        services.AddHealthChecks().AddCheck<LoadedCheck>("rule_sets", tags: ["ready"]);
        return services;
    }
}
