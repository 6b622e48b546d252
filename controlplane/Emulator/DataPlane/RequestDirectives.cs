using System.Globalization;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// What a request asks of the gateway by its `cf-aig-*` headers, or a step of a universal request by its own (contract 12.1). Null means: not said. A
/// value that cannot be read counts as not said.
/// </summary>
public sealed record RequestDirectives
{
    public static readonly RequestDirectives None = new();

    private const int MostEventIdLength = 256;

    public bool? SkipCache { get; init; }

    /// <summary>Seconds; 0 turns the cache off.</summary>
    public long? CacheTtl { get; init; }

    public string? CacheKey { get; init; }

    /// <summary>To the first byte.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>1 to 5.</summary>
    public long? MaxAttempts { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? RetryDelay { get; init; }

    public RetryBackoff? Backoff { get; init; }

    /// <summary>The text of a JSON object.</summary>
    public string? Metadata { get; init; }

    public CustomCost? CustomCost { get; init; }

    public bool? CollectLog { get; init; }

    public bool? CollectPayload { get; init; }

    public string? EventId { get; init; }

    public string? ByokAlias { get; init; }

    public bool? NoWholesale { get; init; }

    /// <summary>Zero data retention: recorded; no simulated provider retains anything.</summary>
    public bool? Zdr { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public string? TraceId { get; init; }

    /// <summary>16 hexadecimal digits.</summary>
    public string? ParentSpanId { get; init; }

    public string? SessionId { get; init; }

    public string? TurnId { get; init; }

    public bool? NoSessionAffinity { get; init; }

    /// <summary>Of the Auto Router: names as `openai/gpt-5` or patterns as `anthropic/*`.</summary>
    public IReadOnlyList<string>? AllowedModels { get; init; }

    /// <summary>Of the Auto Router: slugs.</summary>
    public IReadOnlyList<string>? AllowedProviders { get; init; }

    public static RequestDirectives Read(IHeaderDictionary headers)
    {
        var read = None;
        foreach (var (name, values) in headers)
            if (IsOwn(name) && values.Count > 0)
                read = read.With(name, values.ToString());
        return read;
    }

    public static RequestDirectives Read(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var read = None;
        foreach (var (name, value) in headers)
            if (IsOwn(name))
                read = read.With(name, value);
        return read;
    }

    /// <summary>The gateway's own header: it is not forwarded to the provider.</summary>
    public static bool IsOwn(string name) =>
        name.StartsWith("cf-", StringComparison.OrdinalIgnoreCase)
        && (name.StartsWith("cf-aig-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("cf-cache-ttl", StringComparison.OrdinalIgnoreCase) || name.Equals("cf-skip-cache", StringComparison.OrdinalIgnoreCase));

    /// <summary>These, and where they say nothing, the others (contract 12.1: a step wins over the request).</summary>
    public RequestDirectives Over(RequestDirectives others)
    {
        if (ReferenceEquals(this, None))
            return others;
        if (ReferenceEquals(others, None))
            return this;
        return new RequestDirectives
        {
            SkipCache = SkipCache ?? others.SkipCache,
            CacheTtl = CacheTtl ?? others.CacheTtl,
            CacheKey = CacheKey ?? others.CacheKey,
            Timeout = Timeout ?? others.Timeout,
            MaxAttempts = MaxAttempts ?? others.MaxAttempts,
            RetryDelay = RetryDelay ?? others.RetryDelay,
            Backoff = Backoff ?? others.Backoff,
            Metadata = Metadata ?? others.Metadata,
            CustomCost = CustomCost ?? others.CustomCost,
            CollectLog = CollectLog ?? others.CollectLog,
            CollectPayload = CollectPayload ?? others.CollectPayload,
            EventId = EventId ?? others.EventId,
            ByokAlias = ByokAlias ?? others.ByokAlias,
            NoWholesale = NoWholesale ?? others.NoWholesale,
            Zdr = Zdr ?? others.Zdr,
            TraceId = TraceId ?? others.TraceId,
            ParentSpanId = ParentSpanId ?? others.ParentSpanId,
            SessionId = SessionId ?? others.SessionId,
            TurnId = TurnId ?? others.TurnId,
            NoSessionAffinity = NoSessionAffinity ?? others.NoSessionAffinity,
            AllowedModels = AllowedModels ?? others.AllowedModels,
            AllowedProviders = AllowedProviders ?? others.AllowedProviders,
        };
    }

    /// <summary>With one more header read. The deprecated spellings yield to the present ones, whichever comes first.</summary>
    public RequestDirectives With(string name, string value)
    {
        if (value.Length == 0)
            return this;
        return name.ToLowerInvariant() switch
        {
            "cf-aig-skip-cache" => this with { SkipCache = Flag(value) ?? SkipCache },
            "cf-skip-cache" => this with { SkipCache = SkipCache ?? Flag(value) },
            "cf-aig-cache-ttl" => this with { CacheTtl = Number(value) ?? CacheTtl },
            "cf-cache-ttl" => this with { CacheTtl = CacheTtl ?? Number(value) },
            "cf-aig-cache-key" => this with { CacheKey = value },
            "cf-aig-request-timeout" => this with { Timeout = Number(value) is > 0 and <= int.MaxValue and var timeout ? TimeSpan.FromMilliseconds(timeout) : null },
            "cf-aig-max-attempts" => this with { MaxAttempts = Number(value) is >= 1 and var attempts ? Math.Min(attempts, 5) : null },
            "cf-aig-retry-delay" => this with { RetryDelay = Number(value) },
            "cf-aig-backoff" => this with { Backoff = BackoffOf(value) },
            "cf-aig-metadata" => this with { Metadata = LogMetadata.Read(value) },
            "cf-aig-custom-cost" => this with { CustomCost = DataPlane.CustomCost.Read(value) },
            "cf-aig-collect-log" => this with { CollectLog = Flag(value) },
            "cf-aig-collect-log-payload" => this with { CollectPayload = Flag(value) },
            "cf-aig-event-id" => this with { EventId = Sendable(value) },
            "cf-aig-byok-alias" => this with { ByokAlias = value },
            "cf-aig-no-wholesale" => this with { NoWholesale = Flag(value) },
            "cf-aig-zdr" => this with { Zdr = Flag(value) },
            "cf-aig-otel-trace-id" => this with { TraceId = HexId(value, 32) },
            "cf-aig-otel-parent-span-id" => this with { ParentSpanId = HexId(value, 16) },
            "cf-aig-session-id" => this with { SessionId = Sendable(value) },
            "cf-aig-turn-id" => this with { TurnId = Sendable(value) },
            "cf-aig-no-session-affinity" => this with { NoSessionAffinity = Flag(value) },
            "cf-aig-allowed-models" => this with { AllowedModels = List(value) },
            "cf-aig-allowed-providers" => this with { AllowedProviders = List(value) },
            _ => this,
        };
    }

    public static RetryBackoff? BackoffOf(string? value) => value switch
    {
        "constant" => RetryBackoff.Constant,
        "linear" => RetryBackoff.Linear,
        "exponential" => RetryBackoff.Exponential,
        _ => null,
    };

    private static string[]? List(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } list ? list : null;

    private static bool? Flag(string value) => bool.TryParse(value, out var flag) ? flag : null;

    private static long? Number(string value) => long.TryParse(value, NumberStyles.None, null, out var number) ? number : null;

    /// <summary>An id that may go back in a header, which takes printable ASCII only.</summary>
    private static string? Sendable(string value) => value.Length <= MostEventIdLength && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? value : null;

    private static string? HexId(string value, int digits) => value.Length == digits && value.All(char.IsAsciiHexDigit) ? value.ToLowerInvariant() : null;
}
