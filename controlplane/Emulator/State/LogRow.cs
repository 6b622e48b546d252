namespace GatewayOps.Emulator.State;

/// <summary>
/// One logged attempt (contract section 3). The log API renders it; nothing here is wire format but the texts. A log holds up to a million of them: a member that
/// most rows do not have is null, and a text that repeats is shared (<see cref="Sharing"/>).
/// </summary>
public sealed record LogRow
{
    private readonly EventId _eventId;

    /// <summary>A ULID from <see cref="LogStore.NewId()"/>: it is sent as `cf-aig-log-id` before the row is complete.</summary>
    public required string Id
    {
        get => Key.ToString();
        init => Key = Ulid.TryParse(value, out var id) ? id : throw new ArgumentException($"'{value}' is no ULID", nameof(value));
    }

    internal Ulid Key { get; private init; }

    /// <summary>When the request came in: the id says it, to the millisecond.</summary>
    public DateTimeOffset CreatedAt => Key.Time;
    public required string Provider { get; init; }
    public required string Model { get; init; }
    /// <summary>What follows the provider in the URL, without a leading slash: `chat/completions`.</summary>
    public required string Path { get; init; }
    public required int StatusCode { get; init; }
    public bool Success { get; init; }
    public bool Cached { get; init; }
    /// <summary>Milliseconds.</summary>
    public long Duration { get; init; }
    /// <summary>Milliseconds until the first byte of the answer; null where nobody measured it.</summary>
    public int? Latency { get; init; }
    public long? TokensIn { get; init; }
    public long? TokensOut { get; init; }
    /// <summary>Of `TokensIn`, those that the provider had in its cache; of `TokensOut`, those that it thought with.</summary>
    public int CachedTokens { get; init; }
    public int ReasoningTokens { get; init; }
    /// <summary>Workers AI's measure of work; null elsewhere.</summary>
    public float? Neurons { get; init; }
    /// <summary>USD; 0 for an answer from the cache.</summary>
    public decimal Cost { get; init; }
    public bool CustomCost { get; init; }
    /// <summary>The text of a JSON object, or null.</summary>
    public string? Metadata { get; init; }
    public string ModelType { get; init; } = "";
    public string RequestType { get; init; } = "";
    public string RequestContentType { get; init; } = "";
    public string ResponseContentType { get; init; } = "";
    /// <summary>Which step of a universal request, from 0.</summary>
    public int Step { get; init; }
    public string? EventId
    {
        get => _eventId.ToString();
        init => _eventId = new EventId(value);
    }
    public double? Feedback { get; init; }
    public double? Score { get; init; }
    public string? UserAgent { get; init; }
    /// <summary>The request was authenticated by `cf-aig-authorization`.</summary>
    public bool Authentication { get; init; }
    public bool Wholesale { get; init; }
    /// <summary>A stored key was used.</summary>
    public bool Byok { get; init; }
    /// <summary>The request came by `/compat`.</summary>
    public bool CompatibilityMode { get; init; }
    /// <summary>What the guardrails found: the text of a JSON value; null when they are off.</summary>
    public string? Guardrails { get; init; }
    /// <summary>FLAG or BLOCK where a DLP profile matched.</summary>
    public string? DlpAction { get; init; }
    /// <summary>The text of a JSON array `[{profile{profile_id,entry_ids[]},policy_ids[],check}]`.</summary>
    public string? DlpProfiles { get; init; }
    /// <summary>Of the caller's trace (`cf-aig-otel-trace-id`, `-parent-span-id`), for the exported span; null = a trace of its own.</summary>
    public string? TraceId { get; init; }
    public string? ParentSpanId { get; init; }
    /// <summary>Of the caller's conversation (`cf-aig-session-id`, `cf-aig-turn-id`).</summary>
    public string? SessionId { get; init; }
    public string? TurnId { get; init; }
    /// <summary>Null = not stored (`cf-aig-collect-log-payload: false`, or the row has outlived its body).</summary>
    public byte[]? RequestBody { get; init; }
    public byte[]? ResponseBody { get; init; }
    /// <summary>Bytes of the bodies when they were stored.</summary>
    public int RequestSize { get; private init; }
    public int ResponseSize { get; private init; }

    public long BodyBytes => (RequestBody?.LongLength ?? 0) + (ResponseBody?.LongLength ?? 0);

    internal LogRow WithoutBodies() => BodyBytes == 0 ? this : this with { RequestBody = null, ResponseBody = null };

    /// <summary>The row as a log keeps it: with texts of the pool, and the sizes of bodies that it may outlive.</summary>
    internal LogRow Sharing(TextPool texts) => this with
    {
        RequestSize = RequestBody?.Length ?? 0,
        ResponseSize = ResponseBody?.Length ?? 0,
        Provider = texts.Shared(Provider),
        Model = texts.Shared(Model),
        Path = texts.Shared(Path),
        Metadata = texts.Shared(Metadata),
        ModelType = texts.Shared(ModelType),
        RequestType = texts.Shared(RequestType),
        RequestContentType = texts.Shared(RequestContentType),
        ResponseContentType = texts.Shared(ResponseContentType),
        UserAgent = texts.Shared(UserAgent),
        Guardrails = texts.Shared(Guardrails),
        DlpAction = texts.Shared(DlpAction),
        DlpProfiles = texts.Shared(DlpProfiles),
    };
}
