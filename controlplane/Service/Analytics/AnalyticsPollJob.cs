using GatewayOps.Cloudflare;
using Microsoft.Extensions.Options;
using Quartz;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>Polls the account's analytics on one replica of the cluster, and drops minutes that are past their time. Its name is stored in the scheduler's tables.</summary>
[DisallowConcurrentExecution]
public sealed partial class AnalyticsPollJob(
    AnalyticsPoller poller, AnalyticsStore store, AnalyticsMetrics metrics, IOptions<AnalyticsOptions> options, TimeProvider time, ILogger<AnalyticsPollJob> log) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            if (await poller.PollAsync(cancellationToken))
            {
                foreach (var gateway in poller.Gateways)
                {
                    metrics.Polled(gateway, now);
                }
            }
        }
        catch (CloudflareException e)
        {
            // The budget is spent, the token may not read analytics, or Cloudflare is away: the lag shows, and the next poll goes on from the cursor.
            PollFailed(e);
        }

        await store.DropAsync(now.UtcDateTime.Date.AddDays(-options.Value.Days), cancellationToken);
    }

    [LoggerMessage(11003, LogLevel.Warning, "Cloudflare's analytics could not be read")]
    private partial void PollFailed(Exception exception);
}
