using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Api;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What this feature adds to the host: its services and its endpoints.</summary>
public static class ReconciliationFeature
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReconciliationOptions>, ReconciliationOptionsValidator>();
        services.TryAddSingleton(Cloudflare);

        services.AddSingleton<ReconciliationMetrics>();
        services.AddSingleton<JobMetrics>();
        services.AddSingleton<GatewayLocks>();
        services.AddSingleton<Journal>();
        services.AddSingleton<JournalRecovery>();
        services.AddSingleton<PlanApplier>();
        services.AddSingleton<GatewayObserver>();
        services.AddSingleton<Lookout>();
        services.AddSingleton<DesiredStates>();
        services.AddSingleton<StatusStore>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<AllGateways>();
        services.AddSingleton<ReconcileSignal>();
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

        return services.AddScheduler();
    }

    public static IEndpointRouteBuilder MapReconciliation(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api/v1").AddEndpointFilter<ReconciliationProblems>();
        api.MapExecution();
        api.MapGateways();
        api.MapProviderKeys();
        api.MapRuns();
        return endpoints;
    }

    // One client per process: its limiter is the account's budget.
    private static CloudflareClient Cloudflare(IServiceProvider services)
    {
        var account = services.GetRequiredService<IOptions<CloudflareAccountOptions>>().Value;
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = System.Net.DecompressionMethods.All })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the client has its own
        };
        return new CloudflareClient(
            http,
            new CloudflareOptions { AccountId = account.AccountId, ApiToken = account.ApiToken, BaseUrl = account.BaseUrl },
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IMeterFactory>());
    }
}
