using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Gateways;
using GatewayOps.Cloudflare.Logs;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Whether gateways' logs still take rows. A log that has as many as it keeps takes no more where its strategy is STOP_INSERTING: nothing is deleted, nothing fails, and requests go unlogged. That
/// is a gap from its newest row on, for as long as it is full. Source: Cloudflare contract, sections 2.1 and 3.
/// </summary>
public sealed partial class LogRoom(CloudflareClient cloudflare, FeedStore feeds, CallPace pace, IngestionMetrics metrics, TimeProvider time, ILogger<LogRoom> log)
{
    /// <summary>Between two looks: a call or two for all gateways, and one for each whose log may be full.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private long? _looked;

    /// <summary>Looks when it is time to. What Cloudflare refuses is said, and asked again at the next time.</summary>
    public async Task LookAsync(IReadOnlyList<string> gateways, CancellationToken cancellationToken)
    {
        if (_looked is { } before && time.GetElapsedTime(before) < Interval)
        {
            return;
        }

        try
        {
            // One that is behind has a newest row that nobody knows yet.
            var read = (await feeds.FeedsAsync(null, cancellationToken)).Where(feed => feed is { Source: LogSources.Logs, Through: not null, Backlog: 0 or null } && gateways.Contains(feed.Gateway)).ToDictionary(feed => feed.Gateway, feed => feed.Through!.Value);
            if (read.Count == 0)
            {
                return;
            }

            _looked = time.GetTimestamp();
            await pace.WaitAsync(cancellationToken);
            await foreach (var gateway in cloudflare.Gateways.ListAsync(cancellationToken))
            {
                if (read.TryGetValue(gateway.Id, out var newest))
                {
                    await LookAsync(gateway, newest, cancellationToken);
                }
            }
        }
        catch (CloudflareException e)
        {
            NotSeen(log, e);
        }
    }

    /// <summary>How many rows the gateway's log keeps before it takes no more; null where it deletes its oldest instead.</summary>
    internal static long? BoundOf(Gateway gateway) =>
        gateway.Fields["log_management_strategy"] is JsonValue strategy && strategy.GetValueKind() == JsonValueKind.String && strategy.GetValue<string>() == "STOP_INSERTING"
        && gateway.Fields["log_management"] is JsonValue most && most.GetValueKind() == JsonValueKind.Number && most.TryGetValue<long>(out var bound) ? bound : null;

    private async Task LookAsync(Gateway gateway, DateTimeOffset newest, CancellationToken cancellationToken)
    {
        var isFull = false;
        if (BoundOf(gateway) is { } bound)
        {
            await pace.WaitAsync(cancellationToken);
            isFull = (await cloudflare.Logs.SummariseAsync(gateway.Id, new LogQuery(), cancellationToken)).Count >= bound;
        }

        metrics.Full(gateway.Id, isFull);
        if (isFull && await feeds.AddGapAsync(gateway.Id, LogSources.Logs, newest, time.GetUtcNow(), cancellationToken))
        {
            metrics.Gap(LogSources.Logs);
            Full(log, gateway.Id, newest);
        }
    }

    [LoggerMessage(6003, LogLevel.Warning, "The log of gateway {Gateway} is full and takes no more rows (STOP_INSERTING): requests since {Since} are not in it. Delete rows, raise log_management, or let it delete its oldest")]
    private static partial void Full(ILogger logger, string gateway, DateTimeOffset since);

    [LoggerMessage(6004, LogLevel.Warning, "Whether gateways' logs are full could not be seen")]
    private static partial void NotSeen(ILogger logger, Exception exception);
}
