using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>Makes the partitions of the days to come and drops those that are past their time. Its name is stored in the scheduler's tables.</summary>
[DisallowConcurrentExecution]
public sealed partial class RetentionJob(NpgsqlDataSource source, FeedStore feeds, IOptions<IngestionOptions> options, TimeProvider time, ILogger<RetentionJob> log) : IJob
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await DayPartitions.EnsureAheadAsync(source, now, cancellationToken);
        await DropAsync(DayPartitions.GatewayLogs, options.Value.LogDays, now, cancellationToken);
        await DropAsync(DayPartitions.GatewayLogBodies, options.Value.LogDays, now, cancellationToken);
        // After the rows: a row whose key is gone already would be taken for a new one.
        await feeds.TrimAsync(options.Value.LogsFrom(now), cancellationToken);
        await DropAsync(DayPartitions.RequestRecords, options.Value.RequestRecordDays, now, cancellationToken);
    }

    private async Task DropAsync(DayPartitions partitions, int days, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var firstKept = DayPartitions.DayOf(now).AddDays(-days);
        var dropped = await partitions.DropBeforeAsync(source, firstKept, cancellationToken);
        if (dropped > 0)
        {
            Dropped(log, dropped, partitions.Table, firstKept);
        }
    }

    [LoggerMessage(6001, LogLevel.Information, "Dropped {Count} days of {Table} from before {FirstKept}")]
    private static partial void Dropped(ILogger logger, int count, string table, DateOnly firstKept);
}
