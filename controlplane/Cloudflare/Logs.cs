using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare;

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

    /// <summary>What the caller sent as `cf-aig-metadata`; numbers and booleans as their JSON text.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    internal static LogEntry Read(JsonElement element) => new()
    {
        Id = element.RequiredText("id"),
        CreatedAt = element.Time("created_at") ?? throw new JsonException("`created_at` is missing"),
        Provider = element.Text("provider") ?? "",
        Model = element.Text("model") ?? "",
        Path = element.Text("path") ?? "",
        StatusCode = (int?)element.Whole("status_code"),
        Success = element.Flag("success") ?? false,
        Cached = element.Flag("cached") ?? false,
        DurationMs = element.Whole("duration") ?? 0,
        TokensIn = element.Whole("tokens_in"),
        TokensOut = element.Whole("tokens_out"),
        Cost = element.Decimal("cost"),
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

/// <summary>Entries strictly between `Since` and `Until`. Ascending is the order to page in: new entries then come last and move no page.</summary>
public sealed record LogQuery
{
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public bool Ascending { get; init; } = true;
}

/// <summary>`…/gateways/{gateway}/logs`. Source: Cloudflare contract, section 3.</summary>
public sealed class LogClient
{
    // More is refused with 7001.
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal LogClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<LogEntry> ListAsync(string gatewayId, LogQuery query, CancellationToken cancellationToken)
    {
        var filters = new JsonArray();
        if (query.Since is { } since) filters.Add(CreatedAt("gt", since));
        if (query.Until is { } until) filters.Add(CreatedAt("lt", until));
        var text = $"&order_by=created_at&order_by_direction={(query.Ascending ? "asc" : "desc")}";
        // The JSON form: dotted keys leave open which value belongs to which filter (contract, section 1.5).
        if (filters.Count > 0) text += $"&filters={Uri.EscapeDataString(filters.ToJsonString())}";
        return _transport.ListAsync(Endpoint.ListLogs, _transport.PathOf(Endpoint.ListLogs, gatewayId), text, PerPage, LogEntry.Read, cancellationToken);
    }

    /// <summary>Null when there is no such entry.</summary>
    public Task<LogEntry?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(new(Endpoint.GetLog, _transport.PathOf(Endpoint.GetLog, gatewayId, id)), LogEntry.Read, cancellationToken);

    /// <summary>The request body as it was stored, JSON or not. Null when none is stored, which a listed entry may be.</summary>
    public Task<byte[]?> RequestBodyAsync(string gatewayId, string id, CancellationToken cancellationToken) => BodyAsync(Endpoint.GetLogRequest, gatewayId, id, cancellationToken);

    /// <summary>The response body as it was stored, JSON or not. Null when none is stored, which a listed entry may be.</summary>
    public Task<byte[]?> ResponseBodyAsync(string gatewayId, string id, CancellationToken cancellationToken) => BodyAsync(Endpoint.GetLogResponse, gatewayId, id, cancellationToken);

    private Task<byte[]?> BodyAsync(Endpoint endpoint, string gatewayId, string id, CancellationToken cancellationToken) =>
        Calls.OrNull(_transport.SendRawAsync(new(endpoint, _transport.PathOf(endpoint, gatewayId, id)), cancellationToken));

    private static JsonObject CreatedAt(string comparison, DateTimeOffset time) => new()
    {
        ["key"] = "created_at",
        ["operator"] = comparison,
        ["value"] = new JsonArray(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")),
    };
}
