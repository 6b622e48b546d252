using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>Reads the `elements` of a dynamic route into a graph, or says by path what is wrong with them (contract section 5.1).</summary>
public sealed class RouteGraphReader(EmulatorOptions options)
{
    // Beyond them a window never ends and a timer cannot be set.
    private const double LongestWindowSeconds = 100d * 366 * 86_400;
    private const double LongestTimeoutMilliseconds = int.MaxValue;

    private readonly Shape _elements = Shapes.ArrayOf(RouteElementShape.Of(options.Assumptions), minimum: 1);

    /// <summary>`elements` as a member of a body.</summary>
    public Member Elements => new("elements", new Shape(() => _elements.Schema, (value, path, errors) => Read(value, path, errors)), Required: true);

    /// <summary>The graph. Null, with errors, when an element or the graph breaks a rule; null without errors when such graphs are kept.</summary>
    public RouteGraph? Read(JsonElement elements, FieldPath path, List<ApiError> errors)
    {
        var known = errors.Count;
        _elements.Check(elements, path, errors);
        if (errors.Count > known)
            return null;
        RouteElement[] read = [.. elements.EnumerateArray().Select(Element)];
        ApiError[] broken = [.. RouteGraphRules.Check(read, path)];
        if (!options.Assumptions.KeepsInvalidRouteGraphs)
            errors.AddRange(broken);
        return broken.Length == 0 ? new RouteGraph(read) : null;
    }

    private RouteElement Element(JsonElement element)
    {
        var id = element.GetProperty("id").GetString()!;
        var properties = element.TryGetProperty("properties", out var given) ? given : default;
        return element.GetProperty("type").GetString() switch
        {
            "start" => new StartElement(id, Edge(element, "next")!),
            "conditional" => new ConditionalElement(id, Condition(properties), Edge(element, "true")!, Edge(element, "false")!),
            "percentage" => new PercentageElement(
                id,
                [.. element.GetProperty("outputs").EnumerateObject().Where(output => output.Name != "else").Select(output => new RouteShare(
                    output.Name, RouteElementShape.Percent(output.Name)!.Value, Edge(element, output.Name)!))],
                Edge(element, "else")),
            "model" => new ModelElement(
                id,
                properties.GetProperty("provider").GetString()!,
                properties.GetProperty("model").GetString()!,
                TimeSpan.FromMilliseconds(Math.Min(properties.GetProperty("timeout").GetDouble(), LongestTimeoutMilliseconds)),
                (int)properties.GetProperty("retries").GetDouble(),
                Edge(element, "success")!,
                Edge(element, "fallback")),
            "end" => new EndElement(id),
            var limit => Rate(id, element, properties, limit == "rate_limit" ? "interval" : "window"),
        };
    }

    private RouteCondition Condition(JsonElement properties) => new RouteConditionReader(unknownOperators: true)
        .Read(RouteElementShape.ConditionOf(properties, options.Assumptions), FieldPath.Body, []);

    private static RateElement Rate(string id, JsonElement element, JsonElement properties, string window) => new(
        id,
        properties.GetProperty("limitType").ValueEquals("cost") ? RouteLimitType.Cost : RouteLimitType.Count,
        properties.GetProperty("key").GetString()!,
        properties.GetProperty("limit").GetDouble(),
        TimeSpan.FromSeconds(Math.Min(properties.GetProperty(window).GetDouble(), LongestWindowSeconds)),
        properties.TryGetProperty("technique", out var technique) ? technique.ValueEquals("sliding") ? RateLimitTechnique.Sliding : RateLimitTechnique.Fixed : null,
        Edge(element, "success")!,
        Edge(element, "fallback"));

    private static string? Edge(JsonElement element, string output) =>
        element.GetProperty("outputs").TryGetProperty(output, out var edge) ? edge.GetProperty("elementId").GetString() : null;
}
