using GatewayOps.ControlPlane.Telemetry.Tracing;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

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
        services.AddOptions<OtlpOptions>().BindConfiguration(OtlpOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();
        services.AddSingleton<OtelSettings>();
        services.AddSingleton<OtlpExports>();
        services.AddSingleton<ServiceTraces>();
        services.AddSingleton<TelemetryMetrics>();
        services.AddSingleton<MetricViews>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<Scraper>();
        services.AddSingleton(NewMeterProvider);
        services.AddSingleton(ServiceTraces.NewProvider);
        // Before every other hosted service: what is counted before anybody listens is lost.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new TelemetryStart(provider, services)));
        return services;
    }

    /// <summary>Traces the requests that are chosen, from here on inwards; nothing where nothing is traced.</summary>
    public static IApplicationBuilder UseTraces(this IApplicationBuilder app, Func<HttpContext, bool> isTraced) =>
        app.ApplicationServices.GetRequiredService<ServiceTraces>().Source is null ? app : app.UseMiddleware<RequestTraces>(isTraced);

    public static IEndpointRouteBuilder MapTelemetry(this IEndpointRouteBuilder endpoints)
    {
        // Services made while endpoints are mapped count too.
        endpoints.ServiceProvider.GetRequiredService<MeterProvider>();
        endpoints.MapMetrics();
        return endpoints;
    }

    /// <summary>Who measures: the same for what is scraped and what is sent. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before.</summary>
    internal static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddService("gatewayops", serviceVersion: TelemetryMetrics.Version, autoGenerateServiceInstanceId: false, serviceInstanceId: $"{Environment.MachineName}/{Environment.ProcessId}")
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static MeterProvider NewMeterProvider(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<OtelSettings>();
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.ForSdk))
            .SetResourceBuilder(Resource())
            .AddMeter([.. MetricViews.Meters])
            .AddView(provider.GetRequiredService<MetricViews>().ViewOf)
            .AddReader(new BaseExportingMetricReader(provider.GetRequiredService<PrometheusExporter>()))
            // An exemplar leads to a trace: none where there are no traces.
            .SetExemplarFilter(settings.SendsTraces ? ExemplarFilterType.TraceBased : ExemplarFilterType.AlwaysOff);
        if (settings.SendsMetrics)
        {
            var exports = provider.GetRequiredService<OtlpExports>();
            builder.AddOtlpExporter((exporter, reader) =>
            {
                ServiceTraces.Watched(exporter, exports, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Otlp.MetricInterval.TotalMilliseconds;
            });
        }

        return builder.Build();
    }
}
