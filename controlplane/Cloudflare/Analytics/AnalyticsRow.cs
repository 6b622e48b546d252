using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Analytics;

/// <summary>One group: what was asked for, by name. Dimensions are texts, numbers among them too.</summary>
public sealed record AnalyticsRow(
    long? Count, IReadOnlyDictionary<string, decimal> Sums, IReadOnlyDictionary<string, decimal> Quantiles, IReadOnlyDictionary<string, decimal> Maxima, IReadOnlyDictionary<string, string> Dimensions)
{
    internal static AnalyticsRow Read(JsonElement element) => new(
        element.Whole("count"), Numbers(element, "sum"), Numbers(element, "quantiles"), Numbers(element, "max"),
        Members(element, "dimensions").ToDictionary(member => member.Name, member => member.Value.ToString()));

    private static Dictionary<string, decimal> Numbers(JsonElement element, string name) =>
        Members(element, name).Where(member => element.Member(name).Decimal(member.Name) is not null).ToDictionary(member => member.Name, member => element.Member(name).RequiredDecimal(member.Name));

    private static IEnumerable<JsonProperty> Members(JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject() : [];
}

/// <summary>What this account may ask of a dataset: how far back, over how long, how many groups and fields at once.</summary>
public sealed record DatasetSettings(bool Enabled, TimeSpan? NotOlderThan, TimeSpan? MaxDuration, long? MaxPageSize, long? MaxNumberOfFields, IReadOnlyList<string> AvailableFields)
{
    internal static DatasetSettings Read(JsonElement element) => new(
        element.Flag("enabled") ?? throw new JsonException("`enabled` is missing"), Seconds(element, "notOlderThan"), Seconds(element, "maxDuration"),
        element.Whole("maxPageSize"), element.Whole("maxNumberOfFields"), element.Texts("availableFields"));

    private static TimeSpan? Seconds(JsonElement element, string name) => element.Whole(name) is { } seconds and >= 0 and <= int.MaxValue ? TimeSpan.FromSeconds(seconds) : null;
}
