namespace GatewayOps.Emulator.Admin;

/// <summary>What the admin API adds to the host: the emulator's own controls under `/_emulator`, none of them Cloudflare's.</summary>
public static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services;

    public static IEndpointRouteBuilder MapAdmin(this IEndpointRouteBuilder endpoints) => endpoints;
}
