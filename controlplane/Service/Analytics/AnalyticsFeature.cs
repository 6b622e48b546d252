using GatewayOps.ControlPlane.Scheduling;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>What this feature adds to the host: its services, its job and its endpoints.</summary>
public static class AnalyticsFeature
{
    public static IServiceCollection AddAnalytics(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AnalyticsOptions>().BindConfiguration(AnalyticsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AnalyticsOptions>, AnalyticsOptionsValidator>();
        services.AddSingleton<AnalyticsMetrics>();
        services.AddSingleton<AnalyticsStore>();
        services.AddSingleton<AnalyticsPoller>();
        services.AddSingleton<AnalyticsReport>();
        services.AddSingleton<EvidenceReport>();

        var options = configuration.GetSection(AnalyticsOptions.Section).Get<AnalyticsOptions>() ?? new AnalyticsOptions();
        if (options.Enabled)
        {
            services.AddScheduledJob<AnalyticsPollJob>("poll_analytics", options.Interval);
        }

        return services;
    }

    public static IEndpointRouteBuilder MapAnalytics(this IEndpointRouteBuilder endpoints)
    {
        // Made now, so that its series are there at zero from the first scrape.
        endpoints.ServiceProvider.GetRequiredService<AnalyticsMetrics>();
        endpoints.MapAnalyticsEndpoints();
        return endpoints;
    }
}
