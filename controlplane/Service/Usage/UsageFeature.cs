using GatewayOps.ControlPlane.Scheduling;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What this feature adds to the host: its services, its job and its endpoints.</summary>
public static class UsageFeature
{
    public static IServiceCollection AddUsage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<UsageOptions>().BindConfiguration(UsageOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<UsageOptions>, UsageOptionsValidator>();
        services.AddOptions<FreeTierOptions>().BindConfiguration(FreeTierOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<FreeTierOptions>, FreeTierOptionsValidator>();
        services.AddSingleton<UsageMetrics>();
        services.AddSingleton<UsageRecorder>();
        services.AddSingleton<UsageQueueMetrics>();
        services.AddSingleton<PriceTable>();
        services.AddSingleton<RequestRecordTable>();
        services.AddSingleton<UsageReport>();
        services.AddSingleton<RequestList>();
        services.AddSingleton<RollupStore>();
        services.AddOptions<RollupOptions>().BindConfiguration(RollupOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RollupOptions>, RollupOptionsValidator>();
        if (configuration.GetSection(RollupOptions.Section).Get<RollupOptions>() is not { Enabled: false })
        {
            services.AddScheduledJob<RollupJob>("roll_up", RollupJob.Interval);
        }

        services.AddSingleton<UsageLedger>();
        services.AddSingleton<DayUsage>();
        services.AddHostedService<UsageWriter>();
        services.AddOptions<KeyOptions>().BindConfiguration(KeyOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeyOptions>, KeyOptionsValidator>();
        services.AddSingleton<KeyAllowances>();
        services.AddSingleton<KeyClaims>();
        services.AddSingleton<KeyClaimer>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyClaimer>());
        return services;
    }

    public static IEndpointRouteBuilder MapUsage(this IEndpointRouteBuilder endpoints) => endpoints.MapUsageEndpoints();
}
