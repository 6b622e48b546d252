namespace GatewayOps.ControlPlane.Access;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class AccessFeature
{
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration) =>
        services.AddOperatorAccess().AddProxyAccess().AddApiDescription();

    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapAudit();
        endpoints.MapTokens();
        return endpoints;
    }
}
