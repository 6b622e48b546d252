using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.DataPlane.Universal;
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
        .AddSingleton<GatewayDoor>()
        .AddSingleton<HttpDoor>()
        .AddSingleton<UniversalDoor>();

    public static IEndpointRouteBuilder MapDataPlane(this IEndpointRouteBuilder endpoints)
    {
        // Here and not at the first request: a wrong option must stop the start.
        var door = endpoints.ServiceProvider.GetRequiredService<HttpDoor>();
        endpoints.Map("/v1/{account}/{gateway}/{segment}/{**rest}", (HttpContext context, string account, string gateway, string segment) =>
            door.HandleAsync(context, account, gateway, segment, Rest(context)));

        var universal = endpoints.ServiceProvider.GetRequiredService<UniversalDoor>();
        endpoints.MapPost("/v1/{account}/{gateway}", (HttpContext context, string account, string gateway) => universal.HandleAsync(context, account, gateway));

        var admin = endpoints.MapAdminGroup();
        admin.MapUpstreams();
        admin.MapGuards();
        return endpoints;
    }

    /// <summary>From the path that Kestrel normalised (no `..` is left in it), encoded again as it goes upstream.</summary>
    private static string Rest(HttpContext context) =>
        context.GetRouteValue("rest") is string { Length: > 0 } rest ? new PathString("/" + rest).ToUriComponent()[1..] : "";
}
