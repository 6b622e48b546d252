using Quartz;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Finds and repairs drift, on the interval, on one replica of the cluster. Its name is stored in the scheduler's tables: renaming it needs a migration.</summary>
[DisallowConcurrentExecution]
public sealed class ReconcileJob(AllGateways gateways) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await gateways.ReconcileAsync(RunTrigger.Interval, cancellationToken);
}
