using System.Text.Json;
using GatewayOps.Emulator.Management.Logs;
using GatewayOps.Emulator.State;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Evaluations;

/// <summary>The body of a dataset's create and update, and what its filters select (contract section 6): fewer keys and operators than the log list has.</summary>
public static class DatasetShape
{
    private static readonly string[] Keys =
    [
        "created_at", "request_content_type", "response_content_type", "success", "cached", "provider", "model", "cost", "tokens", "tokens_in", "tokens_out",
        "duration", "feedback",
    ];

    private static readonly Shape Filter = ObjectOf(
        new Member("key", OneOf(Keys), Required: true),
        new Member("operator", OneOf("eq", "contains", "lt", "gt"), Required: true),
        new Member("value", ArrayOf(Scalar), Required: true)).And((filter, path, errors) =>
        {
            foreach (var (index, (text, value)) in ValuesOf(filter).Index())
            {
                if (value is null)
                    errors.Add(ApiError.Invalid(path["value"][index], $"Invalid value '{text}'"));
            }
        });

    public static Shape Body { get; } = ObjectOf(
        new Member("name", Text(1), Required: true),
        new Member("enable", Flag, Required: true),
        new Member("filters", ArrayOf(Filter), Required: true));

    /// <summary>All filters hold; one holds for any of its values. A dataset without filters is the whole log.</summary>
    public static Func<LogRow, bool> Selection(DatasetState dataset)
    {
        LogFilter[] filters = [.. dataset.Filters.EnumerateArray().Select(filter => new LogFilter(
            KeyOf(filter), filter.GetProperty("operator").GetString()!, [.. ValuesOf(filter).Select(one => one.Value)]))];
        return row => filters.All(filter => filter.Matches(row));
    }

    private static LogKey KeyOf(JsonElement filter) => LogKey.All[filter.GetProperty("key").GetString()!];

    // A part of a number or a time is a text, whatever the key's type.
    private static IEnumerable<(string Text, IComparable? Value)> ValuesOf(JsonElement filter) => filter.GetProperty("value").EnumerateArray()
        .Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText())
        .Select(text => (text, filter.GetProperty("operator").ValueEquals("contains") ? text : KeyOf(filter).Parse(text)));
}
