using Quartz;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Polls the logs of every gateway that we know of, in turns, on one replica of the cluster. Its name is stored in the scheduler's tables.</summary>
[DisallowConcurrentExecution]
public sealed class LogPollJob(GatewayLogStore store, LogPoller poller, LogRoom room) : IJob
{
    // Then the next run begins, with the gateways that there are by then.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var gateways = await store.GatewaysAsync(cancellationToken);
        await poller.PollAsync(gateways, Longest, cancellationToken);
        await room.LookAsync(gateways, cancellationToken);
    }
}
