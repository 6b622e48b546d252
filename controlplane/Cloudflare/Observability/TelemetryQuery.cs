using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Observability;

/// <summary>
/// A condition on events. `Operation` is eq, neq, gt, gte, lt, lte, includes, not_includes, starts_with, ends_with, regex, exists, is_null, in or not_in; the value is a
/// string, a number or a boolean, and none for exists and is_null.
/// </summary>
public sealed record TelemetryFilter(string Key, string Operation, JsonValue? Value = null)
{
    internal JsonObject ToJson()
    {
        var filter = new JsonObject { ["key"] = Key, ["operation"] = Operation, ["type"] = Type };
        if (Value is not null) filter["value"] = Value.DeepClone();
        return filter;
    }

    private string Type => Value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number => "number",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
        _ => "string",
    };
}

/// <summary>A number over events, as `new("p99", "$metadata.duration")`. `count` needs no key; the key's type is number unless it says otherwise.</summary>
public sealed record TelemetryCalculation(string Operator, string? Key = null, string? Alias = null)
{
    public string KeyType { get; init; } = "number";

    internal JsonObject ToJson()
    {
        var calculation = new JsonObject { ["operator"] = Operator };
        if (Key is not null)
        {
            calculation["key"] = Key;
            calculation["keyType"] = KeyType;
        }
        if (Alias is not null) calculation["alias"] = Alias;
        return calculation;
    }
}

/// <summary>
/// What to ask of the events from `From` until `Until`, which all the filters hold for, or any of them. `Datasets` empty leaves it to
/// <see cref="Assumptions.TelemetryDatasets"/>.
/// </summary>
public sealed record TelemetryQuery(DateTimeOffset From, DateTimeOffset Until)
{
    // Any name does for a query that is not saved.
    private const string AdHoc = "gatewayops";

    public IReadOnlyList<string> Datasets { get; init; } = [];
    public IReadOnlyList<TelemetryFilter> Filters { get; init; } = [];
    public bool AnyFilter { get; init; }

    /// <summary>Text to look for in every field, without regard to case.</summary>
    public string? Search { get; init; }
    public IReadOnlyList<TelemetryCalculation> Calculations { get; init; } = [];

    /// <summary>Fields to group calculations by, each taken as text.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>Events of one page, or groups.</summary>
    public int Limit { get; init; } = 100;

    internal JsonObject ToJson(string view, string? offset, Assumptions assumptions)
    {
        var parameters = new JsonObject
        {
            ["datasets"] = new JsonArray([.. (Datasets.Count > 0 ? Datasets : assumptions.TelemetryDatasets).Select(name => (JsonNode)name)]),
            ["filterCombination"] = AnyFilter ? "or" : "and",
            ["filters"] = new JsonArray([.. Filters.Select(filter => filter.ToJson())]),
        };
        if (Search is not null) parameters["needle"] = new JsonObject { ["value"] = Search };
        if (Calculations.Count > 0) parameters["calculations"] = new JsonArray([.. Calculations.Select(calculation => calculation.ToJson())]);
        if (GroupBy.Count > 0) parameters["groupBys"] = new JsonArray([.. GroupBy.Select(field => new JsonObject { ["type"] = "string", ["value"] = field })]);
        var query = new JsonObject
        {
            ["queryId"] = AdHoc,
            ["timeframe"] = new JsonObject { ["from"] = From.ToUnixTimeMilliseconds(), ["to"] = Until.ToUnixTimeMilliseconds() },
            ["view"] = view,
            ["dry"] = true,
            ["limit"] = Limit,
            ["parameters"] = parameters,
        };
        if (offset is not null) query["offset"] = offset;
        return query;
    }
}
