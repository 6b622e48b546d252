using System.Text.Json.Nodes;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>Which rows of a gateway's log a request means, and in which order (contract section 3).</summary>
public sealed record LogQuery(IReadOnlyList<Func<LogRow, bool>> Conditions, LogKey OrderBy, bool Ascending)
{
    public static readonly string[] ListOrders = ["created_at", "provider", "model", "model_type", "success", "cached"];
    public static readonly string[] DeleteOrders = [.. ListOrders, "cost", "tokens_in", "tokens_out", "duration", "feedback"];

    // The scalar parameters are deprecated, and still accepted.
    private static readonly string[] Equalities = ["cached", "success", "model", "model_type", "provider", "request_content_type", "response_content_type"];
    private static readonly (string Parameter, string Key)[] Ranges =
        [("cost", "cost"), ("duration", "duration"), ("tokens_in", "tokens_in"), ("tokens_out", "tokens_out"), ("total_tokens", "tokens")];

    public static LogQuery Read(HttpRequest request, string[] orders, List<ApiError> errors)
    {
        var query = request.Query;
        var conditions = new List<Func<LogRow, bool>>(LogFilter.Read(request, errors).Select<LogFilter, Func<LogRow, bool>>(filter => filter.Matches));
        foreach (var name in Equalities)
            Add(query, name, LogKey.All[name], (own, value) => own.CompareTo(value) == 0, conditions, errors);
        Add(query, "start_date", LogKey.All["created_at"], (own, value) => own.CompareTo(value) >= 0, conditions, errors);
        Add(query, "end_date", LogKey.All["created_at"], (own, value) => own.CompareTo(value) <= 0, conditions, errors);
        foreach (var (parameter, key) in Ranges)
        {
            Add(query, $"min_{parameter}", LogKey.All[key], (own, value) => own.CompareTo(value) >= 0, conditions, errors);
            Add(query, $"max_{parameter}", LogKey.All[key], (own, value) => own.CompareTo(value) <= 0, conditions, errors);
        }
        Add(query, "feedback", LogKey.All["feedback"], (own, value) => own.CompareTo(value) == 0, conditions, errors);
        if (query["search"].ToString() is { Length: > 0 } search)
            conditions.Add(row => Contains(row, search));

        var order = Choice(query, "order_by", "created_at", orders, errors);
        var direction = Choice(query, query.ContainsKey("order_by_direction") ? "order_by_direction" : "direction", "desc", ["asc", "desc"], errors);
        return new LogQuery(conditions, LogKey.All[order], direction == "asc");
    }

    public IReadOnlyList<LogRow> Run(LogStore logs)
    {
        var rows = logs.Visible().Where(row => Conditions.All(condition => condition(row)));
        IComparable? By(LogRow row) => OrderBy.Read(row).First();
        return Ascending
            ? [.. rows.OrderBy(By).ThenBy(row => row.Id, StringComparer.Ordinal)]
            : [.. rows.OrderByDescending(By).ThenByDescending(row => row.Id, StringComparer.Ordinal)];
    }

    /// <summary>The smallest and largest values of the rows: `meta_info=true`.</summary>
    public static JsonObject Extremes(IReadOnlyList<LogRow> rows)
    {
        var info = new JsonObject();
        foreach (var (parameter, key) in Ranges)
        {
            var values = rows.SelectMany(LogKey.All[key].Read).OfType<double>().ToArray();
            info[$"min_{parameter}"] = values.Length == 0 ? 0 : values.Min();
            info[$"max_{parameter}"] = values.Length == 0 ? 0 : values.Max();
        }
        return info;
    }

    private static void Add(
        IQueryCollection query, string parameter, LogKey key, Func<IComparable, IComparable, bool> holds, List<Func<LogRow, bool>> conditions, List<ApiError> errors)
    {
        if (!query.TryGetValue(parameter, out var text))
            return;
        if (key.Parse(text.ToString()) is { } value)
            conditions.Add(row => key.Read(row).Any(own => own is not null && holds(own, value)));
        else
            errors.Add(ApiError.Invalid(FieldPath.Query[parameter], $"Invalid value '{text}'"));
    }

    private static string Choice(IQueryCollection query, string parameter, string absent, string[] values, List<ApiError> errors)
    {
        if (!query.TryGetValue(parameter, out var text))
            return absent;
        if (values.Contains(text.ToString()))
            return text.ToString();
        errors.Add(ApiError.Invalid(FieldPath.Query[parameter], $"Invalid enum value. Expected {string.Join(" | ", values.Select(value => $"'{value}'"))}, received '{text}'"));
        return absent;
    }

    private static bool Contains(LogRow row, string search) =>
        new[] { row.Id, row.Provider, row.Model, row.Path, row.EventId, row.Metadata }.Any(text => text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true);
}
