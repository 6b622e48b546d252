using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.Management;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>The bodies of the telemetry operations (npm cloudflare 7.3: workers.observability.telemetry).</summary>
public static class TelemetryShape
{
    private const double LatestTime = 253_402_300_799_999; // the year 9999 in milliseconds

    private static readonly Shape ValueType = OneOf("string", "number", "boolean");
    private static readonly Shape Combination = OneOf("and", "or", "AND", "OR");

    private static readonly Shape Timeframe = ObjectOf(new Member("from", Integer(0, LatestTime), Required: true), new Member("to", Integer(0, LatestTime), Required: true))
        .And((value, path, errors) =>
        {
            if (value.GetProperty("from").GetDouble() >= value.GetProperty("to").GetDouble())
                errors.Add(ApiError.Invalid(path, "'from' must be earlier than 'to'"));
        });

    private static readonly Shape Needle = ObjectOf(new Member("value", Shapes.Scalar, Required: true), new Member("isRegex", Flag), new Member("matchCase", Flag))
        .And((value, path, errors) =>
        {
            if (value.TryGetProperty("isRegex", out var regex) && regex.ValueKind == JsonValueKind.True)
                CheckRegex(value.GetProperty("value"), path["value"], errors);
        });

    private static readonly Shape Leaf = ObjectOf(
        new Member("key", Text(1), Required: true),
        new Member("operation", OneOf([.. TelemetryFilter.Names]), Required: true),
        new Member("type", ValueType, Required: true),
        new Member("kind", OneOf("filter")),
        new Member("value", Shapes.Scalar))
        .And((value, path, errors) =>
        {
            if (value.GetProperty("operation").GetString() is "regex" or "MATCH_REGEX")
                CheckRegex(value.TryGetProperty("value", out var pattern) ? pattern : default, path["value"], errors);
        });

    private static readonly Member[] Filters = [new("filters", ArrayOf(Filter(depth: 1))), new("filterCombination", Combination), new("needle", Needle)];

    private static readonly Shape Calculation = ObjectOf(
        new Member("operator", OneOf([.. Telemetry.Calculation.Operators, "COUNT_DISTINCT", .. Telemetry.Calculation.Operators.Select(name => name.ToUpperInvariant())]), Required: true),
        new Member("key", Text()),
        new Member("keyType", ValueType),
        new Member("alias", Text()))
        .And((value, path, errors) =>
        {
            if (!value.GetProperty("operator").GetString()!.Equals("count", StringComparison.OrdinalIgnoreCase) && !value.TryGetProperty("key", out _))
                errors.Add(ApiError.Invalid(path["key"], "Required"));
        });

    public static Shape Query { get; } = ObjectOf(
        new Member("queryId", Text(1), Required: true),
        new Member("timeframe", Timeframe, Required: true),
        new Member("view", OneOf("traces", "events", "calculations", "invocations", "requests", "agents")),
        new Member("limit", Integer(1, 2000)),
        new Member("offset", Text()),
        new Member("offsetBy", Integer(0)),
        new Member("offsetDirection", OneOf("next", "prev")),
        new Member("granularity", Integer(1, 2000)),
        new Member("chartType", OneOf("timeseries_and_aggregate", "timeseries", "aggregate")),
        new Member("chart", Flag),
        new Member("compare", Flag),
        new Member("dry", Flag),
        new Member("ignoreSeries", Flag),
        new Member("parameters", ObjectOf([
            .. Filters,
            new("datasets", ArrayOf(Text())),
            new("calculations", ArrayOf(Calculation)),
            new("groupBys", ArrayOf(ObjectOf(new Member("type", ValueType, Required: true), new Member("value", Text(1), Required: true)))),
            new("havings", ArrayOf(ObjectOf(
                new Member("key", Text(1), Required: true),
                new Member("operation", OneOf("eq", "neq", "gt", "gte", "lt", "lte"), Required: true),
                new Member("value", NumberBetween(double.MinValue, double.MaxValue), Required: true)))),
            new("orderBy", ObjectOf(new Member("value", Text(1), Required: true), new Member("order", OneOf("asc", "desc")))),
            new("limit", Integer(1, 2000))])));

    public static Shape Keys { get; } = ObjectOf([
        .. Filters,
        new("datasets", ArrayOf(Text())),
        new("from", Integer(0, LatestTime)),
        new("to", Integer(0, LatestTime)),
        new("keyNeedle", Needle),
        new("limit", Integer(1, 1000))]);

    public static Shape Values { get; } = ObjectOf([
        .. Filters,
        new("datasets", ArrayOf(Text()), Required: true),
        new("key", Text(1), Required: true),
        new("type", ValueType, Required: true),
        new("timeframe", Timeframe, Required: true),
        new("limit", Integer(1, 1000))]);

    private static Shape Filter(int depth) => depth > TelemetryFilter.MostDepth ? Leaf : Either(
        value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("filters", out _),
        ObjectOf(
            new Member("kind", OneOf("group"), Required: true),
            new Member("filterCombination", Combination, Required: true),
            new Member("filters", ArrayOf(Filter(depth + 1)), Required: true)),
        Leaf);

    // RE2 and .NET's own engine without backtracking refuse the same things: look-around and back references.
    private static void CheckRegex(JsonElement pattern, FieldPath path, List<ApiError> errors)
    {
        try
        {
            _ = new Regex(pattern.ToString(), RegexOptions.NonBacktracking);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            errors.Add(ApiError.Invalid(path, "Invalid regular expression"));
        }
    }
}
