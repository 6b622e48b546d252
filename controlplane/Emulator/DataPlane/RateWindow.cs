using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// The request count of one gateway (contract 14): `fixed` counts in windows aligned to the epoch, `sliding` counts the last interval.
/// A refused request does not count.
/// </summary>
public sealed class RateWindow
{
    private readonly Lock _lock = new();
    private readonly Queue<DateTimeOffset> _taken = new();
    private (long Interval, long Number) _window;
    private long _count;

    /// <summary>False when the limit is reached; otherwise the request is counted.</summary>
    public bool TryTake(GatewaySettings settings, DateTimeOffset now)
    {
        if (!settings.RateLimited)
            return true;
        lock (_lock)
            return settings.RateLimitingTechnique == RateLimitTechnique.Sliding ? TakeSliding(settings, now) : TakeFixed(settings, now);
    }

    private bool TakeFixed(GatewaySettings settings, DateTimeOffset now)
    {
        var window = (settings.RateLimitingInterval, now.ToUnixTimeSeconds() / settings.RateLimitingInterval);
        if (window != _window)
            (_window, _count) = (window, 0);
        if (_count >= settings.RateLimitingLimit)
            return false;
        _count++;
        return true;
    }

    private bool TakeSliding(GatewaySettings settings, DateTimeOffset now)
    {
        var interval = TimeSpan.FromSeconds(settings.RateLimitingInterval);
        while (_taken.TryPeek(out var oldest) && now - oldest >= interval)
            _taken.Dequeue();
        if (_taken.Count >= settings.RateLimitingLimit)
            return false;
        _taken.Enqueue(now);
        return true;
    }
}
