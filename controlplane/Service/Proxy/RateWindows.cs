using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The rate windows of all rules and tenants. A window belongs to what a rule matches and to its limit, so that it outlives revisions which change neither. Windows that hold nothing are
/// forgotten; tenants beyond the bound share one window of the rule, which never lets more through. Somebody may set the clock: a sliding window goes by the time that passes, whatever the clock
/// says, and a fixed one follows the clock but never back.
/// </summary>
public sealed class RateWindows(TimeProvider time)
{
    public const int Most = 20_000;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, RateWindow> _windows = [];
    private readonly DateTimeOffset _began = time.GetUtcNow();
    private readonly long _beganAt = time.GetTimestamp();
    private DateTimeOffset _swept;

    // How far the clock has been ahead of the time that passed.
    private TimeSpan _ahead;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>When the request may go, by now at once. Granted only if that is within <paramref name="patience"/>.</summary>
    public (DateTimeOffset At, TimeSpan Wait) Take(Key key, TimeSpan patience)
    {
        lock (_lock)
        {
            var now = NowOf(key.Limit);
            var window = WindowOf(key);
            var at = window.Next(now);
            if (at - now <= patience)
            {
                window.Grant(at);
            }

            return (at, at - now);
        }
    }

    /// <summary>How many may go now, and how long the next would wait; grants nothing.</summary>
    public (int Left, TimeSpan Wait) Foresee(Key key)
    {
        lock (_lock)
        {
            var now = NowOf(key.Limit);
            return (_windows.GetValueOrDefault(key) ?? _windows.GetValueOrDefault(key.OfAll)) is { } window ? (window.Left(now), window.Next(now) - now) : (key.Limit.Limit, TimeSpan.Zero);
        }
    }

    public void Return(Key key, DateTimeOffset at)
    {
        lock (_lock)
        {
            (_windows.GetValueOrDefault(key) ?? _windows.GetValueOrDefault(key.OfAll))?.Return(at);
        }
    }

    private DateTimeOffset NowOf(RateLimit limit)
    {
        var passed = Passed();
        if (limit.Technique is not RateLimitTechnique.Fixed)
        {
            return passed;
        }

        var ahead = time.GetUtcNow() - passed;
        _ahead = ahead > _ahead ? ahead : _ahead;
        return passed + _ahead;
    }

    private DateTimeOffset Passed() => _began + time.GetElapsedTime(_beganAt);

    private RateWindow WindowOf(Key key)
    {
        if (_windows.TryGetValue(key, out var window))
        {
            return window;
        }

        if (_windows.Count >= Most && Passed() is var now && now - _swept >= BetweenSweeps)
        {
            _swept = now;
            foreach (var idle in _windows.Where(entry => entry.Value.IsIdle(NowOf(entry.Key.Limit))).Select(entry => entry.Key).ToList())
            {
                _windows.Remove(idle);
            }
        }

        // The windows that all share are as many as the rules at most, and do not count.
        var own = _windows.Count < Most ? key : key.OfAll;
        if (!_windows.TryGetValue(own, out window))
        {
            window = new RateWindow(key.Limit);
            _windows.Add(own, window);
        }

        return window;
    }

    /// <summary><paramref name="Tenant"/>: null for all that have none of their own.</summary>
    public sealed record Key(string Gateway, string Condition, RateLimit Limit, string? Tenant)
    {
        public Key OfAll => this with { Tenant = null };
    }
}
