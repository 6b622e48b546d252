using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The hosted service: control plane and proxy on one port. Reads as the table of contents of the service.</summary>
public static class ServiceHost
{
    /// <summary>Builds the service. `args` are configuration (`--urls`, `--GatewayOps:Section:Key=value`).</summary>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var services = builder.Services;
        var configuration = builder.Configuration;
        services.AddSingleton(TimeProvider.System);

        services.AddStorage(configuration);
        services.AddTelemetry(configuration);
        services.AddLoaded(configuration);
        services.AddContent(configuration);
        services.AddReconciliation(configuration);
        services.AddAccess(configuration);
        services.AddUpstreams(configuration);
        services.AddUsage(configuration);
        services.AddProxy(configuration);
        services.AddIngestion(configuration);

        var app = builder.Build();
        app.MapTelemetry();
        app.MapContent();
        app.MapReconciliation();
        app.MapAccess();
        app.MapUsage();
        app.MapIngestion();
        app.MapProxy();
        return app;
    }

    /// <summary>Runs until the token or a signal stops it. Exit code 0 after a clean stop, 1 when it could not start.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        await using var app = Build(args);
        await app.RunAsync(cancellationToken);
        return 0;
    }
}
