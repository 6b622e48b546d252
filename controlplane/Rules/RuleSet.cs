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
}

/// <summary>Further conditions of a rule; each is a glob over the whole value.</summary>
public sealed record Match
{
    public string? Model { get; init; }

    /// <summary>Over the gateway's slug; an exact alias (`xai`) was replaced by it (`grok`).</summary>
    public string? Provider { get; init; }

    /// <summary>In capitals, as HTTP has them.</summary>
    public string? Method { get; init; }
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
}

/// <summary>Whether other providers are tried, and how many retries one request may cost in all.</summary>
public sealed record Fallback
{
    public required bool Enabled { get; init; }

    /// <summary>Retries after the first attempt, over all providers of a request, 0 to 10. Absent: enough to try each provider once.</summary>
    public int? RetryCount { get; init; }
}
