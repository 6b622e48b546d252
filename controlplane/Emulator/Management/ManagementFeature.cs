using GatewayOps.Emulator.Analytics;
using GatewayOps.Emulator.Analytics.Telemetry;
using GatewayOps.Emulator.Management.Billing;
using GatewayOps.Emulator.Management.CustomProviders;
using GatewayOps.Emulator.Management.Evaluations;
using GatewayOps.Emulator.Management.Gateways;
using GatewayOps.Emulator.Management.Logs;
using GatewayOps.Emulator.Management.Policies;
using GatewayOps.Emulator.Management.ProviderConfigs;
using GatewayOps.Emulator.Management.Routes;
using GatewayOps.Emulator.Management.SecretsStore;
using GatewayOps.Emulator.Management.Tokens;
using GatewayOps.Emulator.WorkersAi;
using GatewayOps.Emulator.WorkersAi.Rest;

namespace GatewayOps.Emulator.Management;

/// <summary>What the management API adds to the host: its services and its routes under `/client/v4`.</summary>
public static class ManagementFeature
{
    public static IServiceCollection AddManagement(this IServiceCollection services) => services
        .AddSingleton<ManagementRateLimit>()
        .AddSingleton<ManagementAccess>()
        .AddSingleton<Admission>()
        .AddSingleton(services => new GatewayShape(services.GetRequiredService<EmulatorOptions>().Assumptions))
        .AddSingleton<TokenVerifyEndpoints.Verifier>()
        .AddSingleton<AiDoor>()
        .AddRoutes();

    public static WebApplication MapManagement(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/client/v4"), management => management.UseMiddleware<ManagementInterference>());
        var api = app.MapGroup("/client/v4");
        api.MapTokenVerify();
        var account = api.MapAccountGroup();
        account.MapGateways();
        account.MapLogs();
        account.MapPolicies();
        account.MapProviderConfigs();
        account.MapBilling();
        account.MapCustomProviders();
        account.MapDatasets();
        account.MapEvaluations();
        account.MapRoutes();
        account.MapSecretsStore();
        account.MapTokens();
        account.MapTelemetry();
        account.MapWorkersAi();
        api.MapUserGroup().MapTokens();
        api.MapAnalytics();
        // As a plain delegate: the generated binding of a fallback would let paths with a dot through to nobody.
        var assumptions = app.Services.GetRequiredService<EmulatorOptions>().Assumptions;
        api.MapFallback("{**path}", (HttpContext context) => Envelope.Unrouted(context.Request.Path.Value!["/client/v4".Length..], assumptions).ExecuteAsync(context)).RequiresNothing();
        return app;
    }
}
