using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>A body that stands at an edge of the document, or one step outside.</summary>
/// <param name="Path">The member that was put there, `.` between names; of a union: the union's own.</param>
internal sealed record SchemaEdge(string Path, JsonNode? Body)
{
    public override string ToString() => $"{Path}: {Body?.ToJsonString() ?? "null"}";
}

/// <summary>
/// Bodies derived from a schema of the OpenAPI document: each is the smallest valid body with one value at a range's end, one step beyond it, of each other type, or
/// taken away. Which of them the document allows is for <see cref="JsonSchema"/> to say.
/// </summary>
internal static class SchemaEdges
{
    private const string Text = "a-text-of-the-usual-length";
    private static readonly JsonNode Document = OpenApiDocument.Source();

    public static IReadOnlyList<SchemaEdge> Of(string schema) => [.. Edges(Component(schema)).Select(edge => new SchemaEdge(edge.Path.TrimStart('.'), edge.Value))];

    public static JsonNode Smallest(string schema) => Sample(Component(schema))!;

    private static IEnumerable<(string Path, JsonNode? Value)> Edges(JsonNode given)
    {
        var schema = Followed(given);
        if (schema["anyOf"] is JsonArray branches)
            return branches.SelectMany(branch => Edges(branch!)).Select(edge => ("", edge.Value));
        return [.. OtherTypes(), .. Values(schema).Select(value => ("", value)), .. Members(schema), .. Items(schema)];
    }

    private static IEnumerable<(string, JsonNode?)> OtherTypes() =>
        new JsonNode?[] { null, true, 1.5, -1, Text, new JsonArray(), new JsonObject(), new JsonArray(new JsonObject()) }.Select(value => ("", value));

    private static IEnumerable<JsonNode?> Values(JsonNode schema)
    {
        foreach (var value in schema["enum"] as JsonArray ?? [])
            yield return value?.DeepClone();
        if (schema["const"] is { } constant)
            yield return constant.DeepClone();
        if ((decimal?)schema["minimum"] is { } least)
            foreach (var value in new[] { least, least - 1, least + 0.5m })
                yield return value;
        if ((decimal?)schema["maximum"] is { } most)
            foreach (var value in new[] { most, most + 1 })
                yield return value;
        if ((decimal?)schema["exclusiveMinimum"] is { } bound)
            foreach (var value in new[] { bound, bound + 0.01m, bound - 1 })
                yield return value;
        if ((int?)schema["minLength"] is { } shortest)
            foreach (var length in new[] { shortest, shortest - 1 })
                yield return new string('a', length);
        if ((int?)schema["maxLength"] is { } longest)
            foreach (var length in new[] { longest, longest + 1 })
                yield return new string('a', length);
        if (schema["pattern"] is not null)
            foreach (var text in new[] { "under_score", "0", "Capital", "two--dashes", "-before", "after-", "sp ace", "dot.ted", "é", "line\n" })
                yield return text;
    }

    private static IEnumerable<(string, JsonNode?)> Members(JsonNode schema)
    {
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            foreach (var (path, value) in Edges(property!))
                yield return ($".{name}{path}", With(schema, name, value));
            var without = Sample(schema)!.AsObject();
            if (without.Remove(name))
                yield return ($".{name}", without);
        }
        if (schema["additionalProperties"] is JsonObject others)
            foreach (var (path, value) in Edges(others))
                yield return ($".any{path}", With(schema, "any", value));
    }

    private static IEnumerable<(string, JsonNode?)> Items(JsonNode schema)
    {
        if (schema["items"] is not { } items)
            yield break;
        foreach (var (path, value) in Edges(items))
            yield return ($".0{path}", new JsonArray(value));
        if ((int?)schema["maxItems"] is { } most)
            foreach (var count in new[] { most, most + 1 })
                yield return ("", new JsonArray([.. Enumerable.Range(0, count).Select(_ => Sample(items))]));
    }

    private static JsonObject With(JsonNode schema, string name, JsonNode? value)
    {
        var sample = Sample(schema)!.AsObject();
        sample[name] = value;
        return sample;
    }

    private static JsonNode? Sample(JsonNode given)
    {
        var schema = Followed(given);
        if (schema["anyOf"] is JsonArray branches)
            return Sample(branches[0]!);
        if ((schema["const"] ?? (schema["enum"] as JsonArray)?.First(value => value is not null)) is { } value)
            return value.DeepClone();
        var type = schema["type"] is JsonArray types ? types.Select(name => (string?)name).First(name => name != "null") : (string?)schema["type"];
        return type switch
        {
            "boolean" => false,
            "integer" or "number" => (decimal?)schema["minimum"] ?? 1,
            "string" => Text,
            "array" => new JsonArray(),
            _ => new JsonObject((schema["required"] as JsonArray ?? []).Select(name => KeyValuePair.Create((string)name!, Sample(schema["properties"]![(string)name!]!)))),
        };
    }

    private static JsonNode Component(string name) => Document["components"]!["schemas"]![name]!;

    private static JsonNode Followed(JsonNode schema) => (string?)schema["$ref"] is { } reference ? Component(reference.Split('/')[^1]) : schema;
}
