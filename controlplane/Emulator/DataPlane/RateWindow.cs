using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// A count of requests (contract 14): `fixed` counts in windows aligned to the epoch, `sliding` counts the last interval, to the millisecond.
/// A refused request does not count.
/// </summary>
public sealed class RateWindow
{
    private readonly Lock _lock = new();

    // One entry for a millisecond: the memory is bounded by the interval and not by the limit.
    private readonly Queue<(long Millisecond, int Count)> _taken = new();
    private (long Interval, long Number) _window;
    private long _count;
    private (long Millisecond, int Count) _now;
    private long _sum;

    /// <summary>False when the limit is reached; otherwise the request is counted.</summary>
    public bool TryTake(GatewaySettings settings, DateTimeOffset now) =>
        !settings.RateLimited || TryTake(settings.RateLimitingLimit, settings.RateLimitingInterval, settings.RateLimitingTechnique, now);

    /// <param name="interval">Seconds, 1 or more.</param>
    public bool TryTake(long limit, long interval, RateLimitTechnique technique, DateTimeOffset now)
    {
        lock (_lock)
            return technique == RateLimitTechnique.Sliding ? TakeSliding(limit, interval, now) : TakeFixed(limit, interval, now);
    }

    private bool TakeFixed(long limit, long interval, DateTimeOffset now)
    {
        var window = (interval, now.ToUnixTimeSeconds() / interval);
        if (window != _window)
            (_window, _count) = (window, 0);
        if (_count >= limit)
            return false;
        _count++;
        return true;
    }

    private bool TakeSliding(long limit, long interval, DateTimeOffset now)
    {
        var millisecond = now.ToUnixTimeMilliseconds();
        if (millisecond != _now.Millisecond)
        {
            if (_now.Count > 0)
                _taken.Enqueue(_now);
            _now = (millisecond, 0);
        }
        while (_taken.TryPeek(out var oldest) && millisecond - oldest.Millisecond >= interval * 1000)
        {
            _sum -= oldest.Count;
            _taken.Dequeue();
        }
        if (_sum >= limit)
            return false;
        _sum++;
        _now.Count++;
        return true;
    }
}
