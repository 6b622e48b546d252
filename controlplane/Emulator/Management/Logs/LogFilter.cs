using System.Text.Json;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>One filter `{key, operator, value[]}` (contract section 3). A value is a text here, whatever it was sent as; null means that a row has none.</summary>
public sealed record LogFilter(LogKey Key, LogOperator Operator, IReadOnlyList<string?> Values)
{
    private static readonly Dictionary<string, LogOperator> Operators = new()
    {
        ["eq"] = LogOperator.Equal,
        ["neq"] = LogOperator.NotEqual,
        ["contains"] = LogOperator.Contains,
        ["lt"] = LogOperator.Less,
        ["gt"] = LogOperator.Greater,
    };

    /// <summary>The filter, or null and an error for everything that is wrong with it.</summary>
    public static LogFilter? Create(string? key, string? comparison, IReadOnlyList<string?> values, FieldPath path, List<ApiError> errors)
    {
        var before = errors.Count;
        if (key is null)
            errors.Add(ApiError.Invalid(path["key"], "Required"));
        else if (!LogKeys.All.ContainsKey(key))
            errors.Add(ApiError.Invalid(path["key"], Expected(LogKeys.All.Keys, key)));
        if (comparison is null)
            errors.Add(ApiError.Invalid(path["operator"], "Required"));
        else if (!Operators.ContainsKey(comparison))
            errors.Add(ApiError.Invalid(path["operator"], Expected(Operators.Keys, comparison)));
        if (errors.Count > before)
            return null;
        var filter = new LogFilter(LogKeys.All[key!], Operators[comparison!], values);
        if (filter.Key.Where(filter.Operator, values, out var bad) is not null)
            return filter;
        errors.Add(ApiError.Invalid(path["value"][bad], $"Invalid value '{values[bad]}'"));
        return null;
    }

    /// <summary>
    /// The rows for which all filters hold. Those on metadata that look for something hold of one and the same entry: `metadata.key` eq team with `metadata.value` eq core
    /// is the row whose team is core.
    /// </summary>
    public static Func<LogRow, bool> All(IReadOnlyList<LogFilter> filters)
    {
        var sought = filters.Where(filter => filter is { Key: MetadataKey, Operator: not LogOperator.NotEqual }).ToList();
        Func<JsonProperty, bool>[] entry = [.. sought.Select(filter => ((MetadataKey)filter.Key).Holds(filter.Operator, filter.Values))];
        var conditions = filters.Except(sought).Select(filter => filter.Key.Where(filter.Operator, filter.Values, out _)!).ToList();
        if (entry.Length > 0)
            conditions.Add(MetadataKey.Entries(entries => entries.Any(one => Array.TrueForAll(entry, holds => holds(one)))));
        return Together(conditions);
    }

    /// <summary>The conditions as one.</summary>
    public static Func<LogRow, bool> Together(IEnumerable<Func<LogRow, bool>> conditions)
    {
        Func<LogRow, bool>[] all = [.. conditions];
        return all is [var single] ? single : row => Array.TrueForAll(all, holds => holds(row));
    }

    public static string TextOf(JsonElement value) => MetadataKey.TextOf(value);

    private static string Expected(IEnumerable<string> names, string received) =>
        $"Invalid enum value. Expected {string.Join(" | ", names.Select(name => $"'{name}'"))}, received '{received}'";
}
