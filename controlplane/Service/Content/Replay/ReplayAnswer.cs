using GatewayOps.Rules;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Content.Replay;

/// <summary>
/// Which recorded requests a draft, or a revision, would decide otherwise than the active rule sets do. <paramref name="Groups"/>: changes of one kind together, the most frequent
/// first; <paramref name="Changes"/>: examples, the newest first.
/// </summary>
public sealed record ReplayAnswer(int Compared, int Changed, IReadOnlyList<ReplayGroup> Groups, IReadOnlyList<ReplayChange> Changes, NotComparable NotComparable);

/// <summary><paramref name="Fields"/>: what of the decision differs. <paramref name="Example"/>: id of the newest such request.</summary>
public sealed record ReplayGroup(int Count, IReadOnlyList<string> Fields, ReplayDecision Before, ReplayDecision After, string Example);

/// <summary><paramref name="Path"/> and <paramref name="Model"/> are those that the caller asked for.</summary>
public sealed record ReplayChange(string RequestId, DateTimeOffset At, string Gateway, string Path, string Model, ReplayDecision Before, ReplayDecision After);

/// <summary>Requests whose records do not hold what decides.</summary>
public sealed record NotComparable(int Count, IReadOnlyList<NotComparableReason> Why);

public sealed record NotComparableReason(string Reason, int Count);

/// <summary>What is decided for a request. <paramref name="Cache"/> and <paramref name="CollectLog"/> null: as the gateway is set. <paramref name="Upstreams"/> empty: the provider follows from the model.</summary>
public sealed record ReplayDecision(
    string? Rule, ReplayCache? Cache, bool? CollectLog, double? TimeoutMs, IReadOnlyList<string> Upstreams, bool Fallback, int Retries, RateLimit? RateLimit, Queue? Queue)
{
    public static ReplayDecision Of(Route route) => new(
        route.Rule,
        ReplayCache.Of(route.Cache),
        route.CollectLog,
        route.Timeout?.TotalMilliseconds,
        [.. route.Upstreams.Select(upstream => $"{upstream.Provider}{(upstream.Model is { } model ? $" {model}" : "")}{(upstream.Timeout is { } timeout ? $" {timeout.TotalMilliseconds:0} ms" : "")}")],
        route.FallbackEnabled,
        route.RetryCount,
        route.RateLimit,
        route.Queue);
}

/// <summary><paramref name="Ttl"/> in seconds; <paramref name="Key"/> empty: the whole body.</summary>
public sealed record ReplayCache(bool Enabled, double? Ttl, IReadOnlyList<string> Key, bool Share)
{
    public static ReplayCache? Of(RouteCache? cache) => cache switch
    {
        null => null,
        { IsOff: true } => new(false, null, [], false),
        _ => new(true, cache.Ttl.TotalSeconds, cache.KeyFields, cache.Share),
    };
}
