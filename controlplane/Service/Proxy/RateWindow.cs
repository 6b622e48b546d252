using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What one rate limit has granted to one tenant. A grant may lie ahead: whoever may wait is given its time, first come, first served. Sliding: never more than the limit within any
/// interval. Fixed: never more than the limit between two multiples of the interval since 1970, UTC. Grants that are close together (1/128 of a sliding interval) are kept as one and leave
/// with the last of them, so that memory is bounded and nothing is granted too early. Not for several threads.
/// </summary>
public sealed class RateWindow(RateLimit limit)
{
    private const int Grains = 128;

    private readonly long _interval = limit.Interval * TimeSpan.TicksPerSecond;
    private readonly List<Grants> _grants = [];
    private int _granted;

    /// <summary>The earliest time at which one more may go; <paramref name="now"/> when nothing is in its way. Never before what was granted last.</summary>
    public DateTimeOffset Next(DateTimeOffset now)
    {
        Forget(now.UtcTicks);
        var at = _grants.Count > 0 ? Math.Max(now.UtcTicks, _grants[^1].To) : now.UtcTicks;
        var left = _granted;
        for (var i = 0; left >= limit.Limit; i++)
        {
            left -= _grants[i].Count;
            at = Math.Max(at, EndOf(_grants[i]));
        }

        return new DateTimeOffset(at, TimeSpan.Zero);
    }

    /// <summary>How many more may go at once.</summary>
    public int Left(DateTimeOffset now)
    {
        Forget(now.UtcTicks);
        return Math.Max(0, limit.Limit - _granted);
    }

    /// <summary><paramref name="at"/> is what <see cref="Next"/> just said.</summary>
    public void Grant(DateTimeOffset at)
    {
        var (time, width) = Place(at);
        if (_grants.Count > 0 && time - _grants[^1].From <= width)
        {
            _grants[^1] = new Grants(_grants[^1].From, time, _grants[^1].Count + 1);
        }
        else
        {
            _grants.Add(new Grants(time, time, 1));
        }

        _granted++;
    }

    /// <summary>A grant that was not used.</summary>
    public void Return(DateTimeOffset at)
    {
        var (time, _) = Place(at);
        var index = _grants.FindLastIndex(grants => grants.From <= time && time <= grants.To);
        if (index < 0)
        {
            return;
        }

        _granted--;
        if (_grants[index].Count == 1)
        {
            _grants.RemoveAt(index);
        }
        else
        {
            _grants[index] = _grants[index] with { Count = _grants[index].Count - 1 };
        }
    }

    /// <summary>Nothing that was granted matters any more.</summary>
    public bool IsIdle(DateTimeOffset now)
    {
        Forget(now.UtcTicks);
        return _grants.Count == 0;
    }

    private void Forget(long now)
    {
        var gone = 0;
        while (gone < _grants.Count && EndOf(_grants[gone]) <= now)
        {
            _granted -= _grants[gone++].Count;
        }

        _grants.RemoveRange(0, gone);
    }

    // A fixed window is one entry, at its beginning.
    private (long Time, long Width) Place(DateTimeOffset at)
    {
        var ticks = at.UtcTicks;
        return limit.Technique == RateLimitTechnique.Fixed ? (ticks - ((ticks - DateTimeOffset.UnixEpoch.UtcTicks) % _interval), 0) : (ticks, _interval / Grains);
    }

    private long EndOf(Grants grants) => grants.To + _interval;

    /// <summary>Ticks of the first and the last of them.</summary>
    private sealed record Grants(long From, long To, int Count);
}
