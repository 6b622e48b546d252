using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.DataPlane.Routing;
using GatewayOps.Emulator.DataPlane.Universal;
using GatewayOps.Emulator.DataPlane.WebSockets;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>What the data plane adds to the host: its services, its routes under `/v1/{account}/{gateway}`, and the controls of its providers.</summary>
public static class DataPlaneFeature
{
    public static IServiceCollection AddDataPlane(this IServiceCollection services) => services
        .AddSingleton<UpstreamDirectory>()
        .AddSingleton<GatewayAccess>()
        .AddSingleton<GatewayMemory>()
        .AddGuards()
        .AddSingleton<GatewayPipeline>()
        .AddSingleton<RouteLimits>()
        .AddSingleton<RouteChance>()
        .AddSingleton<RouteRunner>()
        .AddSingleton<AutoRouter>()
        .AddSingleton<GatewayDoor>()
        .AddSingleton<HttpDoor>()
        .AddSingleton<UniversalDoor>()
        .AddSingleton<RealtimeDoor>()
        .AddSingleton<WebSocketDoor>();

    public static WebApplication MapDataPlane(this WebApplication app)
    {
        // Here and not at the first request: a wrong option must stop the start.
        var (http, universal, sockets) = (
            app.Services.GetRequiredService<HttpDoor>(), app.Services.GetRequiredService<UniversalDoor>(), app.Services.GetRequiredService<WebSocketDoor>());

        app.UseWhen(IsUpgrade, static upgrades => upgrades.UseWebSockets());
        app.Map("/v1/{account}/{gateway}", (HttpContext context, string account, string gateway) => HttpMethods.IsPost(context.Request.Method)
            ? universal.HandleAsync(context, account, gateway)
            : sockets.HandleAsync(context, account, gateway, provider: null)).WithSummary("Universal request, or a WebSocket session").WithTags("Data plane");
        app.Map("/v1/{account}/{gateway}/{segment}/{**rest}", (HttpContext context, string account, string gateway, string segment) => IsUpgrade(context)
            ? sockets.HandleAsync(context, account, gateway, segment)
            : http.HandleAsync(context, account, gateway, segment, Rest(context))).WithSummary("A provider's own path behind its slug, or compat/chat/completions").WithTags("Data plane");
        app.MapFallback("/v1/{**path}", static (HttpContext context) => HttpDoor.RefuseAsync(context.Response, GatewayError.NoSuchEndpoint, context.RequestAborted));

        var admin = app.MapAdminGroup();
        admin.MapUpstreams();
        admin.MapGuards();
        return app;
    }

    /// <summary>To a WebSocket and nothing else: Java's client offers `h2c` with an ordinary request.</summary>
    private static bool IsUpgrade(HttpContext context) =>
        context.Request.Headers.Upgrade is { Count: > 0 } protocols && protocols.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>From the path that Kestrel normalised (no `..` is left in it), encoded again as it goes upstream.</summary>
    private static string Rest(HttpContext context) =>
        context.GetRouteValue("rest") is string { Length: > 0 } rest ? new PathString("/" + rest).ToUriComponent()[1..] : "";
}
