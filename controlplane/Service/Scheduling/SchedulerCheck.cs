using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GatewayOps.ControlPlane.Scheduling;

/// <summary>Whether this replica takes jobs. Degraded rather than unready: the proxy needs no job, and another replica may run them.</summary>
public sealed class SchedulerCheck(JobMetrics metrics, IEnumerable<ScheduledJob> jobs) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !jobs.Any() ? HealthCheckResult.Healthy("No jobs are scheduled on this replica.")
        : metrics.IsRunning ? HealthCheckResult.Healthy($"{jobs.Count()} jobs.")
        : HealthCheckResult.Degraded("This replica's node of the scheduler does not run: it polls and reconciles only when asked."));
}
