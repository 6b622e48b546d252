using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Pick = FsCheck.Fluent.Gen;

namespace GatewayOps.Tests.Rules;

/// <summary>Random valid rule sets; every name that the document may hold occurs.</summary>
internal static class AnyDocument
{
    private static readonly Gen<JsonNode> Flag = from flag in Pick.Elements(true, false) select (JsonNode)flag;

    private static readonly Gen<JsonNode> Timeout = Whole(1, 600_000);

    private static readonly Gen<JsonNode> Cache = Object(
        ("enabled", Flag, true), ("ttl", Whole(60, 2_592_000), false), ("key", Pick.Constant(0).Select(_ => (JsonNode)new JsonArray("model", "messages")), false), ("share", Flag, false));

    private static readonly Gen<JsonNode> Match = Object(
        ("model", Text("gpt-*", "claude-*", "*"), false), ("provider", Text("openai", "xai", "open*"), false), ("method", Text("POST", "P*"), false));

    private static readonly Gen<JsonNode> Settings = Object(
        ("cache_ttl", Pick.OneOf(Whole(0, 1000), Pick.Constant<JsonNode>(null!)), false),
        ("rate_limiting_limit", Whole(0, 1000), false),
        ("authentication", Flag, false),
        ("guardrails", Object(("prompt", Object(("P1", Text("FLAG", "BLOCK"), false)), true), ("response", Object(), true)), false),
        ("otel", Pick.Constant(0).Select(_ => (JsonNode)new JsonArray()), false));

    public static readonly Gen<JsonObject> Documents = Object(
        ("$schema", Text("https://example.com/schema.json"), false),
        ("name", Text("a", "b"), false),
        ("gateways", Pick.Elements(0, 2).Select(count => (JsonNode)new JsonArray([.. Enumerable.Range(0, count).Select(n => (JsonNode)$"gw{n}")])), false),
        ("priority", Whole(-3, 3), false),
        ("rules", List(n => Object(("name", Text($"rule-{n}"), false), ("pattern", Text($"/p{n}", $"/p{n}/**"), true), ("match", Match, false), ("cache", Cache, false), ("timeout", Timeout, false), ("collect_log", Flag, false))), false),
        ("providers", List(n => Object(("name", Text($"custom-{n}"), true), ("priority", Whole(n + 1, n + 1), true), ("timeout", Timeout, false), ("model", Text("m"), false))), false),
        ("fallback", Object(("enabled", Flag, true), ("retry_count", Whole(0, 10), false)), false),
        ("settings", Settings, false)).Select(node => (JsonObject)node);

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
