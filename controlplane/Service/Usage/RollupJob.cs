using Microsoft.Extensions.Options;
using Quartz;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>Counts the records of before an upgrade, newest day first, and drops totals that are past their time. Its name is stored in the scheduler's tables.</summary>
[DisallowConcurrentExecution]
public sealed partial class RollupJob(RollupStore store, IOptions<RollupOptions> options, TimeProvider time, ILogger<RollupJob> log) : IJob
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await RunAsync(cancellationToken);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var days = await store.BacklogAsync(cancellationToken);
        foreach (var day in days)
        {
            await store.CountAsync(day, cancellationToken);
        }

        if (days.Count > 0)
        {
            Counted(days.Count, days[^1]);
        }

        var today = time.GetUtcNow().UtcDateTime.Date;
        // Whole days are read of the daily totals, so that they never go before the hourly ones.
        await store.DropAsync(today.AddDays(-options.Value.HourlyDays), today.AddDays(-Math.Max(options.Value.DailyDays, options.Value.HourlyDays)), cancellationToken);
    }

    [LoggerMessage(5020, LogLevel.Information, "Counted {Days} days of request records, back to {First}, that are from before there were totals")]
    private partial void Counted(int days, DateOnly first);
}
