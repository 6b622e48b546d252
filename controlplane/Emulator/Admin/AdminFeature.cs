using System.Net;

namespace GatewayOps.Emulator.Admin;

/// <summary>What the admin API adds to the host: the emulator's own controls under `/_emulator`, none of them Cloudflare's.</summary>
public static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<LogWeather>()
        .AddSingleton<ManagementFaults>()
        .AddSingleton<ManagementRequests>();

    public static IEndpointRouteBuilder MapAdmin(this IEndpointRouteBuilder endpoints)
    {
        var admin = endpoints.MapAdminGroup();
        admin.MapBillingAdmin();
        admin.MapClock();
        admin.MapManagementFaults();
        admin.MapLogFill();
        admin.MapLogWeather();
        return endpoints;
    }

    /// <summary>A group at `/_emulator` that answers this machine only: it has no credentials.</summary>
    public static RouteGroupBuilder MapAdminGroup(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/_emulator");
        group.AddEndpointFilter(async (context, next) =>
            context.HttpContext.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address)
                ? AdminJson.Answer(new { error = "The admin API answers loopback only." }, StatusCodes.Status403Forbidden)
                : await next(context));
        return group;
    }
}
