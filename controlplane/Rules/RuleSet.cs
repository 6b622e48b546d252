using System.Text.Json.Nodes;

namespace GatewayOps.Rules;

/// <summary>
/// The `content` document. Both shapes of the Vrooli resource are valid as they stand. Made by <see cref="RuleSetReader"/> alone, so it is always valid.
/// Source: product contract, section 6.
/// </summary>
public sealed record RuleSet
{
    internal RuleSet()
    {
    }

    /// <summary>1 to 64 of `[a-z0-9._-]`; absent in a file that is named by its file stem.</summary>
    public string? Name { get; init; }

    /// <summary>Gateway ids this file targets; empty means the configured default gateway.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = [];

    /// <summary>Decides between files that give the same setting, `providers` or `fallback` for one gateway: the larger wins. -1000 to 1000, default 0.</summary>
    public int Priority { get; init; }

    public IReadOnlyList<Rule> Rules { get; init; } = [];

    /// <summary>Upstream providers in the order of the document; <see cref="ProviderEntry.Priority"/> decides the order of attempts.</summary>
    public IReadOnlyList<ProviderEntry> Providers { get; init; } = [];

    public Fallback? Fallback { get; init; }

    /// <summary>
    /// Gateway fields by Cloudflare's own names. A field that Pulumi owns is asserted (reported when it differs), never written. A null value is Cloudflare's "off".
    /// The nodes are shared: copy one (DeepClone) before putting it into another document.
    /// </summary>
    public IReadOnlyDictionary<string, JsonNode?> Settings { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>Cloudflare dynamic routes, for clients that call Cloudflare directly.</summary>
    public IReadOnlyList<DynamicRoute> Routes { get; init; } = [];

    public IReadOnlyList<AccessPolicy> Policies { get; init; } = [];

    /// <summary>Providers of the account that Cloudflare does not know by itself; called as `custom-{slug}`.</summary>
    public IReadOnlyList<CustomProviderEntry> CustomProviders { get; init; } = [];

    public Quota? Quota { get; init; }

    /// <summary>Everything that the document says, in its order: what a plan must account for and what a diff compares.</summary>
    public IReadOnlyList<DocumentLeaf> Leaves { get; internal init; } = [];
}

/// <summary>One rule. Exactly one rule matches a request: the most specific.</summary>
public sealed record Rule
{
    public string? Name { get; init; }

    /// <summary>Operation path, that is what remains after `/v1` or after account, gateway and provider; `*` stays within a segment, `**` spans segments.</summary>
    public required string Pattern { get; init; }

    public Match? Match { get; init; }
    public Cache? Cache { get; init; }

    /// <summary>Milliseconds to the first byte of one attempt, 1 to 600000.</summary>
    public int? Timeout { get; init; }

    public bool? CollectLog { get; init; }

    public RateLimit? RateLimit { get; init; }

    public Queue? Queue { get; init; }
}

/// <summary>How many requests the proxy lets through a rule, per tenant.</summary>
/// <param name="Limit">Requests, 1 to 1000000.</param>
/// <param name="Interval">Seconds, 1 to 86400.</param>
public sealed record RateLimit(int Limit, int Interval, RateLimitTechnique Technique);

public enum RateLimitTechnique
{
    Fixed,
    Sliding,
}

/// <summary>How the proxy holds requests back instead of refusing them.</summary>
/// <param name="Concurrency">Requests under way at once, 1 to 10000.</param>
/// <param name="Depth">Requests that may wait, 0 to 10000; the next one is refused.</param>
/// <param name="Timeout">Milliseconds that one may wait, 1 to 600000; then it is refused.</param>
public sealed record Queue(int Concurrency, int Depth, int Timeout);

/// <summary>What may be used on one UTC day before the proxy refuses; null is without bound. A gateway's quota and its providers' count apart.</summary>
public sealed record Quota
{
    public QuotaAmounts Gateway { get; init; } = QuotaAmounts.None;

    /// <summary>By slug.</summary>
    public IReadOnlyDictionary<string, QuotaAmounts> Providers { get; init; } = new Dictionary<string, QuotaAmounts>();
}

/// <param name="Requests">Per UTC day, 0 to 10^12.</param>
/// <param name="Tokens">In and out, per UTC day, 0 to 10^15.</param>
/// <param name="Usd">Per UTC day, 0 to 10^9.</param>
public sealed record QuotaAmounts(long? Requests, long? Tokens, decimal? Usd)
{
    public static QuotaAmounts None { get; } = new(null, null, null);
}

/// <summary>A dynamic route of the gateway, called as the model `dynamic/{Name}`. Exactly one of <see cref="Elements"/> and <see cref="Model"/> is there.</summary>
public sealed record DynamicRoute
{
    /// <summary>1 to 64 of letters, digits, dot, dash and underscore; unique in the file.</summary>
    public required string Name { get; init; }

    /// <summary>A hand-written graph in Cloudflare's own vocabulary. Source: Cloudflare contract, section 5.1. Copy a node (DeepClone) before putting it elsewhere.</summary>
    public JsonArray? Elements { get; init; }

    /// <summary>The short form (`"from": "providers"`): the graph follows from `providers` and `fallback`; this is the model of those providers that name none.</summary>
    public string? Model { get; init; }

    /// <summary>True for the short form.</summary>
    public bool IsCompiled => Elements is null;
}

/// <summary>A policy of the gateway. Source: Cloudflare contract, section 7. As soon as one exists, what none allows is refused.</summary>
public sealed record AccessPolicy
{
    /// <summary>Unique in the file.</summary>
    public required string Name { get; init; }

    public required string Actor { get; init; }

    /// <summary>Globs in which `*` does not cross a slash; both null is everything (`"*"`).</summary>
    public string? Model { get; init; }
    public string? Provider { get; init; }

    /// <summary>CEL.</summary>
    public string? Condition { get; init; }

    /// <summary>`no-limit`, `block` or `limit`, as Cloudflare writes it.</summary>
    public required JsonObject Action { get; init; }
}

/// <summary>A custom provider of the account. Source: Cloudflare contract, section 4.2.</summary>
public sealed record CustomProviderEntry
{
    /// <summary>1 to 64 of `[a-z0-9-]`; unique in the file; without the prefix `custom-`.</summary>
    public required string Slug { get; init; }

    public required string Name { get; init; }

    /// <summary>https.</summary>
    public required string BaseUrl { get; init; }

    public bool Enable { get; init; } = true;

    public string? Description { get; init; }
    public string? Link { get; init; }
}

/// <summary>Further conditions of a rule; each is a glob over the whole value.</summary>
public sealed record Match
{
    public string? Model { get; init; }

    /// <summary>Over the gateway's slug; an exact alias (`xai`) was replaced by it (`grok`).</summary>
    public string? Provider { get; init; }

    /// <summary>In capitals, as HTTP has them.</summary>
    public string? Method { get; init; }

    /// <summary>Over the name of the caller's virtual key; a caller without one does not match.</summary>
    public string? Key { get; init; }

    /// <summary>Over members of the request's metadata (cf-aig-metadata), by name. All must hold; a member that is not there does not match.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Over request headers, by lower-case name. All must hold; a header that is not there does not match.</summary>
    public IReadOnlyDictionary<string, string> Header { get; init; } = new Dictionary<string, string>();
}

/// <summary>Cache settings of a rule.</summary>
public sealed record Cache
{
    public required bool Enabled { get; init; }

    /// <summary>
    /// Seconds, 60 to 2592000 (Cloudflare contract, section 12.1). Absent: `settings.cache_ttl` of the active rule sets when it is above 0 (at least 60), otherwise 300, which is
    /// what Cloudflare gives a cache key without a TTL.
    /// </summary>
    public int? Ttl { get; init; }

    /// <summary>Top-level body fields that make the key; empty: the whole body. Stream, endpoint, model, provider and tenant are always part of it.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>True lets tenants share entries.</summary>
    public bool Share { get; init; }
}

/// <summary>One provider of the fallback chain.</summary>
public sealed record ProviderEntry
{
    /// <summary>The gateway's slug, aliases resolved (<see cref="ProviderCatalogue"/>). Listed twice only with different models.</summary>
    public required string Name { get; init; }

    /// <summary>1 to 1000, lower first; unique in the file.</summary>
    public required int Priority { get; init; }

    /// <summary>Milliseconds to the first byte, 1 to 600000.</summary>
    public int? Timeout { get; init; }

    /// <summary>Model to ask this provider for instead of the caller's.</summary>
    public string? Model { get; init; }

    /// <summary>1 to 1000: of the first attempts, this one's share of the sum of all weights. Null: priority alone says when it is asked.</summary>
    public int? Weight { get; init; }
}

/// <summary>Whether other providers are tried, and how many retries one request may cost in all.</summary>
public sealed record Fallback
{
    public required bool Enabled { get; init; }

    /// <summary>Retries after the first attempt, over all providers of a request, 0 to 10. Absent: enough to try each provider once.</summary>
    public int? RetryCount { get; init; }
}
