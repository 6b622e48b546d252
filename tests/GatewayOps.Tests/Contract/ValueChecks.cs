using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Contract;

/// <summary>What one keyword has against a value; null when nothing.</summary>
internal delegate string? ValueCheck(JsonElement value);

/// <summary>The keywords of JSON Schema that look at one value and not at its parts.</summary>
internal static partial class ValueChecks
{
    /// <exception cref="NotSupportedException">A keyword, type or format that is not known here.</exception>
    public static ValueCheck Of(string keyword, JsonElement argument) => keyword switch
    {
        "type" => Type(argument),
        "enum" => Enum(argument),
        "const" => value => JsonElement.DeepEquals(value, argument) ? null : $"{Shown(value)} is not {Shown(argument)}",
        "pattern" => Pattern(argument.GetString()!),
        "format" => Format(argument.GetString()!),
        "minLength" => Text(text => Length(text) >= argument.GetInt32(), $"is shorter than {argument}"),
        "maxLength" => Text(text => Length(text) <= argument.GetInt32(), $"is longer than {argument}"),
        "minimum" => Number(number => number >= argument.GetDouble(), $"is less than {argument}"),
        "maximum" => Number(number => number <= argument.GetDouble(), $"is more than {argument}"),
        "exclusiveMinimum" => Number(number => number > argument.GetDouble(), $"is not more than {argument}"),
        "minItems" => value => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= argument.GetInt32() ? null : $"has fewer than {argument} items",
        "maxItems" => value => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= argument.GetInt32() ? null : $"has more than {argument} items",
        "maxProperties" => value => value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() <= argument.GetInt32() ? null : $"has more than {argument} members",
        _ => throw new NotSupportedException($"The validator does not know the keyword `{keyword}`."),
    };

    public static bool IsOfType(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => throw new NotSupportedException($"The validator does not know the type `{type}`."),
    };

    private static ValueCheck Type(JsonElement argument)
    {
        string[] types = argument.ValueKind == JsonValueKind.Array ? [.. argument.EnumerateArray().Select(type => type.GetString()!)] : [argument.GetString()!];
        var nothing = JsonElement.Parse("null");
        foreach (var type in types)
            IsOfType(nothing, type);
        return value => Array.Exists(types, type => IsOfType(value, type)) ? null : $"{Shown(value)} is not {string.Join(" or ", types)}";
    }

    private static ValueCheck Enum(JsonElement argument)
    {
        JsonElement[] choices = [.. argument.EnumerateArray()];
        return value => Array.Exists(choices, choice => JsonElement.DeepEquals(choice, value)) ? null : $"{Shown(value)} is not one of [{string.Join(",", choices.Select(choice => choice.GetRawText()))}]";
    }

    private static ValueCheck Pattern(string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        // `$` of .NET also stands before a line break at the end.
        return Text(text => regex.IsMatch(text) && !(pattern.EndsWith('$') && text.EndsWith('\n')), $"does not match {pattern}");
    }

    private static ValueCheck Format(string format) => format switch
    {
        "date-time" => Text(text => DateTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _), "is no date-time"),
        "uri" => Text(text => Scheme().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out _), "is no absolute URI"),
        _ => throw new NotSupportedException($"The validator does not know the format `{format}`."),
    };

    private static ValueCheck Text(Func<string, bool> holds, string otherwise) =>
        value => value.ValueKind != JsonValueKind.String || holds(value.GetString()!) ? null : $"{Shown(value)} {otherwise}";

    private static ValueCheck Number(Func<double, bool> holds, string otherwise) =>
        value => value.ValueKind != JsonValueKind.Number || holds(value.GetDouble()) ? null : $"{value} {otherwise}";

    // JSON Schema counts characters, not UTF-16 units.
    private static int Length(string text) => text.EnumerateRunes().Count();

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 80 } raw ? raw[..80] + "…" : value.GetRawText();

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$", RegexOptions.NonBacktracking)]
    private static partial Regex DateTime();

    // .NET takes a path of this machine for a file's URI.
    [GeneratedRegex("^[A-Za-z][A-Za-z0-9+.-]*:", RegexOptions.NonBacktracking)]
    private static partial Regex Scheme();
}
