using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Logs;

/// <summary>
/// One condition on entries; several are all to hold. `Key` is a field (`provider`, `tokens_in`, `metadata.key`, `metadata.value`, `dlp_action`…), `Operator` one of
/// eq, neq, contains, lt, gt; a value is a string, a number, a boolean or null, and one of several is enough. Source: Cloudflare contract, section 3.
/// </summary>
public sealed record LogFilter(string Key, string Operator, params IReadOnlyList<JsonValue?> Values)
{
    public static LogFilter After(DateTimeOffset time) => new("created_at", "gt", JsonValue.Create(Text(time)));

    public static LogFilter Before(DateTimeOffset time) => new("created_at", "lt", JsonValue.Create(Text(time)));

    public static LogFilter Is(string key, params IReadOnlyList<string> values) => new(key, "eq", [.. values.Select(value => JsonValue.Create(value))]);

    internal JsonObject ToJson() => new()
    {
        ["key"] = Key,
        ["operator"] = Operator,
        ["value"] = new JsonArray([.. Values.Select(value => value?.DeepClone())]),
    };

    internal static LogFilter Read(JsonElement element) => new(
        element.Text("key") ?? "", element.Text("operator") ?? "", [.. element.Items("value").Select(value => JsonValue.Create(value))]);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
}
