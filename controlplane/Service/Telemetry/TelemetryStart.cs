using GatewayOps.ControlPlane.Telemetry.Tracing;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// Listens before anybody counts, then makes every `*Metrics` singleton of ours: they record their known label sets at zero, so that a series
/// exists from the first scrape and its first increase is seen.
/// </summary>
internal sealed class TelemetryStart(IServiceProvider provider, IServiceCollection services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        provider.GetRequiredService<MeterProvider>();
        // Its instrument is there whether or not anything is sent.
        provider.GetRequiredService<OtlpExports>();
        if (provider.GetRequiredService<ServiceTraces>().Source is not null)
        {
            provider.GetRequiredService<TracerProvider>();
        }

        foreach (var type in services.Where(IsMetrics).Select(service => service.ServiceType).Distinct().ToList())
            provider.GetRequiredService(type);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsMetrics(ServiceDescriptor service) =>
        service is { Lifetime: ServiceLifetime.Singleton, IsKeyedService: false, ServiceType: { ContainsGenericParameters: false } type } &&
        type.Name.EndsWith("Metrics", StringComparison.Ordinal) && type.Namespace?.StartsWith("GatewayOps.", StringComparison.Ordinal) == true;
}
