namespace GatewayOps.Tests.Support;

/// <summary>
/// A clock that stands still until told. Timers fire inside <see cref="Advance"/>; <see cref="RunAsync"/> leaps from timer to timer, so waits of minutes take none.
/// </summary>
public sealed class TestClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _armed = [];
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _now = start ?? new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private TimeSpan _wrong;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now + _wrong;
    }

    public override long GetTimestamp() => Steady().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on, firing on the way what falls due.</summary>
    public void Advance(TimeSpan by)
    {
        var until = Steady() + by;
        while (Next(until) is { } timer) timer.Fire();
        lock (_lock) _now = until;
    }

    /// <summary>Somebody sets the clock: what it shows leaps, and no time passes.</summary>
    public void Set(TimeSpan by)
    {
        lock (_lock) _wrong += by;
    }

    /// <summary>Completes with the task; until then, leaps to the next timer whenever one is armed. For code whose only timers are waits.</summary>
    public async Task<T> RunAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            Task change;
            DateTimeOffset? due;
            lock (_lock)
            {
                change = _change.Task;
                due = _armed.Count == 0 ? null : _armed.Min(timer => timer.Due);
            }
            if (due is { } next) Advance(next - Steady() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero);
            else await Task.WhenAny(task, change);
        }
        return await task;
    }

    public async Task RunAsync(Task task) => await RunAsync(task.ContinueWith(async done => { await done; return 0; }, TaskScheduler.Default).Unwrap());

    /// <summary>Completes when a timer is armed.</summary>
    public async Task TimerAsync()
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_armed.Count > 0) return;
                change = _change.Task;
            }
            await change;
        }
    }

    private DateTimeOffset Steady()
    {
        lock (_lock) return _now;
    }

    private Timer? Next(DateTimeOffset until)
    {
        lock (_lock)
        {
            var next = _armed.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null) return null;
            if (next.Due > _now) _now = next.Due;
            if (next.Period > TimeSpan.Zero) next.Due += next.Period;
            else _armed.Remove(next);
            return next;
        }
    }

    private sealed class Timer(TestClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; set; }
        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._armed.Remove(this);
                Period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._armed.Add(this);
                clock._change.TrySetResult();
                clock._change = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock) clock._armed.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
