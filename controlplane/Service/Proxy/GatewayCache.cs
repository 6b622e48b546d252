using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// The gateway's own cache, which a request meets where no rule says anything. By its own key it gives one tenant what another asked for: callers with virtual keys get a key with their tenant in it
/// where the rule sets turn that cache on, and are kept out of it where somebody else may have.
/// </summary>
internal static class GatewayCache
{
    // Seconds. Source: Cloudflare contract, section 12.1.
    private const long ShortestTtl = 60;

    /// <summary>Null leaves it to the gateway.</summary>
    public static UpstreamCache? For(ProxyExchange exchange, ProxyRequest request, UpstreamTarget target)
    {
        if (exchange.Caller.VirtualKey is null || target.Provider.IsDirect)
        {
            return null;
        }

        // A cache looks at no key, so a wrong one would get what others bought.
        if (exchange.Caller.OwnKeys.Count > 0)
        {
            return UpstreamCache.Skip;
        }

        var seconds = exchange.Rules.Settings.GetValueOrDefault("cache_ttl") is JsonValue value && value.TryGetValue(out long ttl) ? ttl : 0;
        return seconds > 0 && CacheKey.Of(request.Dialect.Operation, request.Root, [], target, request.Stream, exchange.Caller.Tenant) is { } key
            ? new UpstreamCache(key.Hash, TimeSpan.FromSeconds(Math.Max(ShortestTtl, seconds)))
            : UpstreamCache.Skip;
    }
}
