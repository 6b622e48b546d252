using System.Text.Json.Serialization;

namespace GatewayOps.ControlPlane.Proxy.Explaining;

/// <summary>The answer of /v1/route-check. Names are in OpenAI's spelling, as everywhere under /v1.</summary>
public sealed record RouteExplanation
{
    /// <summary>Slug of the provider that would be asked first.</summary>
    public required string Provider { get; init; }

    /// <summary>Other names that a request may call it by.</summary>
    [JsonPropertyName("provider_aliases")]
    public required IReadOnlyList<string> ProviderAliases { get; init; }

    /// <summary>That provider's name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The model as asked for; the answer would name it so.</summary>
    public required string Requested { get; init; }

    /// <summary>Whether one of the upstreams can be asked now.</summary>
    public required bool Available { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public required string Gateway { get; init; }

    public required string Revision { get; init; }

    public required string Path { get; init; }

    public required string? Rule { get; init; }

    /// <summary>What the rule matches, in words.</summary>
    public required string? Condition { get; init; }

    /// <summary>In the order in which they would be asked.</summary>
    public required IReadOnlyList<UpstreamVerdict> Upstreams { get; init; }

    /// <summary>False: only the first upstream is asked.</summary>
    public required bool Fallback { get; init; }

    public required int Retries { get; init; }

    public required CacheVerdict Cache { get; init; }

    [JsonPropertyName("rate_limit")]
    public required RateVerdict? RateLimit { get; init; }

    public required QueueBounds? Queue { get; init; }

    /// <summary>Null leaves it to the gateway's setting.</summary>
    [JsonPropertyName("collect_log")]
    public required bool? CollectLog { get; init; }

    /// <summary>The caller's virtual key; null for one without.</summary>
    public required KeyVerdict? Key { get; init; }

    public required RequestVerdict Verdict { get; init; }
}

/// <param name="Refusal">Why its quota would refuse the request; null when it would not.</param>
public sealed record UpstreamVerdict(
    string Provider, string Model, [property: JsonPropertyName("timeout_ms")] long TimeoutMs, bool Available, ListPrice? Price, string? Refusal);

/// <summary>US dollars per million tokens.</summary>
public sealed record ListPrice(decimal? Input, [property: JsonPropertyName("cached_input")] decimal? CachedInput, decimal? Output);

/// <summary>What the rule says about caching, and what is known of this request's key.</summary>
public sealed record CacheVerdict
{
    /// <summary>
    /// `gateway_setting` (no rule says anything), `off`, `body_needed` (send the request by POST to learn its key), `no_key` (the body has no canonical form and is not cached), `kept`, `expired` or `never_seen`.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Seconds.</summary>
    public long? Ttl { get; init; }

    /// <summary>Members of the body that the key is made of; none: all of them.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Whether tenants share answers.</summary>
    public bool? Shared { get; init; }

    public string? Key { get; init; }

    /// <summary>What the key is made of; members of the body as SHA-256.</summary>
    public IReadOnlyDictionary<string, string?>? Parts { get; init; }

    public CacheHistory? History { get; init; }
}

/// <param name="Left">Requests that may go now.</param>
/// <param name="WaitMs">Until the next one may, if none.</param>
public sealed record RateVerdict(long Limit, long Interval, string Technique, int Left, [property: JsonPropertyName("wait_ms")] long WaitMs);

/// <param name="Timeout">Milliseconds.</param>
public sealed record QueueBounds(int Concurrency, int Depth, int Timeout);

/// <summary>A virtual key and what is left of its limits, as far as this replica knows.</summary>
public sealed record KeyVerdict(string Name, IReadOnlyList<KeyLimit> Limits);

/// <param name="Kind">`requests`, `tokens` or `usd`.</param>
/// <param name="ResetMs">Until the window ends.</param>
public sealed record KeyLimit(string Kind, decimal Limit, decimal Left, [property: JsonPropertyName("reset_ms")] long ResetMs);

/// <summary>Whether the request would reach a provider now.</summary>
public sealed record RequestVerdict(bool Allowed, string? Code, string? Message);
