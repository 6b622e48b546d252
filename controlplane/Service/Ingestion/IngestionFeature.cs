using GatewayOps.ControlPlane.Ingestion.Otlp;
using GatewayOps.ControlPlane.Scheduling;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>What this feature adds to the host: its services, its jobs and its endpoints.</summary>
public static class IngestionFeature
{
    public static IServiceCollection AddIngestion(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IngestionOptions>().BindConfiguration(IngestionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IngestionOptions>, IngestionOptionsValidator>();
        services.AddSingleton<IValidateOptions<IngestionOptions>, IngestionOptionsCheck>();
        services.AddSingleton<IngestionMetrics>();
        services.AddSingleton<GatewayLogStore>();
        services.AddSingleton<AttemptStore>();
        services.AddSingleton<FeedStore>();
        // In the order in which `auto` asks them.
        services.AddSingleton<IPolledSource, LogsApiSource>();
        services.AddSingleton<IPolledSource, TelemetrySource>();
        services.AddSingleton(provider => new CallPace(provider.GetRequiredService<IOptions<IngestionOptions>>().Value.CallsPerFiveMinutes, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Backfills>();
        services.AddSingleton<LogBodies>();
        services.AddSingleton<LogPoller>();
        services.AddSingleton<LogRoom>();
        services.AddSingleton<SpanReceiver>();
        services.AddSingleton<OtlpIntake>();
        services.AddHostedService(provider => provider.GetRequiredService<OtlpIntake>());
        services.AddSingleton<OtlpEndpoint>();

        var options = configuration.GetSection(IngestionOptions.Section).Get<IngestionOptions>() ?? new IngestionOptions();
        if (options.Enabled)
        {
            services.AddScheduledJob<LogPollJob>("poll_logs", options.Interval);
            services.AddScheduledJob<RetentionJob>("retention", RetentionJob.Interval);
        }
        return services;
    }

    public static IEndpointRouteBuilder MapIngestion(this IEndpointRouteBuilder endpoints)
    {
        // Made now, so that its series are there at zero from the first scrape.
        endpoints.ServiceProvider.GetRequiredService<IngestionMetrics>();
        endpoints.MapLogs();
        endpoints.MapSources();
        endpoints.MapBackfill();
        endpoints.MapPost(OtlpEndpoint.Route, (RequestDelegate)(static context => context.RequestServices.GetRequiredService<OtlpEndpoint>().InvokeAsync(context))).ExcludeFromDescription();
        return endpoints;
    }
}
