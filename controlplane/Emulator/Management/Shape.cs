using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Emulator.Management;

/// <summary>What a JSON value must look like: adds one error for everything that is wrong with it, in the words that AI Gateway's validation uses.</summary>
public delegate void Shape(JsonElement value, FieldPath path, List<ApiError> errors);

/// <summary>A member of an object.</summary>
public sealed record Member(string Name, Shape Shape, bool Required = false);

/// <summary>Shapes and how they combine.</summary>
public static class Shapes
{
    public static Shape Flag { get; } = Kind("boolean", value => value.ValueKind is JsonValueKind.True or JsonValueKind.False);

    public static Shape Integer(double minimum, double maximum = int.MaxValue) => (value, path, errors) =>
    {
        var number = Number(value);
        if (number is not { } given)
            errors.Add(Unexpected(path, "number", value));
        else if (!double.IsInteger(given))
            errors.Add(ApiError.Invalid(path, "Expected integer, received float"));
        else
            CheckRange(given, minimum, maximum, path, errors);
    };

    public static Shape NumberBetween(double minimum, double maximum) => (value, path, errors) =>
    {
        if (Number(value) is { } number)
            CheckRange(number, minimum, maximum, path, errors);
        else
            errors.Add(Unexpected(path, "number", value));
    };

    public static Shape Positive { get; } = (value, path, errors) =>
    {
        if (Number(value) is not { } number)
            errors.Add(Unexpected(path, "number", value));
        else if (number <= 0)
            errors.Add(ApiError.Invalid(path, "Number must be greater than 0"));
    };

    public static Shape Text(int minimum = 0, int maximum = int.MaxValue, Regex? pattern = null) => (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.String)
            errors.Add(Unexpected(path, "string", value));
        else if (value.GetString()!.Length < minimum)
            errors.Add(ApiError.Invalid(path, $"String must contain at least {minimum} character(s)"));
        else if (value.GetString()!.Length > maximum)
            errors.Add(ApiError.Invalid(path, $"String must contain at most {maximum} character(s)"));
        else if (pattern?.IsMatch(value.GetString()!) == false)
            errors.Add(ApiError.Invalid(path, "Invalid"));
    };

    public static Shape OneOf(params string[] values) => (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.String)
            errors.Add(Unexpected(path, "string", value));
        else if (!values.Contains(value.GetString()))
            errors.Add(ApiError.Invalid(path, $"Invalid enum value. Expected {string.Join(" | ", values.Select(name => $"'{name}'"))}, received '{value.GetString()}'"));
    };

    public static Shape ArrayOf(Shape item, int minimum = 0, int maximum = int.MaxValue) => (value, path, errors) =>
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
            item(element, path[index], errors);
    };

    /// <summary>An object with at least these members; others are let through.</summary>
    public static Shape ObjectOf(params Member[] members) => (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Unexpected(path, "object", value));
            return;
        }
        foreach (var member in members)
        {
            if (value.TryGetProperty(member.Name, out var given))
                member.Shape(given, path[member.Name], errors);
            else if (member.Required)
                errors.Add(ApiError.Invalid(path[member.Name], "Required"));
        }
    };

    /// <summary>An object whose members all have one shape.</summary>
    public static Shape MapOf(Shape item) => (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Unexpected(path, "object", value));
            return;
        }
        foreach (var member in value.EnumerateObject())
            item(member.Value, path[member.Name], errors);
    };

    /// <summary>One of two shapes, chosen by the value: a union's errors are those of the branch that was meant.</summary>
    public static Shape Either(Func<JsonElement, bool> isFirst, Shape first, Shape second) =>
        (value, path, errors) => (isFirst(value) ? first : second)(value, path, errors);

    public static Shape OrNull(this Shape shape) => (value, path, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Null)
            shape(value, path, errors);
    };

    public static Shape Kind(string expected, Func<JsonElement, bool> isKind) => (value, path, errors) =>
    {
        if (!isKind(value))
            errors.Add(Unexpected(path, expected, value));
    };

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
