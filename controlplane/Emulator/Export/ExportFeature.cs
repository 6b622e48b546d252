using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.Export.Logpush;
using GatewayOps.Emulator.Export.Otlp;

namespace GatewayOps.Emulator.Export;

/// <summary>What the exports add to the host: the jobs that send log rows out, and their controls.</summary>
public static class ExportFeature
{
    public static IServiceCollection AddExports(this IServiceCollection services) => services
        .AddSingleton<ExportSender>()
        .AddSingleton<LogpushDestinations>()
        .AddSingleton<OtelExportJob>()
        .AddSingleton<LogpushJob>()
        .AddHostedService(provider => provider.GetRequiredService<OtelExportJob>())
        .AddHostedService(provider => provider.GetRequiredService<LogpushJob>());

    public static IEndpointRouteBuilder MapExports(this IEndpointRouteBuilder endpoints)
    {
        // Here and not at the first row: a wrong option must stop the start, and a job that nobody made hears of no row.
        _ = endpoints.ServiceProvider.GetRequiredService<OtelExportJob>();
        _ = endpoints.ServiceProvider.GetRequiredService<LogpushJob>();
        endpoints.MapAdminGroup().MapExports();
        return endpoints;
    }
}
