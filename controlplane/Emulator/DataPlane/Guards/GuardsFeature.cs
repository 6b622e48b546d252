namespace GatewayOps.Emulator.DataPlane.Guards;

/// <summary>What the guards add to the host: their services, and the controls of the things they stand in for.</summary>
public static class GuardsFeature
{
    public static IServiceCollection AddGuards(this IServiceCollection services) => services
        .AddSingleton<GuardMemory>()
        .AddSingleton<ContentScanner>()
        .AddSingleton<PolicyGuard>()
        .AddSingleton<SpendGuard>()
        .AddSingleton<WholesaleGuard>()
        .AddSingleton<GuardrailGuard>()
        .AddSingleton<DlpGuard>()
        .AddSingleton<GatewayGuards>();
}
