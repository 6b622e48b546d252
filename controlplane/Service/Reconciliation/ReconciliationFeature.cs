namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class ReconciliationFeature
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration) => services;

    public static IEndpointRouteBuilder MapReconciliation(this IEndpointRouteBuilder endpoints) => endpoints;
}
