using System.Globalization;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>
/// Which gateway a run goes through, and what that is told in its headers. Without a gateway a model of Workers AI is reached directly, and another's through the
/// gateway `default`. Source: Cloudflare contract, sections 11 and 12.1.
/// </summary>
public sealed record RunOptions
{
    public static readonly RunOptions Direct = new();

    public string? GatewayId { get; init; }
    public bool SkipCache { get; init; }

    /// <summary>60 seconds to a month; zero is off.</summary>
    public TimeSpan? CacheTtl { get; init; }
    public string? CacheKey { get; init; }
    public bool? CollectLog { get; init; }
    public string? EventId { get; init; }

    /// <summary>Until the first byte; then the gateway tries what it has been told to try, or gives up.</summary>
    public TimeSpan? FirstByteWithin { get; init; }

    /// <summary>Five strings, numbers or booleans at most.</summary>
    public IReadOnlyDictionary<string, JsonValue> Metadata { get; init; } = new Dictionary<string, JsonValue>();

    internal IReadOnlyList<KeyValuePair<string, string>> ToHeaders()
    {
        var headers = new List<KeyValuePair<string, string>>();
        void Add(string name, string? value)
        {
            if (value is not null) headers.Add(KeyValuePair.Create(name, value));
        }
        Add("cf-aig-gateway-id", GatewayId);
        Add("cf-aig-skip-cache", SkipCache ? "true" : null);
        Add("cf-aig-cache-ttl", CacheTtl is { } ttl ? Whole(ttl.TotalSeconds) : null);
        Add("cf-aig-cache-key", CacheKey);
        Add("cf-aig-collect-log", CollectLog switch { true => "true", false => "false", null => null });
        Add("cf-aig-event-id", EventId);
        Add("cf-aig-request-timeout", FirstByteWithin is { } time ? Whole(time.TotalMilliseconds) : null);
        // Everything beyond ASCII is escaped, so that a header can carry it.
        if (Metadata.Count > 0) Add("cf-aig-metadata", new JsonObject(Metadata.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value.DeepClone()))).ToJsonString());
        return headers;
    }

    private static string Whole(double number) => ((long)number).ToString(CultureInfo.InvariantCulture);
}
