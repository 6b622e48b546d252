using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Support;

/// <summary>Our copy of Cloudflare's OpenAPI document, and what of it a JSON value breaks: enough of JSON Schema for its words.</summary>
public sealed class ContractDocument
{
    private readonly JsonElement _document =
        JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contract", "openapi-aigateway.json")));

    /// <summary>The violations of the 200 answer of an operation, each `pointer: what`.</summary>
    public IReadOnlyList<string> AnswerViolations(string operationId, JsonElement body)
    {
        var operation = _document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Single(method => method.Value.TryGetProperty("operationId", out var id) && id.ValueEquals(operationId)).Value;
        var schema = operation.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        return [.. Violations(schema, body, "")];
    }

    public IReadOnlyList<string> SchemaViolations(string schema, JsonElement value) => [.. Violations(Schema(schema), value, "")];

    private JsonElement Schema(string name) => _document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private IEnumerable<string> Violations(JsonElement schema, JsonElement value, string pointer)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Violations(Schema(reference.GetString()!.Split('/')[^1]), value, pointer);
        return [.. Own(schema, value, pointer), .. Parts(schema, value, pointer), .. Combined(schema, value, pointer)];
    }

    private static IEnumerable<string> Own(JsonElement schema, JsonElement value, string pointer)
    {
        if (schema.TryGetProperty("type", out var type) && !Texts(type).Any(name => IsOfType(value, name)))
            yield return $"{pointer}: {value.ValueKind} is not {type}";
        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => choice.GetRawText() == value.GetRawText()))
            yield return $"{pointer}: {value} is not one of {choices}";
        if (schema.TryGetProperty("const", out var constant) && constant.GetRawText() != value.GetRawText())
            yield return $"{pointer}: {value} is not {constant}";
        if (schema.TryGetProperty("minimum", out var minimum) && value.ValueKind == JsonValueKind.Number && value.GetDouble() < minimum.GetDouble())
            yield return $"{pointer}: {value} is less than {minimum}";
        if (schema.TryGetProperty("maximum", out var maximum) && value.ValueKind == JsonValueKind.Number && value.GetDouble() > maximum.GetDouble())
            yield return $"{pointer}: {value} is more than {maximum}";
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
            yield return $"{pointer}: {value} does not match {pattern}";
        if (schema.TryGetProperty("format", out var format) && format.ValueEquals("date-time") && !value.TryGetDateTimeOffset(out _))
            yield return $"{pointer}: {value} is no date-time";
        if (schema.TryGetProperty("required", out var required) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in Texts(required).Where(name => !value.TryGetProperty(name, out _)))
                yield return $"{pointer}/{name}: required";
        }
    }

    private IEnumerable<string> Parts(JsonElement schema, JsonElement value, string pointer)
    {
        if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
        {
            return properties.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _))
                .SelectMany(property => Violations(property.Value, value.GetProperty(property.Name), $"{pointer}/{property.Name}"));
        }
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
            return value.EnumerateArray().SelectMany((item, index) => Violations(items, item, $"{pointer}/{index}"));
        return [];
    }

    private IEnumerable<string> Combined(JsonElement schema, JsonElement value, string pointer)
    {
        if (schema.TryGetProperty("allOf", out var all))
            return all.EnumerateArray().SelectMany(part => Violations(part, value, pointer));
        if (schema.TryGetProperty("anyOf", out var any) || schema.TryGetProperty("oneOf", out any))
            return any.EnumerateArray().Any(part => !Violations(part, value, pointer).Any()) ? [] : [$"{pointer}: fits none of {any}"];
        return [];
    }

    private static IEnumerable<string> Texts(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => item.ToString()) : [value.ToString()];

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => string.Equals(value.ValueKind.ToString(), type, StringComparison.OrdinalIgnoreCase),
    };
}
