using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Management;

/// <summary>Adds one error for everything that is wrong with a value, in the words that AI Gateway's validation uses.</summary>
public delegate void ShapeCheck(JsonElement value, FieldPath path, List<ApiError> errors);

/// <summary>
/// What a JSON value must look like: one declaration that checks a request and describes itself as JSON Schema in the emulator's OpenAPI page.
/// </summary>
/// <param name="schema">Makes the schema anew every time: a JSON node has one parent.</param>
public sealed class Shape(Func<JsonObject> schema, ShapeCheck check)
{
    public JsonObject Schema => schema();

    public void Check(JsonElement value, FieldPath path, List<ApiError> errors) => check(value, path, errors);

    /// <summary>The errors of a whole body.</summary>
    public IReadOnlyList<ApiError> ErrorsOf(JsonElement body)
    {
        var errors = new List<ApiError>();
        check(body, FieldPath.Body, errors);
        return errors;
    }
}

/// <summary>A member of an object.</summary>
public sealed record Member(string Name, Shape Shape, bool Required = false);

/// <summary>Shapes and how they combine.</summary>
public static class Shapes
{
    public static Shape Flag { get; } = Kind("boolean", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);

    /// <summary>A text, a number or a flag.</summary>
    public static Shape Scalar { get; } = new(() => new JsonObject { ["type"] = Names(["string", "number", "boolean"]) }, (value, path, errors) =>
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
            errors.Add(Unexpected(path, "string", value));
    });

    /// <summary>Any value at all.</summary>
    public static Shape Anything { get; } = new(() => [], (_, _, _) => { });

    public static Shape Integer(double minimum, double maximum = int.MaxValue) => new(() => Range("integer", minimum, maximum), (value, path, errors) =>
    {
        var number = Number(value);
        if (number is not { } given)
            errors.Add(Unexpected(path, "number", value));
        else if (!double.IsInteger(given))
            errors.Add(ApiError.Invalid(path, "Expected integer, received float"));
        else
            CheckRange(given, minimum, maximum, path, errors);
    });

    public static Shape NumberBetween(double minimum, double maximum) => new(() => Range("number", minimum, maximum), (value, path, errors) =>
    {
        if (Number(value) is { } number)
            CheckRange(number, minimum, maximum, path, errors);
        else
            errors.Add(Unexpected(path, "number", value));
    });

    public static Shape Positive { get; } = new(() => new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 }, (value, path, errors) =>
    {
        if (Number(value) is not { } number)
            errors.Add(Unexpected(path, "number", value));
        else if (number <= 0)
            errors.Add(ApiError.Invalid(path, "Number must be greater than 0"));
    });

    public static Shape Text(int minimum = 0, int maximum = int.MaxValue, Regex? pattern = null) => new(() => TextSchema(minimum, maximum, pattern), (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.String)
            errors.Add(Unexpected(path, "string", value));
        else if (value.GetString()!.Length < minimum)
            errors.Add(ApiError.Invalid(path, $"String must contain at least {minimum} character(s)"));
        else if (value.GetString()!.Length > maximum)
            errors.Add(ApiError.Invalid(path, $"String must contain at most {maximum} character(s)"));
        // `$` of .NET also stands before a line break at the end, that of JSON Schema does not.
        else if (pattern?.IsMatch(value.GetString()!) == false || (pattern is not null && value.GetString()!.EndsWith('\n')))
            errors.Add(ApiError.Invalid(path, "Invalid"));
    });

    public static Shape OneOf(params string[] values) => new(() => new JsonObject { ["type"] = "string", ["enum"] = Names(values) }, (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.String)
            errors.Add(Unexpected(path, "string", value));
        else if (!values.Contains(value.GetString()))
            errors.Add(ApiError.Invalid(path, $"Invalid enum value. Expected {string.Join(" | ", values.Select(name => $"'{name}'"))}, received '{value.GetString()}'"));
    });

    public static Shape ArrayOf(Shape item, int minimum = 0, int maximum = int.MaxValue) => new(() => ArraySchema(item, minimum, maximum), (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            errors.Add(Unexpected(path, "array", value));
            return;
        }
        if (value.GetArrayLength() < minimum)
            errors.Add(ApiError.Invalid(path, $"Array must contain at least {minimum} element(s)"));
        if (value.GetArrayLength() > maximum)
            errors.Add(ApiError.Invalid(path, $"Array must contain at most {maximum} element(s)"));
        foreach (var (index, element) in value.EnumerateArray().Index())
            item.Check(element, path[index], errors);
    });

    /// <summary>An object with at least these members; others are let through.</summary>
    public static Shape ObjectOf(params Member[] members) => new(() => ObjectSchema(members), (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Unexpected(path, "object", value));
            return;
        }
        foreach (var member in members)
        {
            if (value.TryGetProperty(member.Name, out var given))
                member.Shape.Check(given, path[member.Name], errors);
            else if (member.Required)
                errors.Add(ApiError.Invalid(path[member.Name], "Required"));
        }
    });

    /// <summary>An object with these members and no others.</summary>
    public static Shape Closed(params Member[] members)
    {
        var open = ObjectOf(members);
        return new(() => Sealed(open.Schema), (value, path, errors) =>
        {
            open.Check(value, path, errors);
            if (value.ValueKind != JsonValueKind.Object)
                return;
            foreach (var unknown in value.EnumerateObject().Where(given => members.All(member => member.Name != given.Name)))
                errors.Add(ApiError.Invalid(path[unknown.Name], $"Unknown member: expected one of {string.Join(", ", members.Select(member => member.Name))}"));
        });
    }

    /// <summary>An object whose members all have one shape.</summary>
    public static Shape MapOf(Shape item) => new(() => new JsonObject { ["type"] = "object", ["additionalProperties"] = item.Schema }, (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Unexpected(path, "object", value));
            return;
        }
        foreach (var member in value.EnumerateObject())
            item.Check(member.Value, path[member.Name], errors);
    });

    /// <summary>One of two shapes, chosen by the value: a union's errors are those of the branch that was meant.</summary>
    public static Shape Either(Func<JsonElement, bool> isFirst, Shape first, Shape second) => new(
        () => new JsonObject { ["anyOf"] = new JsonArray(first.Schema, second.Schema) },
        (value, path, errors) => (isFirst(value) ? first : second).Check(value, path, errors));

    public static Shape OrNull(this Shape shape) => new(() => Nullable(shape.Schema), (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Null)
            shape.Check(value, path, errors);
    });

    /// <summary>The same description, another check: for a rule that JSON Schema has no words for.</summary>
    public static Shape And(this Shape shape, ShapeCheck further) => new(() => shape.Schema, (value, path, errors) =>
    {
        var before = errors.Count;
        shape.Check(value, path, errors);
        if (errors.Count == before)
            further(value, path, errors);
    });

    /// <param name="expected">A type of JSON Schema.</param>
    public static Shape Kind(string expected, Func<JsonElement, bool> isKind) => new(() => new JsonObject { ["type"] = expected }, (value, path, errors) =>
    {
        if (!isKind(value))
            errors.Add(Unexpected(path, expected, value));
    });

    private static JsonObject Range(string type, double minimum, double maximum)
    {
        var schema = new JsonObject { ["type"] = type, ["minimum"] = minimum };
        if (maximum is not int.MaxValue)
            schema["maximum"] = maximum;
        return schema;
    }

    private static JsonObject TextSchema(int minimum, int maximum, Regex? pattern)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (minimum > 0)
            schema["minLength"] = minimum;
        if (maximum < int.MaxValue)
            schema["maxLength"] = maximum;
        if (pattern is not null)
            schema["pattern"] = pattern.ToString();
        return schema;
    }

    private static JsonObject ArraySchema(Shape item, int minimum, int maximum)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema };
        if (minimum > 0)
            schema["minItems"] = minimum;
        if (maximum < int.MaxValue)
            schema["maxItems"] = maximum;
        return schema;
    }

    private static JsonObject ObjectSchema(Member[] members)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, member.Shape.Schema))),
        };
        if (members.Any(member => member.Required))
            schema["required"] = Names(members.Where(member => member.Required).Select(member => member.Name));
        return schema;
    }

    private static JsonObject Sealed(JsonObject schema)
    {
        schema["additionalProperties"] = false;
        return schema;
    }

    private static JsonObject Nullable(JsonObject schema)
    {
        if (schema["type"] is not JsonValue type)
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        schema["type"] = new JsonArray(type.DeepClone(), "null");
        if (schema["enum"] is JsonArray values)
            values.Add(null);
        return schema;
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => JsonValue.Create(name))];

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()) ? value.GetDouble() : null;

    private static void CheckRange(double number, double minimum, double maximum, FieldPath path, List<ApiError> errors)
    {
        if (number < minimum)
            errors.Add(ApiError.Invalid(path, $"Number must be greater than or equal to {minimum}"));
        else if (number > maximum)
            errors.Add(ApiError.Invalid(path, $"Number must be less than or equal to {maximum}"));
    }

    private static ApiError Unexpected(FieldPath path, string expected, JsonElement value) => ApiError.Invalid(path, $"Expected {expected}, received {value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    }}");
}
