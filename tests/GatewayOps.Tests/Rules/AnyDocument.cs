using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Pick = FsCheck.Fluent.Gen;

namespace GatewayOps.Tests.Rules;

/// <summary>Random valid rule sets; every name that the document may hold occurs (AnyDocumentTests).</summary>
internal static class AnyDocument
{
    private static readonly Gen<JsonNode> Flag = from flag in Pick.Elements(true, false) select (JsonNode)flag;

    private static readonly Gen<JsonNode> Timeout = Whole(1, 600_000);

    private static readonly Gen<JsonNode> Cache = Object(
        ("enabled", Flag, true), ("ttl", Whole(60, 2_592_000), false), ("key", Pick.Constant(0).Select(_ => (JsonNode)new JsonArray("model", "messages")), false), ("share", Flag, false));

    private static readonly Gen<JsonNode> Match = Object(
        ("model", Text("gpt-*", "claude-*", "*"), false),
        ("provider", Text("openai", "xai", "open*", "custom-a", "c*"), false),
        ("method", Text("POST", "P*"), false),
        ("key", Text("team-a", "team-*"), false),
        ("metadata", Object(("plan", Text("free", "*"), false), ("7", Text("7"), false)), false),
        ("header", Object(("x-team", Text("core", "c*"), false)), false));

    private static readonly Gen<JsonNode> RateLimit = Object(("limit", Whole(1, 1_000_000), true), ("interval", Whole(1, 86_400), true), ("technique", Text("fixed", "sliding"), false));

    private static readonly Gen<JsonNode> Queue = Object(("concurrency", Whole(1, 10_000), true), ("depth", Whole(0, 10_000), true), ("timeout", Timeout, true));

    private static readonly Gen<JsonNode> Settings = Object(
        ("cache_ttl", Pick.OneOf(Whole(0, 1000), Pick.Constant<JsonNode>(null!)), false),
        ("rate_limiting_limit", Whole(0, 1000), false),
        ("authentication", Flag, false),
        ("guardrails", Object(("prompt", Object(("P1", Text("FLAG", "BLOCK"), false)), true), ("response", Object(), true)), false),
        ("spend_limits", Json("""{"enabled":true,"rules":[{"limitType":"cost","limit":0.5,"window":60,"metadata":{"team":{"mode":"partition"}}}]}"""), false),
        ("otel", Pick.Constant(0).Select(_ => (JsonNode)new JsonArray()), false));

    private static readonly Gen<JsonNode> Action = Pick.OneOf(
        Json("""{"type":"no-limit"}"""),
        Object(("type", Text("block"), true), ("except", Flag, false)),
        Object(("type", Text("limit"), true), ("amount", Pick.Elements<JsonNode>(5, 0.25), true), ("period", Text("hourly", "daily", "weekly", "monthly"), true)));

    private static readonly (string, Gen<JsonNode>, bool)[] Amounts =
        [("requests", Whole(0, 1_000_000), false), ("tokens", Whole(0, 1_000_000), false), ("usd", Pick.Elements<JsonNode>(5, 0.25, 1e9), false)];

    private static readonly Gen<JsonNode> Conditions = Pick.OneOf(
        Json("""{"metadata.plan":{"$eq":"free"}}"""),
        Json("""{"metadata.plan":"free","metadata.age":{"$gt":1.5,"$lte":20}}"""),
        Json("""{"$or":[{"metadata.plan":{"$in":["a",null,true,3]}},{"$not":{"metadata.beta":{"$exists":false}}}]}"""),
        Json("""{"metadata.tags":["a","b"],"metadata.x":{"$not":{"$nin":["a"]}}}"""));

    public static readonly Gen<JsonObject> Documents = Object(
        ("$schema", Text("https://example.com/schema.json"), false),
        ("name", Text("a", "b"), false),
        ("gateways", Pick.Elements(0, 2).Select(count => (JsonNode)new JsonArray([.. Enumerable.Range(0, count).Select(n => (JsonNode)$"gw{n}")])), false),
        ("priority", Whole(-3, 3), false),
        ("rules", List(n => Object(
            ("name", Text($"rule-{n}"), false), ("pattern", Text($"/p{n}", $"/p{n}/**"), true), ("match", Match, false), ("cache", Cache, false), ("timeout", Timeout, false),
            ("collect_log", Flag, false), ("rate_limit", RateLimit, false), ("queue", Queue, false))), false),
        ("providers", List(n => Object(("name", Text($"custom-{n}"), true), ("priority", Whole(n + 1, n + 1), true), ("timeout", Timeout, false), ("model", Text("m"), false), ("weight", Whole(1, 1000), false))), false),
        ("fallback", Object(("enabled", Flag, true), ("retry_count", Whole(0, 10), false)), false),
        ("settings", Settings, false),
        ("routes", List(Route), false),
        ("policies", List(n => Object(
            ("name", Text($"policy/{n}", $"policy {n}"), true),
            ("actor", Text("user:{cf.user.id}", "all"), true),
            ("resource", Pick.OneOf(Text("*"), Object(("model", Text("gpt-*"), true), ("provider", Text("openai"), false)), Json("""{"provider":"open*"}""")), true),
            ("condition", Text("metadata.team == 'core'", "true"), false),
            ("action", Action, true))), false),
        ("custom_providers", List(n => Object(
            ("slug", Text($"own-{n}"), true), ("name", Text("Own"), true), ("base_url", Text("https://llm.example.com/v1", "https://llm.example.com:8443"), true), ("enable", Flag, false),
            ("description", Text("ours"), false), ("link", Text("https://wiki.example.com/llm?page=1"), false))), false),
        ("quota", Object([.. Amounts, ("providers", Object(("openai", Object(Amounts), false), ("xai", Object(Amounts), false)), false)]), false)).Select(node => (JsonObject)node);

    /// <summary>The same ones each time: a count of what occurs in them holds again.</summary>
    public static IReadOnlyList<JsonObject> Some(int count) => [.. Documents.Sample(count, new Rnd(20261121), 50)];

    private static Gen<JsonNode> Route(int n) => Pick.OneOf(
        Object(("name", Text($"route-{n}"), true), ("from", Text("providers"), true), ("model", Text("m"), false)),
        Object(("name", Text($"route-{n}", $"Route.{n}"), true), ("elements", Graph, true)));

    // Every element leads to the next, and besides to any later one: sound by construction, whatever the kinds are.
    private static Gen<JsonNode> Graph =>
        from count in Pick.Choose(0, 4)
        from elements in Pick.CollectToList(Enumerable.Range(0, count).ToList(), at => Element(at, count))
        select (JsonNode)new JsonArray([Start, .. elements, new JsonObject { ["id"] = Id(count, count), ["type"] = "end", ["outputs"] = new JsonObject() }]);

    private static JsonObject Start => new() { ["id"] = "start", ["type"] = "start", ["outputs"] = new JsonObject { ["next"] = Edge("e0") } };

    private static Gen<JsonNode> Element(int at, int count) =>
        from kind in Pick.Elements("conditional", "percentage", "rate", "model")
        from conditions in Conditions
        from cost in Pick.Elements(true, false)
        from other in Pick.Choose(at + 1, count)
        from both in Pick.Elements(true, false)
        let id = Id(at, count)
        let next = Id(at + 1, count)
        let choice = new JsonObject(new[] { ("success", next, true), ("fallback", Id(other, count), both) }.Where(edge => edge.Item3).Select(edge => KeyValuePair.Create(edge.Item1, (JsonNode?)Edge(edge.Item2))))
        select (JsonNode)(kind switch
        {
            "conditional" => Node(id, kind, new JsonObject { ["conditions"] = conditions.DeepClone() }, new JsonObject { ["true"] = Edge(next), ["false"] = Edge(Id(other, count)) }),
            "percentage" => Node(id, kind, null, both
                ? new JsonObject { ["12.5%"] = Edge(next), ["else"] = Edge(Id(other, count)) }
                : new JsonObject { ["40%"] = Edge(next), ["60%"] = Edge(Id(other, count)) }),
            "rate" => Node(id, kind, new JsonObject { ["limitType"] = cost ? "cost" : "count", ["key"] = "metadata.user_id", ["limit"] = cost ? 0.5 : 100, ["window"] = 3600 }, choice),
            _ => Node(id, kind, new JsonObject { ["provider"] = cost ? "openai" : "xai", ["model"] = "m", ["timeout"] = 1000, ["retries"] = 2 }, choice),
        });

    private static JsonObject Node(string id, string type, JsonObject? properties, JsonObject outputs)
    {
        var element = new JsonObject { ["id"] = id, ["type"] = type };
        if (properties is not null)
            element["properties"] = properties;
        element["outputs"] = outputs;
        return element;
    }

    private static string Id(int at, int count) => at == 0 ? "e0" : at == count ? "end" : $"e{at}";

    private static JsonObject Edge(string id) => new() { ["elementId"] = id };

    private static Gen<JsonNode> Json(string json) => Pick.Constant(0).Select(_ => JsonNode.Parse(json)!);

    private static Gen<JsonNode> Whole(int min, int max) => Pick.Choose(min, max).Select(value => (JsonNode)value);

    private static Gen<JsonNode> Text(params string[] texts) => Pick.Elements(texts).Select(text => (JsonNode)text);

    private static Gen<JsonNode> List(Func<int, Gen<JsonNode>> item) =>
        from count in Pick.Choose(0, 3)
        from items in Pick.CollectToList(Enumerable.Range(0, count).ToList(), item)
        select (JsonNode)new JsonArray([.. items]);

    private static Gen<JsonNode> Object(params (string Name, Gen<JsonNode> Value, bool Required)[] fields) =>
        from members in Pick.CollectToList(
            fields,
            field => from there in Pick.Elements(true, field.Required) from value in field.Value select (there || field.Required, field.Name, value))
        select (JsonNode)new JsonObject(members.Where(member => member.Item1).Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.value?.DeepClone())));
}
