using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>
/// A log row as Workers Observability shows it: flat keys to texts, numbers and flags. `$metadata.*` are the indexed ones that every product has
/// (npm cloudflare 7.3, telemetry); the others are the row's own, named as in the log API, and `metadata.{key}`.
/// </summary>
/// <param name="skew">By how much the clock of Workers Observability is ahead.</param>
public sealed class TelemetryEvent(GatewayState gateway, LogRow row, TimeSpan skew = default)
{
    /// <summary>The dataset of AI Gateway's events; the contract does not name it.</summary>
    public const string Dataset = "cloudflare-ai-gateway";

    private static readonly Dictionary<string, Func<TelemetryEvent, object?>> Known = new(StringComparer.Ordinal)
    {
        ["$metadata.id"] = e => e.Row.Id,
        ["$metadata.account"] = e => e.Gateway.AccountId,
        ["$metadata.cloudService"] = _ => "ai-gateway",
        ["$metadata.service"] = e => e.Gateway.Id,
        ["$metadata.type"] = _ => "cf-ai-gateway-event",
        ["$metadata.level"] = e => e.Row.Success ? "info" : "error",
        ["$metadata.message"] = e => $"{e.Row.Provider} {e.Row.Model} {e.Row.StatusCode}",
        ["$metadata.error"] = e => e.Row.Success ? null : $"{e.Row.Provider} answered {e.Row.StatusCode}",
        ["$metadata.requestId"] = e => e.Row.EventId ?? e.Row.Id,
        ["$metadata.statusCode"] = e => (double)e.Row.StatusCode,
        ["$metadata.cost"] = e => (double)e.Row.Cost,
        ["$metadata.duration"] = e => (double)e.Row.Duration,
        ["$metadata.startTime"] = e => (double)e.Time,
        ["$metadata.endTime"] = e => (double)(e.Time + e.Row.Duration),
        ["gateway"] = e => e.Gateway.Id,
        ["provider"] = e => e.Row.Provider,
        ["model"] = e => e.Row.Model,
        ["path"] = e => e.Row.Path,
        ["event_id"] = e => e.Row.EventId,
        ["user_agent"] = e => e.Row.UserAgent,
        ["success"] = e => e.Row.Success,
        ["cached"] = e => e.Row.Cached,
        ["wholesale"] = e => e.Row.Wholesale,
        ["byok"] = e => e.Row.Byok,
        ["status_code"] = e => (double)e.Row.StatusCode,
        ["step"] = e => (double)e.Row.Step,
        ["duration"] = e => (double)e.Row.Duration,
        ["tokens_in"] = e => (double?)e.Row.TokensIn,
        ["tokens_out"] = e => (double?)e.Row.TokensOut,
        ["cost"] = e => (double)e.Row.Cost,
        ["feedback"] = e => e.Row.Feedback,
        ["score"] = e => e.Row.Score,
    };

    private Dictionary<string, object?>? _metadata;

    public GatewayState Gateway => gateway;

    public LogRow Row => row;

    /// <summary>Milliseconds since 1970.</summary>
    public long Time => (row.CreatedAt + skew).ToUnixTimeMilliseconds();

    /// <summary>The keys that the event has a value for.</summary>
    public IEnumerable<string> Keys => Known.Keys.Where(key => Known[key](this) is not null).Concat(Metadata.Keys);

    /// <summary>string, double, bool, or null where the event has no such key.</summary>
    public object? this[string key] => Known.TryGetValue(key, out var read) ? read(this) : Metadata.GetValueOrDefault(key);

    private Dictionary<string, object?> Metadata => _metadata ??= row.Metadata is null
        ? []
        : JsonElement.Parse(row.Metadata).EnumerateObject().ToDictionary(member => $"metadata.{member.Name}", member => member.Value.ValueKind switch
        {
            JsonValueKind.Number => member.Value.GetDouble(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => (object?)member.Value.ToString(),
        }, StringComparer.Ordinal);

    public JsonObject ToJson()
    {
        var (metadata, source) = (new JsonObject(), new JsonObject());
        foreach (var key in Keys)
        {
            var indexed = key.StartsWith("$metadata.", StringComparison.Ordinal);
            (indexed ? metadata : source)[indexed ? key["$metadata.".Length..] : key] = Value(this[key]);
        }
        return new JsonObject { ["$metadata"] = metadata, ["dataset"] = Dataset, ["source"] = source, ["timestamp"] = Time };
    }

    public static JsonNode? Value(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        var number => JsonValue.Create((double)number),
    };

    public static string TypeOf(object value) => value switch { string => "string", bool => "boolean", _ => "number" };
}
