using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane.Routing;

/// <summary>
/// USD that were spent in a window. What a request costs is known when it is over, so requests that run at the same time may overshoot together, as
/// they do on the real service (contract 2.1).
/// </summary>
public sealed class Budget
{
    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset At, decimal Cost)> _paid = new();
    private decimal _sum;

    /// <summary>Whether less than the limit was spent in the window that `now` is in.</summary>
    public bool IsLeft(decimal limit, TimeSpan window, RateLimitTechnique technique, DateTimeOffset now)
    {
        // A fixed window begins at a whole multiple of its length since the epoch.
        var from = technique == RateLimitTechnique.Fixed ? now.AddTicks(-((now - DateTimeOffset.UnixEpoch).Ticks % window.Ticks)) : now - window;
        lock (_lock)
        {
            while (_paid.TryPeek(out var oldest) && (technique == RateLimitTechnique.Fixed ? oldest.At < from : oldest.At <= from))
                _sum -= _paid.Dequeue().Cost;
            return _sum < limit;
        }
    }

    public void Pay(decimal cost, DateTimeOffset now)
    {
        if (cost <= 0)
            return;
        lock (_lock)
        {
            _paid.Enqueue((now, cost));
            _sum += cost;
        }
    }
}
