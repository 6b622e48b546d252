using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>Elements to and from JSON. Written in the SDK's vocabulary; the older one of the documents (`rate_limit`, `interval`, `condition`) is read as well.</summary>
internal static class RouteElementText
{
    public static RouteElement Read(JsonElement element)
    {
        var (id, type) = (element.Text("id") ?? "", element.Text("type") ?? "");
        var read = type switch
        {
            "start" => Target(element, "next") is { } next ? new StartElement(id, next) : null,
            "conditional" => Conditional(element, id),
            "percentage" => Percentage(element, id),
            "rate" or "rate_limit" => Rate(element, id),
            "model" => Model(element, id),
            "end" => new EndElement(id),
            _ => (RouteElement?)null,
        };
        return (read ?? new OtherElement(id, type)) with { Received = element.Fields() };
    }

    /// <summary>`end` is where a missing fallback leads; null leaves it out.</summary>
    public static JsonObject Write(RouteElement element, string? end)
    {
        var text = element.Received.DeepClone().AsObject();
        if (element is OtherElement) return text;
        Set(text, "id", element.Id);
        switch (element)
        {
            case StartElement start:
                Set(text, "type", "start");
                Lead(text, ("next", start.Next));
                break;
            case ConditionalElement conditional:
                Set(text, "type", "conditional");
                var conditions = Below(text, "properties");
                conditions.Remove("condition");
                Set(conditions, "conditions", conditional.Conditions.DeepClone());
                Lead(text, ("true", conditional.WhenTrue), ("false", conditional.WhenFalse));
                break;
            case PercentageElement percentage:
                Set(text, "type", "percentage");
                foreach (var gone in Below(text, "outputs").Select(edge => edge.Key).Except(percentage.Shares.Keys).ToList()) Below(text, "outputs").Remove(gone);
                Lead(text, [.. percentage.Shares.Select(share => (share.Key, (string?)share.Value))]);
                break;
            case RateElement rate:
                Set(text, "type", "rate");
                var limit = Below(text, "properties");
                limit.Remove("interval");
                Set(limit, "limitType", rate.LimitType);
                Set(limit, "key", rate.Key);
                Set(limit, "limit", rate.Limit);
                Set(limit, "window", (long)rate.Window.TotalSeconds);
                Lead(text, ("success", rate.Success), ("fallback", rate.Fallback ?? end));
                break;
            case ModelElement model:
                Set(text, "type", "model");
                var call = Below(text, "properties");
                Set(call, "provider", model.Provider);
                Set(call, "model", model.Model);
                Set(call, "timeout", (long)model.Timeout.TotalMilliseconds);
                Set(call, "retries", model.Retries);
                Lead(text, ("success", model.Success), ("fallback", model.Fallback ?? end));
                break;
            default:
                Set(text, "type", "end");
                Below(text, "outputs");
                break;
        }
        return text;
    }

    private static ConditionalElement? Conditional(JsonElement element, string id)
    {
        var properties = element.Member("properties");
        var conditions = properties.Member("conditions") is { ValueKind: JsonValueKind.Object } found ? found : properties.Member("condition");
        return conditions.ValueKind == JsonValueKind.Object && Target(element, "true") is { } whenTrue && Target(element, "false") is { } whenFalse
            ? new(id, conditions.Fields(), whenTrue, whenFalse)
            : null;
    }

    private static PercentageElement? Percentage(JsonElement element, string id)
    {
        if (element.Member("outputs") is not { ValueKind: JsonValueKind.Object } outputs) return null;
        var shares = outputs.EnumerateObject().ToDictionary(edge => edge.Name, edge => edge.Value.Text("elementId"));
        return shares.Values.All(target => target is not null) ? new(id, shares!) : null;
    }

    private static RateElement? Rate(JsonElement element, string id)
    {
        var properties = element.Member("properties");
        var window = properties.Whole("window") ?? properties.Whole("interval");
        return properties.Text("key") is { } key && properties.Decimal("limit") is { } limit && window is { } seconds and > 0 and <= int.MaxValue && Target(element, "success") is { } success
            ? new(id, properties.Text("limitType") ?? "count", key, limit, TimeSpan.FromSeconds(seconds), success, Target(element, "fallback"))
            : null;
    }

    private static ModelElement? Model(JsonElement element, string id)
    {
        var properties = element.Member("properties");
        return properties.Text("provider") is { } provider && properties.Text("model") is { } model && properties.Whole("timeout") is { } timeout and >= 0 and <= int.MaxValue
            && properties.Whole("retries") is { } retries and >= 0 and <= int.MaxValue && Target(element, "success") is { } success
            ? new(id, provider, model, TimeSpan.FromMilliseconds(timeout), (int)retries, success, Target(element, "fallback"))
            : null;
    }

    private static string? Target(JsonElement element, string output) => element.Member("outputs").Member(output).Text("elementId");

    private static void Lead(JsonObject element, params IReadOnlyList<(string Output, string? Target)> edges)
    {
        var outputs = Below(element, "outputs");
        foreach (var (output, target) in edges)
        {
            if (target is null) outputs.Remove(output);
            else Set(Below(outputs, output), "elementId", target);
        }
    }

    private static JsonObject Below(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject found) return found;
        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    // What did not change keeps its text.
    private static void Set(JsonObject parent, string name, JsonNode value)
    {
        if (!JsonNode.DeepEquals(parent[name], value)) parent[name] = value;
    }
}
