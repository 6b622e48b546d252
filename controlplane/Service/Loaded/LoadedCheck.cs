using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.ControlPlane.Loaded;

/// <summary>Ready once the active revisions have been read; degraded, yet serving, while some cannot be compiled.</summary>
public sealed class LoadedCheck(LoadedRuleSets loaded) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !loaded.IsLoaded ? HealthCheckResult.Unhealthy("The active rule sets have not been read yet.")
        : loaded.Failures.Count > 0 ? HealthCheckResult.Degraded(string.Join(" ", loaded.Failures.Select(failure => $"{failure.Key}: {failure.Value}")))
        : HealthCheckResult.Healthy($"{loaded.All.Count} gateways with active rule sets."));
}
