namespace GatewayOps.ControlPlane.Storage;

/// <summary>What this feature adds to the host: its services.</summary>
public static class StorageFeature
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration) => services;
}
