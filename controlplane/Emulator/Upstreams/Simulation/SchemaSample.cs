using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.Upstreams.Simulation;

/// <summary>
/// A value that satisfies a JSON Schema: const, enum, type, properties, required, items, prefixItems, minItems, minimum, maximum and their
/// exclusive forms, multipleOf, minLength, maxLength, the usual formats, anyOf, $ref within the document. A keyword that it cannot promise
/// to satisfy (pattern, not, oneOf, …) is refused by name, so that an answer never pretends to fit.
/// </summary>
/// <remarks>
/// Deterministic. Optional parts are given down to <see cref="GenerousDepth"/> and left out below, which ends recursive schemas.
/// </remarks>
public sealed class SchemaSample
{
    private const int GenerousDepth = 4;
    private const int MostDepth = 48;
    private const int MostNodes = 20_000;

    private static readonly string[] Refused =
    [
        "pattern", "not", "oneOf", "if", "contains", "uniqueItems", "patternProperties", "propertyNames", "minProperties", "maxProperties",
        "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef",
    ];

    private readonly JsonElement _root;
    private int _nodes;

    private SchemaSample(JsonElement root) => _root = root;

    /// <exception cref="SchemaSampleException">The schema asks for more than this generator can promise, or contradicts itself.</exception>
    public static JsonNode? Of(JsonElement schema) => new SchemaSample(schema).Sample(schema, "value", 0);

    private JsonNode? Sample(JsonElement schema, string name, int depth)
    {
        if (depth > MostDepth || ++_nodes > MostNodes)
            throw new SchemaSampleException("the schema never ends");
        if (schema.ValueKind == JsonValueKind.True)
            return name;
        if (schema.ValueKind != JsonValueKind.Object)
            throw new SchemaSampleException("a schema must be an object or true");

        foreach (var keyword in Refused)
            if (schema.TryGetProperty(keyword, out var value) && value.ValueKind != JsonValueKind.False)
                throw new SchemaSampleException($"the keyword '{keyword}' is not supported");

        if (schema.TryGetProperty("$ref", out var reference))
            return Sample(Resolve(reference), name, depth + 1);
        if (schema.TryGetProperty("const", out var constant))
            return JsonNode.Parse(constant.GetRawText());
        if (schema.TryGetProperty("enum", out var values))
            return First(values);
        if (schema.TryGetProperty("anyOf", out var branches))
            return AnyOf(branches, name, depth);
        if (schema.TryGetProperty("allOf", out var all))
        {
            return all.ValueKind == JsonValueKind.Array && all.GetArrayLength() == 1 && !schema.TryGetProperty("properties", out _)
                ? Sample(all[0], name, depth + 1)
                : throw new SchemaSampleException("the keyword 'allOf' is supported with one schema only");
        }

        // Gemini writes the names of types in capitals.
        return TypeOf(schema).ToLowerInvariant() switch
        {
            "object" => Object(schema, depth),
            "array" => Array(schema, name, depth),
            "string" => SampleText.Of(schema, name),
            "integer" => SampleNumber.Of(schema, whole: true),
            "number" => SampleNumber.Of(schema, whole: false),
            "boolean" => true,
            "null" => null,
            var other => throw new SchemaSampleException($"the type '{other}' is unknown"),
        };
    }

    private static string TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) ? "object" : schema.TryGetProperty("items", out _) ? "array" : "string";
        if (type.ValueKind == JsonValueKind.String)
            return type.GetString()!;
        if (type.ValueKind != JsonValueKind.Array)
            throw new SchemaSampleException("'type' must be a string or an array");
        foreach (var one in type.EnumerateArray())
            if (one.ValueKind == JsonValueKind.String && one.GetString() is { } text and not "null")
                return text;
        return "null";
    }

    private JsonObject Object(JsonElement schema, int depth)
    {
        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Select(name => name.GetString() ?? "").ToHashSet()
            : [];
        var sample = new JsonObject();
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (required.Remove(property.Name))
                    sample[property.Name] = Sample(property.Value, property.Name, depth + 1);
                else if (depth < GenerousDepth)
                    TryAdd(sample, property, depth);
            }
        }
        if (required.Count == 0)
            return sample;

        // Required, yet not described: additionalProperties says what they may be.
        var additional = schema.TryGetProperty("additionalProperties", out var rule) ? rule : default;
        if (additional.ValueKind == JsonValueKind.False)
            throw new SchemaSampleException($"'{required.First()}' is required and forbidden");
        foreach (var name in required)
            sample[name] = additional.ValueKind == JsonValueKind.Object ? Sample(additional, name, depth + 1) : name;
        return sample;
    }

    private void TryAdd(JsonObject sample, JsonProperty property, int depth)
    {
        try
        {
            sample[property.Name] = Sample(property.Value, property.Name, depth + 1);
        }
        catch (SchemaSampleException)
        {
            // Optional: leaving it out satisfies the schema too.
        }
    }

    private JsonArray Array(JsonElement schema, string name, int depth)
    {
        var sample = new JsonArray();
        if (schema.TryGetProperty("prefixItems", out var prefix) && prefix.ValueKind == JsonValueKind.Array)
            foreach (var item in prefix.EnumerateArray())
                sample.Add(Sample(item, name, depth + 1));

        var least = Bound(schema, "minItems") ?? 0;
        var most = Bound(schema, "maxItems") ?? int.MaxValue;
        var wanted = Math.Min(most, Math.Max(least, depth < GenerousDepth ? 1 : 0));
        if (wanted < least)
            throw new SchemaSampleException("'minItems' is above 'maxItems'");
        if (!schema.TryGetProperty("items", out var items))
            items = JsonSerializer.SerializeToElement(true);
        if (items.ValueKind == JsonValueKind.False)
            return sample;
        while (sample.Count < wanted)
            sample.Add(Sample(items, name, depth + 1));
        return sample;
    }

    private JsonNode? AnyOf(JsonElement branches, string name, int depth)
    {
        if (branches.ValueKind != JsonValueKind.Array || branches.GetArrayLength() == 0)
            throw new SchemaSampleException("'anyOf' must be an array of schemas");
        // Below the generous depth an optional branch (null) is preferred: it ends a recursive schema.
        var order = depth < GenerousDepth ? branches.EnumerateArray() : branches.EnumerateArray().OrderByDescending(IsNull).AsEnumerable();
        SchemaSampleException? problem = null;
        foreach (var branch in order)
        {
            try
            {
                return Sample(branch, name, depth + 1);
            }
            catch (SchemaSampleException refused)
            {
                problem = refused;
            }
        }
        throw problem!;
    }

    private static bool IsNull(JsonElement branch) =>
        branch.ValueKind == JsonValueKind.Object && branch.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("null");

    private JsonElement Resolve(JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } pointer || !pointer.StartsWith('#'))
            throw new SchemaSampleException("'$ref' must point into the same document");
        var at = _root;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var key = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(key, out at))
                throw new SchemaSampleException($"'{pointer}' points at nothing");
        }
        return at;
    }

    private static JsonNode? First(JsonElement values) =>
        values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
            ? JsonNode.Parse(values[0].GetRawText())
            : throw new SchemaSampleException("'enum' must be an array of at least one value");

    internal static int? Bound(JsonElement schema, string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var bound) && bound is >= 0 and <= 100_000
            ? bound
            : throw new SchemaSampleException($"'{keyword}' must be an integer from 0 to 100000");
    }
}

/// <summary>The schema cannot be answered honestly; the provider says so with status 400.</summary>
public sealed class SchemaSampleException(string message) : Exception(message);
