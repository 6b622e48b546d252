using GatewayOps.Emulator.DataPlane.Credentials;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>Whether and how one call uses the cache: off unless the gateway or the request turns it on (contract 12.1, 14).</summary>
/// <param name="Key">The request's own `cf-aig-cache-key`, which replaces the computed one whole, or that one.</param>
/// <param name="Generation">Of the gateway when the request came in: an answer that was under way during a purge is not kept.</param>
public sealed record CacheRule(string Key, TimeSpan Ttl, long Generation)
{
    public const long LeastTtl = 60;
    public const long MostTtl = 2_592_000; // one month

    /// <summary>For a request with a key of its own where nobody says how long.</summary>
    public const long TtlOfKey = 300;

    /// <summary>
    /// Null when the call neither reads nor writes the cache. `cf-aig-skip-cache` is taken to mean both, and a TTL outside of the bounds to mean the
    /// nearest one; the contract leaves both open. A streamed request does neither; nor does anything but POST.
    /// </summary>
    public static CacheRule? For(ProviderCall call, UpstreamRequest request, Credential credential, Assumptions assumptions)
    {
        var (directives, generation) = (call.Directives, call.Gateway.CacheGeneration);
        var seconds = SecondsOf(call);
        if (seconds == 0 || directives.SkipCache == true || (request.Streamed && !assumptions.StoredAnswersServeStreams) || request.Method != "POST")
            return null;
        var key = directives.CacheKey is { } own ? "own:" + own : ResponseCache.KeyOf(request, call.Model, credential.Key ?? request.Credential());
        return new CacheRule(key, TimeSpan.FromSeconds(Math.Clamp(seconds, LeastTtl, MostTtl)), generation);
    }

    /// <summary>What an answer says when the request went past a cache that would have been asked.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Bypassed(ProviderCall call, Assumptions assumptions) =>
        assumptions.BypassedCacheStatus is { } status && call.Directives.SkipCache == true && SecondsOf(call) > 0 ? [new("cf-aig-cache-status", status)] : [];

    private static long SecondsOf(ProviderCall call) => (call.Directives, call.Gateway.Settings.CacheTtl) switch
    {
        ({ CacheTtl: { } own }, _) => own,
        (_, > 0 and var ttl) => ttl,
        ({ CacheKey: not null }, _) => TtlOfKey,
        _ => 0,
    };
}
