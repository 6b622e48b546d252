using GatewayOps.ControlPlane.Reconciliation.Api;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Contests;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Import;
using GatewayOps.ControlPlane.Reconciliation.Stacks;
using GatewayOps.ControlPlane.Scheduling;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class ReconciliationFeature
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReconciliationOptions>, ReconciliationOptionsValidator>();

        services.AddSingleton<ReconciliationMetrics>();
        services.AddSingleton<GatewayLocks>();
        services.AddSingleton<Journal>();
        services.AddSingleton<JournalRecovery>();
        services.AddSingleton<PlanApplier>();
        services.AddSingleton<GatewayObserver>();
        services.AddSingleton<Lookout>();
        services.AddSingleton<GatewayControls>();
        services.AddSingleton<ContestStore>();
        services.AddSingleton<StackStore>();
        services.AddSingleton<DesiredStates>();
        services.AddSingleton<StatusStore>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<Backoff>();
        services.AddSingleton<AllGateways>();
        services.AddSingleton<ReconcileSignal>();
        services.AddSingleton<PlanStore>();
        services.AddSingleton<AccountReader>();
        services.AddSingleton<StackImporter>();
        services.AddSingleton<RuleSetExecution>();
        services.AddSingleton<Fingerprint>();
        services.AddSingleton<ProviderKeys>();
        services.AddSingleton<NewGateway>();
        services.AddSingleton<GatewayQueries>();
        services.AddHostedService<Wakeup>();
        services.AddHostedService<StatusGauges>();

        var options = configuration.GetSection(ReconciliationOptions.Section).Get<ReconciliationOptions>() ?? new ReconciliationOptions();
        if (options.Enabled)
        {
            services.AddScheduledJob<ReconcileJob>("reconcile", options.Interval);
        }

        return services;
    }

    public static IEndpointRouteBuilder MapReconciliation(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter<ReconciliationProblems>();
        api.MapExecution();
        api.MapImport();
        api.MapGateways();
        api.MapGatewayControl();
        api.MapReplicas();
        api.MapStacks();
        api.MapStackImport();
        api.MapProviderKeys();
        api.MapRuns();
        return endpoints;
    }
}
