using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Logs;

/// <summary>
/// One attempt that a gateway made: a request with N attempts has N entries, each 30 to 60 seconds late. Tokens are null when unknown, cost is USD.
/// Source: Cloudflare contract, section 3.
/// </summary>
public sealed record LogEntry
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string Provider { get; init; }
    public required string Model { get; init; }
    public required string Path { get; init; }
    public int? StatusCode { get; init; }
    public bool Success { get; init; }
    public bool Cached { get; init; }
    public long DurationMs { get; init; }
    public long? TokensIn { get; init; }
    public long? TokensOut { get; init; }
    public decimal? Cost { get; init; }

    /// <summary>The cost was the caller's own (`cf-aig-custom-cost`).</summary>
    public bool CustomCost { get; init; }

    /// <summary>Which step of a universal request answered, from 0.</summary>
    public int? Step { get; init; }
    public string? ModelType { get; init; }
    public string? RequestType { get; init; }
    public string? RequestContentType { get; init; }
    public string? ResponseContentType { get; init; }
    public string? UserAgent { get; init; }

    /// <summary>What the caller sent as `cf-aig-event-id`; empty for dynamic routes.</summary>
    public string? EventId { get; init; }
    public decimal? Feedback { get; init; }
    public decimal? Score { get; init; }

    /// <summary>What the caller sent as `cf-aig-metadata`; numbers and booleans as their JSON text.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal static LogEntry Read(JsonElement element) => new()
    {
        Id = element.RequiredText("id"),
        CreatedAt = element.Time("created_at") ?? throw new JsonException("`created_at` is missing"),
        Provider = element.CallersText("provider") ?? "",
        Model = element.CallersText("model") ?? "",
        Path = element.CallersText("path") ?? "",
        StatusCode = (int?)element.Whole("status_code"),
        Success = element.Flag("success") ?? false,
        Cached = element.Flag("cached") ?? false,
        DurationMs = element.Whole("duration") ?? 0,
        TokensIn = element.Whole("tokens_in"),
        TokensOut = element.Whole("tokens_out"),
        Cost = element.Decimal("cost"),
        CustomCost = element.Flag("custom_cost") ?? false,
        Step = (int?)element.Whole("step"),
        ModelType = element.CallersText("model_type"),
        RequestType = element.CallersText("request_type"),
        RequestContentType = element.CallersText("request_content_type"),
        ResponseContentType = element.CallersText("response_content_type"),
        UserAgent = element.CallersText("user_agent"),
        EventId = element.CallersText("event_id"),
        Feedback = element.Decimal("feedback"),
        Score = element.Decimal("score"),
        Metadata = ReadMetadata(element),
    };

    // A JSON object inside a string; callers wrote it, so anything may be in there and none of it may fail the entry.
    private static Dictionary<string, string> ReadMetadata(JsonElement element)
    {
        var metadata = new Dictionary<string, string>();
        try
        {
            var member = element.Member("metadata");
            if (member.ValueKind == JsonValueKind.String) member = JsonElement.Parse(member.GetString() ?? "");
            if (member.ValueKind == JsonValueKind.Object)
                foreach (var property in member.EnumerateObject())
                    metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return metadata;
        }
        return metadata;
    }
}

/// <summary>An entry with the beginnings of its bodies. A head is the whole body where it says so; sizes are bytes.</summary>
public sealed record LogDetail(LogEntry Entry)
{
    public string? RequestHead { get; init; }
    public bool RequestHeadComplete { get; init; }
    public long? RequestSize { get; init; }
    public string? ResponseHead { get; init; }
    public bool ResponseHeadComplete { get; init; }
    public long? ResponseSize { get; init; }

    internal static LogDetail Read(JsonElement element) => new(LogEntry.Read(element))
    {
        RequestHead = element.Text("request_head"),
        RequestHeadComplete = element.Flag("request_head_complete") ?? false,
        RequestSize = element.Whole("request_size"),
        ResponseHead = element.Text("response_head"),
        ResponseHeadComplete = element.Flag("response_head_complete") ?? false,
        ResponseSize = element.Whole("response_size"),
    };
}
