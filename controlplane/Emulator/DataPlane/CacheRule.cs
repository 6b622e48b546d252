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
    public static CacheRule? For(ProviderCall call, UpstreamRequest request, Credential credential)
    {
        var (gateway, directives) = (call.Gateway, call.Directives);
        var (ttl, generation) = (gateway.Settings.CacheTtl, gateway.CacheGeneration);
        var seconds = directives.CacheTtl ?? (ttl > 0 ? ttl : directives.CacheKey is null ? 0 : TtlOfKey);
        if (seconds == 0 || directives.SkipCache == true || request.Streamed || request.Method != "POST")
            return null;
        var key = directives.CacheKey is { } own ? "own:" + own : ResponseCache.KeyOf(request, call.Model, credential.Key ?? request.Credential());
        return new CacheRule(key, TimeSpan.FromSeconds(Math.Clamp(seconds, LeastTtl, MostTtl)), generation);
    }
}
