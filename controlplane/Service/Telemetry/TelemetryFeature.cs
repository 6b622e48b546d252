using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// What this feature adds to the host. The two places to change for OpenTelemetry's own Prometheus exporter, once it restores everywhere:
/// `AddReader` becomes `AddPrometheusExporter(options => options.ScopeInfoEnabled = false)`, `MapMetrics` becomes `MapPrometheusScrapingEndpoint`.
/// </summary>
public static class TelemetryFeature
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        services.AddSingleton<TelemetryMetrics>();
        services.AddSingleton<MetricViews>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<Scraper>();
        services.AddSingleton(provider => Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("gatewayops", serviceVersion: TelemetryMetrics.Version, autoGenerateServiceInstanceId: false))
            .AddMeter([.. MetricViews.Meters])
            .AddView(provider.GetRequiredService<MetricViews>().ViewOf)
            .AddReader(new BaseExportingMetricReader(provider.GetRequiredService<PrometheusExporter>()))
            .Build());
        // Before every other hosted service: what is counted before anybody listens is lost.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new TelemetryStart(provider, services)));
        return services;
    }

    public static IEndpointRouteBuilder MapTelemetry(this IEndpointRouteBuilder endpoints)
    {
        // Services made while endpoints are mapped count too.
        endpoints.ServiceProvider.GetRequiredService<MeterProvider>();
        endpoints.MapMetrics();
        return endpoints;
    }
}
