using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Typed;

/// <summary>The schema of a type, and its values from what models say. A schema has an object at its root: other types are its `value`.</summary>
internal static class TypedOutput
{
    public const string ToolName = "answer";

    private const string Wrapped = "value";

    // A property without a value, and null where null is not allowed, are faults: a model's answer is checked and not trusted.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    // What models with exact adherence demand: every property required, none beside them.
    private static readonly AIJsonSchemaCreateOptions Exact = new()
    {
        TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true, MoveDefaultKeywordToDescription = true },
    };

    public static (JsonElement Schema, bool IsWrapped) SchemaOf(Type type)
    {
        var schema = AIJsonUtilities.CreateJsonSchema(type, serializerOptions: Strict, inferenceOptions: Exact);
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() == "object") return (schema, false);
        var wrapper = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [Wrapped] = JsonNode.Parse(schema.GetRawText()) },
            ["required"] = new JsonArray(Wrapped),
            ["additionalProperties"] = false,
        };
        return (JsonSerializer.SerializeToElement(wrapper), true);
    }

    /// <summary>A value, or what is wrong with the text.</summary>
    public static bool TryRead<T>(string text, bool isWrapped, out T value, out string? problem)
    {
        value = default!;
        try
        {
            using var document = JsonDocument.Parse(Bare(text));
            var root = document.RootElement;
            if (isWrapped && (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Wrapped, out root))) throw new JsonException($"`{Wrapped}` is missing");
            if (root.Deserialize<T>(Strict) is not { } read) throw new JsonException("null is no answer");
            (value, problem) = (read, null);
            return true;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            problem = e.Message;
            return false;
        }
    }

    // Models like to put JSON into a fence.
    private static string Bare(string text)
    {
        var trimmed = text.Trim();
        var line = trimmed.IndexOf('\n');
        return trimmed.StartsWith("```", StringComparison.Ordinal) && trimmed.EndsWith("```", StringComparison.Ordinal) && line >= 0 && line < trimmed.Length - 3 ? trimmed[(line + 1)..^3] : trimmed;
    }
}
