using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>What an element of a dynamic route must look like, each kind for itself (contract section 5.1). How they hang together is the graph's matter.</summary>
public static partial class RouteElementShape
{
    private const int MaxShares = 5;

    private static readonly Shape Edge = ObjectOf(new Member("elementId", Text(1), Required: true));

    private static readonly Shape Model = ObjectOf(
        new Member("provider", Text(1), Required: true),
        new Member("model", Text(1), Required: true),
        new Member("timeout", NumberBetween(0, int.MaxValue), Required: true),
        new Member("retries", Integer(0), Required: true));

    private static readonly Shape NoOutputs = ObjectOf().And((value, path, errors) =>
    {
        if (value.EnumerateObject().Any())
            errors.Add(ApiError.Invalid(path, "An end has no outputs"));
    });

    public static Shape Of(Assumptions assumptions)
    {
        var choice = ObjectOf(new Member("success", Edge, Required: true), new Member("fallback", Edge, Required: !assumptions.ShortRouteElements));
        var kinds = new Dictionary<string, Shape>
        {
            ["start"] = Element("start", ObjectOf(new Member("next", Edge, Required: true))),
            ["conditional"] = Element(
                "conditional",
                ObjectOf(new Member("true", Edge, Required: true), new Member("false", Edge, Required: true)),
                new Member("properties", Conditional(assumptions), Required: true)),
            ["percentage"] = Element("percentage", MapOf(Edge).And(CheckShares)),
            ["rate"] = Element("rate", choice, new Member("properties", Rate("window"), Required: true)),
            ["model"] = Element("model", choice, new Member("properties", Model, Required: true)),
            ["end"] = ObjectOf(Id, TypeIs("end"), new Member("outputs", NoOutputs, Required: !assumptions.ShortRouteElements)),
        };
        if (assumptions.OldRouteVocabulary)
            kinds["rate_limit"] = Element("rate_limit", choice, new Member("properties", Rate("interval"), Required: true));
        var anyKind = ObjectOf(Id, new Member("type", OneOf([.. kinds.Keys]), Required: true));
        return new Shape(
            () => new JsonObject { ["anyOf"] = new JsonArray([.. kinds.Values.Select(kind => kind.Schema)]) },
            (element, path, errors) => (KindOf(element) is { } kind && kinds.TryGetValue(kind, out var shape) ? shape : anyKind).Check(element, path, errors));
    }

    /// <summary>The condition of a conditional's properties: an object with no member where it has none.</summary>
    public static JsonElement ConditionOf(JsonElement properties, Assumptions assumptions) =>
        properties.TryGetProperty(ConditionName(properties, assumptions), out var condition) ? condition : JsonElement.Parse("{}");

    /// <summary>The share that an output is named by, or null: `10%`, `12.5%`.</summary>
    public static double? Percent(string output) =>
        PercentFormat().IsMatch(output) ? double.Parse(output.AsSpan(0, output.Length - 1), CultureInfo.InvariantCulture) : null;

    private static Member Id { get; } = new("id", Text(1), Required: true);

    private static Member TypeIs(string type) => new("type", OneOf(type), Required: true);

    private static Shape Element(string type, Shape outputs, params Member[] more) => ObjectOf([Id, TypeIs(type), new Member("outputs", outputs, Required: true), .. more]);

    private static string? KindOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static Shape Rate(string window) => ObjectOf(
        new Member("limitType", OneOf("count", "cost"), Required: true),
        new Member("key", Text(1), Required: true),
        new Member("limit", NumberBetween(0, int.MaxValue), Required: true),
        new Member(window, Positive, Required: true),
        new Member("technique", OneOf("fixed", "sliding")));

    private static Shape Conditional(Assumptions assumptions) => ObjectOf().And((properties, path, errors) =>
        new RouteConditionReader(assumptions.UnknownRouteOperators).Read(ConditionOf(properties, assumptions), path[ConditionName(properties, assumptions)], errors));

    private static string ConditionName(JsonElement properties, Assumptions assumptions) =>
        assumptions.OldRouteVocabulary && !properties.TryGetProperty("conditions", out _) ? "condition" : "conditions";

    private static void CheckShares(JsonElement outputs, FieldPath path, List<ApiError> errors)
    {
        var shares = new List<double>();
        var known = errors.Count;
        foreach (var output in outputs.EnumerateObject().Where(output => output.Name != "else"))
        {
            if (Percent(output.Name) is { } percent)
                shares.Add(percent);
            else
                errors.Add(ApiError.Invalid(path[output.Name], "Expected a percentage such as '10%', or 'else'"));
        }
        if (errors.Count > known)
            return;
        var hasElse = outputs.TryGetProperty("else", out _);
        // Sums of fractions are a little off.
        var total = Math.Round(shares.Sum(), 6);
        if (shares.Count > MaxShares)
            errors.Add(ApiError.Invalid(path, $"At most {MaxShares} percentages and 'else'"));
        if (total > 100 || (total < 100 && !hasElse))
        {
            var rule = hasElse ? "at most 100 %" : "100 % where there is no 'else'";
            errors.Add(ApiError.Invalid(path, $"Percentages total {total.ToString(CultureInfo.InvariantCulture)} % and must total {rule}"));
        }
    }

    [GeneratedRegex(@"^[0-9]{1,3}(?:\.[0-9]{1,6})?%$", RegexOptions.NonBacktracking)]
    private static partial Regex PercentFormat();
}
