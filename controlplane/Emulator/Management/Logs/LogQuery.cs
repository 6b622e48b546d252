using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Logs;

/// <summary>
/// Which rows of a gateway's log a request means, and in which order (contract section 3). It goes once over the log and keeps the rows up to the page's end:
/// memory is bounded by the page, not by the log.
/// </summary>
/// <param name="Matches">Null: every row.</param>
public sealed record LogQuery(Func<LogRow, bool>? Matches, LogKey OrderBy, bool Ascending)
{
    public static readonly string[] ListOrders = ["created_at", "provider", "model", "model_type", "success", "cached"];
    public static readonly string[] DeleteOrders = [.. ListOrders, "cost", "tokens_in", "tokens_out", "duration", "feedback"];

    // Deprecated, and still accepted: what stands before the parameter's name in the list below, and the comparison that it asks for.
    private static readonly (string Parameter, LogKey Key, LogOperator Operator)[] Scalars =
    [
        .. from name in new[] { "cached", "success", "model", "model_type", "provider", "request_content_type", "response_content_type" } select (name, LogKeys.All[name], LogOperator.Equal),
        ("start_date", LogKeys.CreatedAt, LogOperator.AtLeast),
        ("end_date", LogKeys.CreatedAt, LogOperator.AtMost),
        .. from range in new (string Name, LogKey Key)[]
            { ("cost", LogKeys.Cost), ("duration", LogKeys.Duration), ("tokens_in", LogKeys.TokensIn), ("tokens_out", LogKeys.TokensOut), ("total_tokens", LogKeys.Tokens) }
           from bound in new[] { ("min_", LogOperator.AtLeast), ("max_", LogOperator.AtMost) }
           select (bound.Item1 + range.Name, range.Key, bound.Item2),
    ];

    private static readonly AskedParameter Filters = new("filters", Shapes.Text(), Repeats: true);

    /// <summary>What <see cref="ReadList"/> and its caller read.</summary>
    public static AskedParameter[] ListParameters { get; } =
    [
        .. AskedParameter.Pages(5, 50), Filters, AskedParameter.Text("search"), AskedParameter.Flag("meta_info"),
        AskedParameter.Choice("order_by", ListOrders), AskedParameter.Choice("order_by_direction", "asc", "desc"), AskedParameter.Choice("direction", "asc", "desc"),
        AskedParameter.Choice("feedback", "0", "1"), .. Scalars.Select(scalar => AskedParameter.Text(scalar.Parameter)),
    ];

    /// <summary>What <see cref="ReadDeletion"/> and its caller read.</summary>
    public static AskedParameter[] DeletionParameters { get; } =
        [Filters, new("limit", Shapes.Integer(1)), AskedParameter.Choice("order_by", DeleteOrders), AskedParameter.Choice("order_by_direction", "asc", "desc")];

    /// <summary>The query of a list.</summary>
    public static LogQuery ReadList(HttpRequest request, List<ApiError> errors)
    {
        var query = request.Query;
        var conditions = new List<Func<LogRow, bool>>();
        foreach (var (parameter, key, comparison) in Scalars)
        {
            if (!query.TryGetValue(parameter, out var text))
                continue;
            if (key.Where(comparison, [text.ToString()], out _) is { } condition)
                conditions.Add(condition);
            else
                errors.Add(ApiError.Invalid(FieldPath.Query[parameter], $"Invalid value '{text}'"));
        }
        if (ListQuery.Choice(query, "feedback", "", ["0", "1"], errors) is { Length: > 0 } feedback && LogKeys.All["feedback"].Where(LogOperator.Equal, [feedback], out _) is { } given)
            conditions.Add(given);
        if (query["search"].ToString() is { Length: > 0 } search)
            conditions.Add(row => IsFound(row, search));
        return Read(request, conditions, ListOrders, query.ContainsKey("order_by_direction") ? "order_by_direction" : "direction", errors);
    }

    /// <summary>The query of a deletion: filters alone.</summary>
    public static LogQuery ReadDeletion(HttpRequest request, List<ApiError> errors) => Read(request, [], DeleteOrders, "order_by_direction", errors);

    /// <summary>Rows `skip` to `skip + take` of those that match, and how many match; deleted rows are counted for a while.</summary>
    public LogPage Page(LogSnapshot logs, long skip, int take, bool extremes)
    {
        var seen = extremes ? new LogExtremes() : null;
        var stale = logs.StaleRows.Count(row => Matches?.Invoke(row) != false);
        if (Matches is null && seen is null && OrderBy == LogKeys.CreatedAt)
            return new LogPage(logs.Page(skip, take, Ascending), logs.Count + stale, Extremes: null);
        long total = 0;
        var first = new FirstRows(Order, Math.Min(skip + take, logs.Count));
        foreach (var row in logs)
        {
            if (Matches?.Invoke(row) == false)
                continue;
            total++;
            seen?.Add(row);
            first.Add(row);
        }
        return new LogPage([.. first.InOrder().Skip((int)Math.Min(skip, int.MaxValue)).Take(take)], total + stale, seen);
    }

    /// <summary>The first rows that match, or all of them.</summary>
    public IReadOnlyList<LogRow> First(LogSnapshot logs, int? limit)
    {
        var matching = logs.Where(row => Matches?.Invoke(row) != false);
        if (limit is null)
            return [.. matching];
        var first = new FirstRows(Order, limit.Value);
        foreach (var row in matching)
            first.Add(row);
        return [.. first.InOrder()];
    }

    private static LogQuery Read(HttpRequest request, List<Func<LogRow, bool>> conditions, string[] orders, string directionName, List<ApiError> errors)
    {
        if (LogFilterReader.Read(request, errors) is { Count: > 0 } filters)
            conditions.Add(LogFilter.All(filters));
        var order = ListQuery.Choice(request.Query, "order_by", "created_at", orders, errors);
        var direction = ListQuery.Choice(request.Query, directionName, "desc", ["asc", "desc"], errors);
        return new LogQuery(conditions.Count == 0 ? null : LogFilter.Together(conditions), LogKeys.All.GetValueOrDefault(order, LogKeys.CreatedAt), direction == "asc");
    }

    // Rows with equal values, and all rows by time: by id.
    private int Order(LogRow left, LogRow right)
    {
        var order = OrderBy == LogKeys.CreatedAt ? 0 : OrderBy.Compare(left, right);
        if (order == 0)
            order = left.Key.CompareTo(right.Key);
        return Ascending ? order : -order;
    }

    private static bool IsFound(LogRow row, string search)
    {
        foreach (var text in (ReadOnlySpan<string?>)[row.Provider, row.Model, row.Path, row.EventId, row.Metadata, row.Id])
        {
            if (text?.Contains(search, StringComparison.OrdinalIgnoreCase) == true)
                return true;
        }
        return false;
    }
}
