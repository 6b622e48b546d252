using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules.Compiling;

/// <summary>Turns a rule, together with what the documents say for every request, into the decision for the requests it matches.</summary>
internal sealed class RouteBuilder
{
    // What Cloudflare gives a cache key without any TTL. Source: Cloudflare contract, section 12.1.
    private const int TtlOfKeyWithoutOne = 300;
    private const int ShortestTtl = 60;

    private readonly int _inheritedTtl;

    public RouteBuilder(Merge merge)
    {
        var setting = merge.Settings.GetValueOrDefault("cache_ttl")?.GetValue<long>() ?? 0;
        _inheritedTtl = setting > 0 ? Math.Max((int)setting, ShortestTtl) : TtlOfKeyWithoutOne;
        Default = new Route
        {
            Upstreams = [.. merge.Providers.Select(provider => new RouteUpstream(provider.Name, Milliseconds(provider.Timeout), provider.Model, provider.Weight))],
            FallbackEnabled = merge.Fallback is { Enabled: true },
            RetryCount = merge.Fallback is { Enabled: true } fallback ? fallback.RetryCount ?? Math.Max(merge.Providers.Count - 1, 0) : 0,
        };
    }

    /// <summary>For requests that no rule matches.</summary>
    public Route Default { get; }

    public RouteEntry Entry(MatchSet matches, PooledRule source) => new(matches, Default with
    {
        Rule = source.Label,
        Condition = matches.ToString(),
        Cache = CacheOf(source.Rule.Cache),
        CollectLog = source.Rule.CollectLog,
        Timeout = Milliseconds(source.Rule.Timeout),
        RateLimit = source.Rule.RateLimit,
        Queue = source.Rule.Queue,
    });

    private RouteCache? CacheOf(Cache? cache) => cache switch
    {
        null => null,
        { Enabled: false } => RouteCache.Off,
        _ => new RouteCache(TimeSpan.FromSeconds(cache.Ttl ?? _inheritedTtl), cache.Key, cache.Share),
    };

    private static TimeSpan? Milliseconds(int? value) => value is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
