using System.Diagnostics.Metrics;
using Quartz;

namespace GatewayOps.ControlPlane.Scheduling;

/// <summary>Counts the runs of every scheduled job. Labels are the names of the declared jobs.</summary>
public sealed class JobMetrics : IJobListener
{
    private readonly Counter<long> _runs;
    private readonly Gauge<double> _lastSuccess;
    private readonly Gauge<int> _running;
    private readonly TimeProvider _time;

    public JobMetrics(IMeterFactory meters, IEnumerable<ScheduledJob> jobs, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create("GatewayOps.Scheduling");
        _runs = meter.CreateCounter<long>("gatewayops_job_runs", description: "Runs of scheduled jobs on this replica, by result.");
        _lastSuccess = meter.CreateGauge<double>("gatewayops_job_last_success_timestamp", "s", "Unix time of the job's last run without an error on this replica; 0 before the first.");
        var interval = meter.CreateGauge<double>("gatewayops_job_interval", "s", "Between two runs of the job, on whichever replica.");
        _running = meter.CreateGauge<int>("gatewayops_scheduler_running", description: "1 where this replica's node of the scheduler takes jobs. The nodes take turns: a sum of 0 is nobody.");
        _running.Record(0);
        foreach (var job in jobs)
        {
            _runs.Add(0, new("job", job.Name), new("result", "succeeded"));
            _runs.Add(0, new("job", job.Name), new("result", "failed"));
            _lastSuccess.Record(0, new KeyValuePair<string, object?>("job", job.Name));
            interval.Record(job.Interval.TotalSeconds, new KeyValuePair<string, object?>("job", job.Name));
        }
    }

    /// <summary>Whether this node takes jobs.</summary>
    public bool IsRunning { get; private set; }

    public string Name => nameof(JobMetrics);

    public void Running(bool isRunning)
    {
        IsRunning = isRunning;
        _running.Record(isRunning ? 1 : 0);
    }

    public ValueTask JobWasExecuted(IJobExecutionContext context, JobExecutionException? jobException, CancellationToken cancellationToken = default)
    {
        var job = context.JobDetail.Key.Name;
        _runs.Add(1, new("job", job), new("result", jobException is null ? "succeeded" : "failed"));
        if (jobException is null)
        {
            _lastSuccess.Record(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, new KeyValuePair<string, object?>("job", job));
        }

        return ValueTask.CompletedTask;
    }
}
