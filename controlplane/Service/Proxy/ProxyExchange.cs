using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>One request through the proxy: what was pinned when it arrived, and what is known of its answer so far.</summary>
public sealed class ProxyExchange(CompiledRuleSet rules, long started)
{
    public const string None = "none";

    /// <summary>The rule set of the whole request, whatever is activated meanwhile.</summary>
    public CompiledRuleSet Rules => rules;

    /// <summary>Timestamp of the arrival.</summary>
    public long Started => started;

    public string Revision { get; } = rules.Label;

    public Caller Caller { get; set; } = Caller.Shared;

    /// <summary>Null where the request is not in Cloudflare's shape.</summary>
    public CloudflareAddress? Address { get; init; }

    public string Provider { get; set; } = None;

    /// <summary>hit, miss or bypass.</summary>
    public string Cache { get; set; } = "bypass";

    /// <summary>Of the upstream that was asked last; null where the rule keeps nothing.</summary>
    public CacheKey? CacheKey { get; set; }

    /// <summary>Attempts at upstreams; 0 while none was made.</summary>
    public int Attempts { get; set; }

    public static ProxyExchange Of(HttpContext context) => context.Features.GetRequiredFeature<ProxyExchange>();
}
