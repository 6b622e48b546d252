using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Observability;

/// <summary>
/// One event. `Metadata` are the fields that Cloudflare takes out of it and indexes (`provider`, `cost`, `duration` in ms, `statusCode`…), `Source` is the event itself:
/// an object, or a text. It may hold prompts, so it is not part of ToString.
/// </summary>
public sealed record TelemetryEvent(string Id, DateTimeOffset Time, string Dataset, JsonObject Metadata, JsonNode? Source)
{
    internal static TelemetryEvent Read(JsonElement element) => new(
        element.Member("$metadata").RequiredText("id"), element.Time("timestamp") ?? throw new JsonException("`timestamp` is missing"), element.Text("dataset") ?? "",
        element.Member("$metadata").Fields(), JsonNode.Parse(element.Member("source") is { ValueKind: not JsonValueKind.Undefined } source ? JsonTexts.Whole(source.GetRawText()) : "null"));

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Time = {Time:O}, Dataset = {Dataset}");
        return true;
    }
}

/// <summary>One group's number: how many events it is made of, and which values of the grouping fields it has.</summary>
public sealed record TelemetryGroup(decimal Value, long Count, IReadOnlyDictionary<string, string> Groups)
{
    internal static TelemetryGroup Read(JsonElement element) => new(
        element.RequiredDecimal("value"), element.Whole("count") ?? 0, element.Items("groups").ToDictionary(group => group.RequiredText("key"), group => group.Member("value").ToString()));
}

/// <summary>A calculation's result over the whole time, by group.</summary>
public sealed record TelemetryResult(string Calculation, string? Alias, IReadOnlyList<TelemetryGroup> Groups)
{
    internal static TelemetryResult Read(JsonElement element) => new(element.Text("calculation") ?? "", element.Text("alias"), [.. element.Items("aggregates").Select(TelemetryGroup.Read)]);
}
