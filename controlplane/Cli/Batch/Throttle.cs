namespace GatewayOps.Cli.Batch;

/// <summary>
/// What one worker was told, all heed: after a 429 nobody sends until the Retry-After has passed. Without one the wait is 1, 2, 4, … 60 s for as long as nothing is answered. Thread-safe.
/// </summary>
public sealed class Throttle(TimeProvider time)
{
    private static readonly TimeSpan LongestGuess = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();
    private TimeSpan _until;
    private TimeSpan _answered = TimeSpan.MinValue;
    private int _rounds;

    /// <summary>Time since the start, by which requests and answers are put in order.</summary>
    public TimeSpan Now => time.GetElapsedTime(_began);

    /// <summary>How long everybody still waits; zero when nobody does.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_lock)
            {
                return _until > Now ? _until - Now : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Returns when a request may be sent.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (Left is { Ticks: > 0 } left)
        {
            // A delay counts whole milliseconds.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), time, cancellationToken);
        }
    }

    /// <summary>A request that was sent at <paramref name="sent"/> was answered 429.</summary>
    public void Refused(TimeSpan sent, TimeSpan? retryAfter)
    {
        lock (_lock)
        {
            // Those that were on their way together are one refusal.
            var isSameRound = _until > TimeSpan.Zero && sent < _until;
            if (isSameRound && retryAfter is null)
            {
                return;
            }

            if (!isSameRound)
            {
                _rounds++;
            }

            // Not a secret: chance keeps several programs apart.
            var guess = TimeSpan.FromSeconds(Math.Min(LongestGuess.TotalSeconds, Math.Pow(2, _rounds - 1))) * (1 + (0.2 * Random.Shared.NextDouble()));
            var until = Now + (retryAfter ?? guess);
            _until = until > _until ? until : _until;
        }
    }

    /// <summary>A request was answered, and not refused.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            (_answered, _rounds) = (Now, 0);
        }
    }

    /// <summary>Whether anything was answered after this time.</summary>
    public bool AnsweredSince(TimeSpan when)
    {
        lock (_lock)
        {
            return _answered >= when;
        }
    }
}
