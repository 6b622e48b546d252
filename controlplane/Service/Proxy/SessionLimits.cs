using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The sessions that were seen lately, per tenant, and how many requests each made in its minute, which begins with its first request. Bounded: a session that is silent for the time to live is
/// forgotten, and when there are too many the one that was silent longest. By the time that passes: somebody may set the clock. Callers choose their session ids: this limit holds the well-behaved, a virtual key's holds the rest.
/// </summary>
public sealed class SessionLimits
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ProxyOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <summary>The one that was silent longest comes first.</summary>
    private readonly UseOrder<(string Tenant, string Session), Entry> _sessions = new();

    public SessionLimits(IOptions<ProxyOptions> options, IMeterFactory meters, TimeProvider time)
    {
        (_options, _time) = (options.Value, time);
        var meter = meters.Create(ProxyMetrics.MeterName);
        meter.CreateObservableGauge("gatewayops_sessions_active", () => Count, description: "Sessions with a request within GatewayOps:Proxy:SessionTtl.");
        meter.CreateObservableGauge("gatewayops_sessions_limit", () => _options.MaxSessions, description: "Sessions that this replica knows at most (GatewayOps:Proxy:MaxSessions).");
    }

    /// <summary>0 is no limit.</summary>
    public int PerMinute => _options.SessionRequestsPerMinute;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                Forget(_time.GetTimestamp());
                return _sessions.Count;
            }
        }
    }

    /// <summary>Counts a request of the session, or says how long it is until the next one may go.</summary>
    public TimeSpan? Refuses(string tenant, string session)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            Forget(now);
            var entry = EntryOf((tenant, session), now);
            var lasted = _time.GetElapsedTime(entry.Since, now);
            if (lasted >= Minute)
            {
                (entry.Since, entry.Requests) = (now, 0);
            }

            if (PerMinute > 0 && entry.Requests >= PerMinute)
            {
                return Minute - lasted;
            }

            entry.Requests++;
            return null;
        }
    }

    private Entry EntryOf((string Tenant, string Session) key, long now)
    {
        if (!_sessions.TryGet(key, out var entry))
        {
            if (_sessions.Count >= _options.MaxSessions)
            {
                _sessions.RemoveOldest();
            }

            entry = new Entry { Since = now };
        }

        entry.Seen = now;
        _sessions.Put(key, entry);
        return entry;
    }

    private void Forget(long now)
    {
        while (_sessions.TryGetOldest(out var key, out var oldest) && _time.GetElapsedTime(oldest.Seen, now) > _options.SessionTtl)
        {
            _sessions.Remove(key);
        }
    }

    /// <summary>Timestamps.</summary>
    private sealed class Entry
    {
        public long Seen { get; set; }
        public long Since { get; set; }
        public int Requests { get; set; }
    }
}
