using Quartz;

namespace GatewayOps.ControlPlane.Scheduling;

/// <summary>
/// Declares the jobs of this build, then starts this replica's node of the scheduler. Without jobs there is no node: neither its tables nor its polling.
/// </summary>
public sealed partial class Scheduler(
    [FromKeyedServices(SchedulingFeature.SchedulerName)] ISchedulerFactory schedulers, IEnumerable<ScheduledJob> jobs, JobMetrics metrics, TimeProvider time, ILogger<Scheduler> log) : IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private IScheduler? _scheduler;

    // Not before every feature has started. Requests are answered by then: the scheduler's own work at the start would be a good part of what the first of them waits for.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!jobs.Any())
        {
            return;
        }

        _scheduler = await schedulers.GetScheduler(cancellationToken);
        var instance = await _scheduler.GetSchedulerInstanceId(cancellationToken);
        if (instance is "AUTO" or "NON_CLUSTERED" or "")
        {
            // Two replicas of one name would each "recover" what the other is doing.
            throw new InvalidOperationException($"The scheduler's instance id is {instance}: it must be generated per replica.");
        }

        foreach (var job in jobs)
        {
            await DeclareAsync(_scheduler, job, cancellationToken);
        }

        Joined(instance, string.Join(", ", jobs.Select(job => $"{job.Name} every {job.Interval}")));
        await _scheduler.Start(cancellationToken);
        metrics.Running(true);
    }

    // Running jobs end before the services that they use are stopped. Without a database the scheduler would go on trying for as long as it is gone, whatever its token says.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_scheduler is null)
        {
            return;
        }

        metrics.Running(false);
        try
        {
            await _scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken).AsTask().WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Abandoned(Patience.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // What is stored and says the same is not touched: replacing a trigger deletes the record of the firing that a killed node left, and with it the recovery.
    private static async Task DeclareAsync(IScheduler scheduler, ScheduledJob job, CancellationToken cancellationToken)
    {
        var detail = JobBuilder.Create().OfType(job.Type).WithIdentity(job.Name).StoreDurably().RequestRecovery().Build();
        // The scheduler's own clock: nodes agree about time through the machine, not through a test.
        var trigger = TriggerBuilder.Create(TimeProvider.System).WithIdentity(job.Name).ForJob(job.Name).StartNow()
            .WithSchedule(SimpleScheduleBuilder.Create().WithInterval(job.Interval).RepeatForever())
            .Build();
        var isStored = await scheduler.GetJobDetail(detail.Key, cancellationToken) is { } known && known.JobType.FullName == detail.JobType.FullName
            && await scheduler.GetTrigger(trigger.Key, cancellationToken) is ISimpleTrigger simple && simple.RepeatInterval == job.Interval;
        if (!isStored)
        {
            await scheduler.ScheduleJob(detail, [trigger], ScheduleJobOptions.Replacing, cancellationToken);
        }
    }

    [LoggerMessage(2900, LogLevel.Information, "Scheduler node {Instance}: {Jobs}")]
    private partial void Joined(string instance, string jobs);

    [LoggerMessage(2901, LogLevel.Warning, "Jobs did not end within {Seconds} s of the stop; another replica recovers what they left")]
    private partial void Abandoned(double seconds);
}
