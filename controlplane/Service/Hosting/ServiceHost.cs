using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Analytics;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Events;
using GatewayOps.ControlPlane.Hosting.Diagnosis;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Ingestion;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Scheduling;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>The hosted service: control plane and proxy on one port. Reads as the table of contents of the service.</summary>
public static class ServiceHost
{
    /// <summary>
    /// Builds the service. `args` are configuration (`--urls`, `--GatewayOps:Section:Key=value`); tests give their own surroundings, so that
    /// a developer's environment does not leak in, and adapt the builder (clock, log). Throws <see cref="StartException"/> for settings that cannot be read.
    /// </summary>
    public static WebApplication Build(string[] args, Surroundings? surroundings = null, Action<WebApplicationBuilder>? adapt = null)
    {
        var builder = ServiceBuilder.Create(args, surroundings ?? Surroundings.OfProcess());
        var services = builder.Services;
        var configuration = builder.Configuration;

        services.AddCloudflareAccount();
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
        services.AddAnalytics(configuration);
        services.AddEvents();
        services.AddScheduling();

        adapt?.Invoke(builder);
        var app = builder.Build();
        app.UseRequestIds();
        app.UseProxy();
        // Only those come here who were let in.
        app.UseTraces(context => ProxySurface.IsApi(context.Request.Path));
        app.UseExceptionHandler();
        app.UseStraightWay();
        app.UseStatusCodePages();
        app.UseRouting();
        // The proxy's surface has let its callers in already: what operators need is not on their way.
        app.UseWhen(context => ProxySurface.IsApi(context.Request.Path), proxy => proxy.UseEndpoints(_ => { }));
        app.UseRequestScope();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseTraces(context => context.User.Identity?.IsAuthenticated == true);
        app.UseNegotiation();
        app.UseMiddleware<Idempotency>();

        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapHealth();
        app.MapDoctor();
        app.MapTelemetry();
        app.MapContent();
        app.MapReconciliation();
        app.MapAccess();
        app.MapUsage();
        app.MapIngestion();
        app.MapAnalytics();
        app.MapEvents();
        app.MapProxy();
        return app;
    }

    /// <summary>Runs until the token, a signal or the end of the parent process stops it. Exit code 0 after a clean stop, 1 when it could not start: then one line says why, and the fix.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Build(args);
            using var stop = ParentProcess.StopWith(app.Configuration["GatewayOps:ParentPid"], TimeProvider.System, cancellationToken);
            await StartAsync(app, stop.Token);
            await app.WaitForShutdownAsync(stop.Token);
            return 0;
        }
        catch (Exception exception) when (StartFailure.Explain(exception) is { } line)
        {
            await Console.Error.WriteLineAsync($"gatewayops: {line}");
            return 1;
        }
    }

    // What had started before the failure is stopped: left running, it would meet services that are disposed already. What the stopping says of what never started is not what failed.
    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
