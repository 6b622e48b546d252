using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// The graph of a dynamic route as its elements by id, each in one spelling: the order of a graph's elements says nothing, `rate_limit`, `interval` and `condition` are the older words for
/// `rate`, `window` and `conditions`, and a missing fallback leads to the end. Source: Cloudflare contract, section 5.1.
/// </summary>
public static class RouteElements
{
    private const string CustomPrefix = "custom-";

    /// <summary>Elements without an id, or with one that is taken, are named by their place (`#2`).</summary>
    public static IReadOnlyDictionary<string, FieldValue> Of(JsonArray? elements)
    {
        var byId = new SortedDictionary<string, FieldValue>(StringComparer.Ordinal);
        if (elements is null)
        {
            return byId;
        }

        var end = EndOf(elements);
        for (var index = 0; index < elements.Count; index++)
        {
            var element = elements[index] as JsonObject;
            var value = new FieldValue(CanonicalJson.Of(element is null ? elements[index] : Element(element, end)));
            if (Text(element?["id"]) is not { } id || !byId.TryAdd(id, value))
            {
                byId.Add($"#{index}", value);
            }
        }

        return byId;
    }

    /// <summary>Whether two graphs are one text.</summary>
    public static bool Same(IReadOnlyDictionary<string, FieldValue> one, IReadOnlyDictionary<string, FieldValue> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }

        foreach (var (id, element) in one)
        {
            if (!other.TryGetValue(id, out var there) || there != element)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What is there, without the members that <paramref name="wanted"/> does not speak of: they are another's, and no difference.</summary>
    public static IReadOnlyDictionary<string, FieldValue> SpokenOf(IReadOnlyDictionary<string, FieldValue> live, IReadOnlyDictionary<string, FieldValue> wanted) => live.ToDictionary(
        element => element.Key,
        element => !wanted.TryGetValue(element.Key, out var other) || other == element.Value || element.Value.ToNode() is not JsonObject there || other.ToNode() is not JsonObject said
            ? element.Value
            : new FieldValue(CanonicalJson.Of(Spoken(there, said))));

    /// <summary>The graph to be written: as <paramref name="wanted"/> says, with what <paramref name="live"/> has besides.</summary>
    public static JsonArray Merged(IReadOnlyDictionary<string, FieldValue> live, IReadOnlyDictionary<string, FieldValue> wanted) => new([.. wanted.Select(element =>
        live.TryGetValue(element.Key, out var other) && other.ToNode() is JsonObject there && element.Value.ToNode() is JsonObject said && JsonNode.DeepEquals(there["type"], said["type"])
            ? Merged(there, said)
            : element.Value.ToNode())]);

    /// <summary>Slugs, without `custom-`, of the account's custom providers that the graph calls.</summary>
    public static IEnumerable<string> CustomProviders(IEnumerable<JsonNode?> elements) =>
        from element in elements.OfType<JsonObject>()
        let provider = Text((element["properties"] as JsonObject)?["provider"])
        where provider?.StartsWith(CustomPrefix, StringComparison.Ordinal) == true
        select provider[CustomPrefix.Length..];

    public static IEnumerable<string> CustomProviders(IReadOnlyDictionary<string, FieldValue> elements) =>
        CustomProviders(elements.Values.Where(element => element.Json.Contains(CustomPrefix, StringComparison.Ordinal)).Select(element => element.ToNode()));

    // Which of several ends a missing fallback leads to says nothing: any of them ends the route.
    private static string? EndOf(JsonArray elements)
    {
        string? first = null;
        foreach (var node in elements)
        {
            if (node is JsonObject element && Text(element["type"]) == "end" && Text(element["id"]) is { } id && (first is null || string.CompareOrdinal(id, first) < 0))
            {
                first = id;
            }
        }

        return first;
    }

    private static JsonObject Element(JsonObject received, string? end)
    {
        var (properties, outputs) = (received["properties"] as JsonObject, received["outputs"] as JsonObject);
        var type = Text(received["type"]);
        var isPresent = type switch
        {
            "rate" => properties is not null && !properties.ContainsKey("interval") && properties.ContainsKey("limitType") && (end is null || outputs?.ContainsKey("fallback") != false),
            "model" => end is null || outputs?.ContainsKey("fallback") != false,
            "conditional" => properties?.ContainsKey("condition") != true,
            "end" => received.ContainsKey("outputs"),
            _ => type != "rate_limit",
        };
        return isPresent ? received : Translated(received.DeepClone().AsObject(), type, end);
    }

    private static JsonObject Translated(JsonObject element, string? type, string? end)
    {
        var properties = element["properties"] as JsonObject;
        switch (type)
        {
            case "rate" or "rate_limit":
                element["type"] = "rate";
                Rename(properties, "interval", "window");
                properties?.TryAdd("limitType", "count");
                LeadToEnd(element, end);
                break;
            case "conditional":
                Rename(properties, "condition", "conditions");
                break;
            case "model":
                LeadToEnd(element, end);
                break;
            case "end":
                element.TryAdd("outputs", new JsonObject());
                break;
        }

        return element;
    }

    private static void Rename(JsonObject? members, string from, string to)
    {
        if (members is not null && members.Remove(from, out var value))
        {
            members.TryAdd(to, value);
        }
    }

    private static void LeadToEnd(JsonObject element, string? end)
    {
        if (end is not null && element["outputs"] is JsonObject outputs)
        {
            outputs.TryAdd("fallback", new JsonObject { ["elementId"] = end });
        }
    }

    private static JsonObject Spoken(JsonObject live, JsonObject wanted)
    {
        var spoken = new JsonObject();
        foreach (var (name, value) in live)
        {
            switch (name)
            {
                // Edges and conditions are the graph itself: one too many is a difference.
                case "outputs" when value is JsonObject edges:
                    spoken[name] = new JsonObject(edges.Select(edge => KeyValuePair.Create(edge.Key, (JsonNode?)(edge.Value is JsonObject target ? new JsonObject { ["elementId"] = target["elementId"]?.DeepClone() } : edge.Value?.DeepClone()))));
                    break;
                case "properties" when value is JsonObject there && wanted[name] is JsonObject said:
                    spoken[name] = new JsonObject(there.Where(property => said.ContainsKey(property.Key)).Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
                    break;
                case var _ when wanted.ContainsKey(name):
                    spoken[name] = value?.DeepClone();
                    break;
            }
        }

        return spoken;
    }

    private static JsonObject Merged(JsonObject live, JsonObject wanted)
    {
        foreach (var (name, value) in wanted)
        {
            switch (name)
            {
                case "outputs" when live[name] is JsonObject edges && value is JsonObject said:
                    foreach (var gone in edges.Select(edge => edge.Key).Where(edge => !said.ContainsKey(edge)).ToList())
                    {
                        edges.Remove(gone);
                    }

                    foreach (var (output, target) in said)
                    {
                        if (edges[output] is JsonObject edge && target is JsonObject to)
                        {
                            edge["elementId"] = to["elementId"]?.DeepClone();
                        }
                        else
                        {
                            edges[output] = target?.DeepClone();
                        }
                    }

                    break;
                case "properties" when live[name] is JsonObject properties && value is JsonObject said:
                    foreach (var (property, to) in said)
                    {
                        properties[property] = to?.DeepClone();
                    }

                    break;
                default:
                    live[name] = value?.DeepClone();
                    break;
            }
        }

        return live;
    }

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
