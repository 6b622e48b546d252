using GatewayOps.Cloudflare;
using Quartz;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Polls the logs of every gateway that we know of, one after the other, on one replica of the cluster. Its name is stored in the scheduler's tables.</summary>
[DisallowConcurrentExecution]
public sealed partial class LogPollJob(GatewayLogStore store, LogPoller poller, ILogger<LogPollJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        foreach (var gateway in await store.GatewaysAsync(cancellationToken))
        {
            try
            {
                await poller.PollAsync(gateway, cancellationToken);
            }
            catch (CloudflareException e) when (e.Kind == CloudflareErrorKind.NotFound)
            {
                // Desired but not made yet, or deleted: the reconciler reports it.
            }
            catch (CloudflareException e)
            {
                // The other gateways' logs are read all the same; this one's lag shows, and the next poll goes on from its cursor.
                PollFailed(log, gateway, e);
            }
        }
    }

    [LoggerMessage(6000, LogLevel.Warning, "The log of gateway {Gateway} could not be read")]
    private static partial void PollFailed(ILogger logger, string gateway, Exception exception);
}
