using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Analytics.Telemetry;

/// <summary>`filters`, `filterCombination` and `needle` of a telemetry query (npm cloudflare 7.3): which events it means. The body has its shape already.</summary>
public static class TelemetryFilter
{
    public const int MostDepth = 4;

    private delegate bool Test(object? actual, string wanted);

    private static readonly Dictionary<string, Test> Operations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["includes"] = (actual, wanted) => actual is string text && text.Contains(wanted, StringComparison.Ordinal),
        ["not_includes"] = (actual, wanted) => actual is not string text || !text.Contains(wanted, StringComparison.Ordinal),
        ["starts_with"] = (actual, wanted) => actual is string text && text.StartsWith(wanted, StringComparison.Ordinal),
        ["ends_with"] = (actual, wanted) => actual is string text && text.EndsWith(wanted, StringComparison.Ordinal),
        ["regex"] = (actual, wanted) => actual is string text && Regex.IsMatch(text, wanted, RegexOptions.NonBacktracking),
        ["exists"] = (actual, _) => actual is not null,
        ["is_null"] = (actual, _) => actual is null,
        ["in"] = (actual, wanted) => wanted.Split(',').Any(one => Compare(actual, one.Trim()) == 0),
        ["not_in"] = (actual, wanted) => !wanted.Split(',').Any(one => Compare(actual, one.Trim()) == 0),
        ["eq"] = (actual, wanted) => Compare(actual, wanted) == 0,
        ["neq"] = (actual, wanted) => Compare(actual, wanted) != 0,
        ["gt"] = (actual, wanted) => Compare(actual, wanted) > 0,
        ["gte"] = (actual, wanted) => Compare(actual, wanted) >= 0,
        ["lt"] = (actual, wanted) => Compare(actual, wanted) < 0,
        ["lte"] = (actual, wanted) => Compare(actual, wanted) <= 0,
    };

    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.Ordinal)
    {
        ["="] = "eq",
        ["!="] = "neq",
        [">"] = "gt",
        [">="] = "gte",
        ["<"] = "lt",
        ["<="] = "lte",
        ["DOES_NOT_INCLUDE"] = "not_includes",
        ["MATCH_REGEX"] = "regex",
        ["DOES_NOT_EXIST"] = "is_null",
        ["INCLUDES"] = "includes",
        ["EXISTS"] = "exists",
        ["IN"] = "in",
        ["NOT_IN"] = "not_in",
        ["STARTS_WITH"] = "starts_with",
        ["ENDS_WITH"] = "ends_with",
    };

    /// <summary>Every spelling of every operation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Operations.Keys, .. Synonyms.Keys];

    /// <summary>From `{filters, filterCombination, needle}`.</summary>
    public static Func<TelemetryEvent, bool> Read(JsonElement parameters)
    {
        var filters = parameters.ValueKind == JsonValueKind.Object ? Combined(parameters) : _ => true;
        return parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("needle", out var needle) && Needle(needle) is { } finds
            ? e => filters(e) && e.Keys.Any(key => e[key] is string text && finds(text))
            : filters;
    }

    /// <summary>Null when it looks for nothing.</summary>
    public static Func<string, bool>? Needle(JsonElement needle)
    {
        if (needle.ValueKind != JsonValueKind.Object || !needle.TryGetProperty("value", out var value) || value.ToString() is not { Length: > 0 } wanted)
            return null;
        var matchCase = needle.FlagOf("matchCase");
        if (needle.FlagOf("isRegex"))
        {
            var regex = new Regex(wanted, RegexOptions.NonBacktracking | (matchCase ? RegexOptions.None : RegexOptions.IgnoreCase));
            return regex.IsMatch;
        }
        return text => text.Contains(wanted, matchCase ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
    }

    private static Func<TelemetryEvent, bool> Combined(JsonElement group)
    {
        if (!group.TryGetProperty("filters", out var filters) || filters.GetArrayLength() == 0)
            return _ => true;
        Func<TelemetryEvent, bool>[] tests = [.. filters.EnumerateArray().Select(filter => filter.TryGetProperty("filters", out _) ? Combined(filter) : Leaf(filter))];
        return group.TryGetProperty("filterCombination", out var combination) && combination.GetString()!.Equals("or", StringComparison.OrdinalIgnoreCase)
            ? e => Array.Exists(tests, test => test(e))
            : e => Array.TrueForAll(tests, test => test(e));
    }

    private static Func<TelemetryEvent, bool> Leaf(JsonElement filter)
    {
        var (key, name) = (filter.GetProperty("key").GetString()!, filter.GetProperty("operation").GetString()!);
        var test = Operations[Synonyms.GetValueOrDefault(name, name)];
        var wanted = filter.TryGetProperty("value", out var value) ? Text(value) : "";
        return e => test(e[key], wanted);
    }

    private static string Text(JsonElement value) => value.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => value.ToString() };

    /// <summary>Null where there is nothing to compare.</summary>
    private static int? Compare(object? actual, string wanted) => actual switch
    {
        string text => Math.Sign(string.CompareOrdinal(text, wanted)),
        bool flag => bool.TryParse(wanted, out var other) ? flag.CompareTo(other) : null,
        double number => double.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out var other) ? number.CompareTo(other) : null,
        _ => null,
    };
}
