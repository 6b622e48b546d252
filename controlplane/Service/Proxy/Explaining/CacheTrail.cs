using GatewayOps.ControlPlane.Usage;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>
/// Which cache keys this replica has seen answered lately, so that a miss can be explained: names and digests, no texts. Bounded; the oldest go first. What other replicas
/// asked for, and what was asked before a restart, it does not know.
/// </summary>
public sealed class CacheTrail(TimeProvider time)
{
    public const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly UseOrder<(string Gateway, string Hash), Seen> _seen = new();

    /// <summary>Takes note of a finished request; only an answer under a rule that keeps answers leaves a trace.</summary>
    public void Note(UsageRecord record, Route? route, CacheKey? key)
    {
        if (key is null || record.Outcome != Outcomes.Ok || route is not { Cache: { IsOff: false } cache })
        {
            return;
        }

        lock (_lock)
        {
            var place = (record.Gateway, key.Hash);
            var isKnown = _seen.TryGet(place, out _);
            if (record.Cache == "hit" && isKnown)
            {
                return; // its time runs from when the answer was kept
            }

            if (!isKnown && _seen.Count >= Most)
            {
                _seen.RemoveOldest();
            }

            _seen.Put(place, new Seen(record.Gateway, key, route.Condition, record.RequestId, record.At, record.At + cache.Ttl));
        }
    }

    /// <summary>What is known of a key at a gateway, each of which keeps its own answers: it was answered and is kept, or no longer; or it is new, and which earlier request of the same tenant and rule comes nearest.</summary>
    public CacheHistory HistoryOf(string gateway, CacheKey key, string? condition)
    {
        lock (_lock)
        {
            if (_seen.TryGet((gateway, key.Hash), out var seen))
            {
                return new CacheHistory(seen.Until > time.GetUtcNow() ? "kept" : "expired", seen.RequestId, seen.At, seen.Until, []);
            }

            var nearest = _seen.OldestFirst
                .Where(other => other.Gateway == gateway && other.Condition == condition && TenantOf(other.Key) == TenantOf(key))
                .Select(other => (Seen: other, Differs: CacheKey.Differences(key.Parts, other.Key.Parts)))
                .OrderBy(other => other.Differs.Count).ThenByDescending(other => other.Seen.At)
                .FirstOrDefault();
            return nearest.Seen is { } near ? new CacheHistory("never_seen", near.RequestId, near.At, null, nearest.Differs) : new CacheHistory("never_seen", null, null, null, []);
        }
    }

    private static string? TenantOf(CacheKey key) => key.Parts.FirstOrDefault(part => part.Name == "tenant").Value;

    private sealed record Seen(string Gateway, CacheKey Key, string? Condition, string RequestId, DateTimeOffset At, DateTimeOffset Until);
}

/// <summary>Why a request would hit or miss.</summary>
/// <param name="State">`kept`, `expired` or `never_seen`.</param>
/// <param name="RequestId">Of the request that was answered with this key; for one never seen, of the one that comes nearest.</param>
/// <param name="At">When that was.</param>
/// <param name="Until">How long that answer is kept.</param>
/// <param name="Differs">For one never seen: in which parts of the key it differs from the nearest.</param>
public sealed record CacheHistory(string State, string? RequestId, DateTimeOffset? At, DateTimeOffset? Until, IReadOnlyList<string> Differs);
