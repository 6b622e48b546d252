using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Http;

/// <summary>Reads members that may be missing, null or of the other type that Cloudflare's documents and its live answers disagree about.</summary>
internal static class JsonMembers
{
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>What a caller of the gateway chose: see <see cref="JsonTexts"/>.</summary>
    public static string? CallersText(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? JsonTexts.Of(text) : null;

    public static string RequiredText(this JsonElement element, string name) =>
        element.Text(name) is { Length: > 0 } text ? text : throw new JsonException($"`{name}` is missing");

    public static long? Whole(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) && Math.Abs(value) < long.MaxValue ? (long)value : null;

    public static decimal RequiredDecimal(this JsonElement element, string name) => element.Decimal(name) ?? throw new JsonException($"`{name}` is missing");

    public static decimal? Decimal(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) ? value : null;

    /// <summary>true, false, 1, 0, or either as a string.</summary>
    public static bool? Flag(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText() switch { "1" => true, "0" => false, _ => null },
        { ValueKind: JsonValueKind.String } text => text.GetString() switch { "true" or "1" => true, "false" or "0" => false, _ => null },
        _ => null,
    };

    /// <summary>An RFC 3339 text, or unix time: in seconds, or in milliseconds where seconds would be beyond the year 5000.</summary>
    public static DateTimeOffset? Time(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } text when text.TryGetDateTimeOffset(out var time) => time,
        { ValueKind: JsonValueKind.Number } when element.Whole(name) is { } seconds and >= 0 and < 100_000_000_000 => DateTimeOffset.FromUnixTimeSeconds(seconds),
        { ValueKind: JsonValueKind.Number } when element.Whole(name) is { } milliseconds and > 0 and < 100_000_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
        _ => null,
    };

    /// <summary>Empty when the member is no array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>The strings of an array, in its order.</summary>
    public static IReadOnlyList<string> Texts(this JsonElement element, string name) =>
        [.. element.Items(name).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    /// <summary>The whole object as received: unknown members and the texts of numbers stay.</summary>
    public static JsonObject Fields(this JsonElement element) => JsonObject.Create(element) ?? throw new JsonException("no object");
}
