namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Spreads calls evenly over the five minutes of a budget, but for a few that may go at once. The client's own limiter counts every call of the service; calls that all leave at the
/// beginning of its window would leave the reconciler waiting for the rest of it. So the next free call is seldom further away than one part of the budget.
/// </summary>
public sealed class CallPace(int perFiveMinutes, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _step = TimeSpan.FromMinutes(5) / perFiveMinutes;
    private readonly int _burst = Math.Max(1, perFiveMinutes / 60);
    private long? _due;

    /// <summary>Waits for the call's turn.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            // The turn is due when it would be at an even pace; who was idle has saved up the burst.
            var earliest = now - Ticks(_step * _burst);
            var due = _due is { } last && last > earliest ? last : earliest;
            _due = due + Ticks(_step);
            wait = due > now ? time.GetElapsedTime(now, due) : TimeSpan.Zero;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellationToken);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
