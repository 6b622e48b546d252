namespace GatewayOps.Cloudflare.Http;

/// <summary>
/// Lets requests leave in the order they came: no more than `limit` within any `window`, and none before a deadline that Cloudflare set.
/// </summary>
public sealed class RequestGate(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _departures = new();
    private Task _lastTurn = Task.CompletedTask;
    private long _openAt = long.MinValue;

    /// <summary>Nothing leaves for this long, whoever asked. A shorter wish does not shorten a longer one.</summary>
    public void Hold(TimeSpan wait)
    {
        lock (_lock) _openAt = Math.Max(_openAt, time.GetTimestamp() + Ticks(wait));
    }

    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var previous = Interlocked.Exchange(ref _lastTurn, turn.Task);
        try
        {
            await previous.WaitAsync(cancellationToken);
            while (TryLeave() is { } wait)
                await Task.Delay(wait, time, cancellationToken);
        }
        finally
        {
            // Who gives up passes the turn on, but not before it was theirs.
            if (previous.IsCompleted) turn.SetResult();
            else _ = previous.ContinueWith(_ => turn.SetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Null: counted, go. Otherwise how long to wait before asking again.</summary>
    private TimeSpan? TryLeave()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            while (_departures.TryPeek(out var oldest) && now - oldest >= Ticks(window)) _departures.Dequeue();
            var openAt = _departures.Count < limit ? _openAt : Math.Max(_openAt, _departures.Peek() + Ticks(window));
            if (now < openAt)
                // A timer counts whole milliseconds: rounded up, or the last fraction would be spun away.
                return TimeSpan.FromMilliseconds(Math.Ceiling(time.GetElapsedTime(now, openAt).TotalMilliseconds));
            _departures.Enqueue(now);
            return null;
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
