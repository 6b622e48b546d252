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
        new Member("value", ArrayOf(Scalar), Required: true)).And((filter, path, errors) => Read(filter, path, errors));

    public static Shape Body { get; } = ObjectOf(
        new Member("name", Text(1), Required: true),
        new Member("enable", Flag, Required: true),
        new Member("filters", ArrayOf(Filter), Required: true));

    /// <summary>All filters hold; one holds for any of its values. A dataset without filters is the whole log.</summary>
    public static Func<LogRow, bool> Selection(DatasetState dataset) =>
        LogFilter.All([.. dataset.Filters.EnumerateArray().Select(filter => Read(filter, FieldPath.Body, [])!)]);

    private static LogFilter? Read(JsonElement filter, FieldPath path, List<ApiError> errors) => LogFilter.Create(
        filter.GetProperty("key").GetString(), filter.GetProperty("operator").GetString(), [.. filter.GetProperty("value").EnumerateArray().Select(LogFilter.TextOf)], path, errors);
}
