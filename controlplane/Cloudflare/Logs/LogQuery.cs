using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Logs;

/// <summary>Entries strictly between `Since` and `Until` that meet every filter. Ascending by time is the order to page in: new entries then come last and move no page.</summary>
public sealed record LogQuery
{
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? Until { get; init; }
    public IReadOnlyList<LogFilter> Filters { get; init; } = [];

    /// <summary>Text to look for.</summary>
    public string? Search { get; init; }

    /// <summary>created_at, provider, model, model_type, success or cached.</summary>
    public string OrderBy { get; init; } = "created_at";
    public bool Ascending { get; init; } = true;

    internal IEnumerable<LogFilter> AllFilters()
    {
        if (Since is { } since) yield return LogFilter.After(since);
        if (Until is { } until) yield return LogFilter.Before(until);
        foreach (var filter in Filters) yield return filter;
    }
}

/// <summary>
/// Entries to delete: those that meet every filter, or the first `Limit` in the order. One of both is demanded; everything goes only by <see cref="Everything"/>.
/// </summary>
public sealed record LogDeletion
{
    public static readonly LogDeletion Everything = new() { IsEverything = true };

    public IReadOnlyList<LogFilter> Filters { get; init; } = [];
    public int? Limit { get; init; }

    /// <summary>As for lists, or cost, tokens_in, tokens_out, duration, feedback.</summary>
    public string OrderBy { get; init; } = "created_at";
    public bool Ascending { get; init; } = true;

    internal bool IsEverything { get; private init; }
}

/// <summary>How filters go over the wire.</summary>
internal static class LogFilterText
{
    public static Call And(this Call call, IReadOnlyList<LogFilter> filters, Assumptions assumptions)
    {
        if (filters.Count == 0) return call;
        if (assumptions.FiltersAsJson) return call.And("filters", new JsonArray([.. filters.Select(filter => filter.ToJson())]).ToJsonString());
        foreach (var filter in filters)
        {
            call = call.And("filters.key", filter.Key).And("filters.operator", filter.Operator);
            call = filter.Values.Aggregate(call, (so, value) => so.And("filters.value", value?.ToString() ?? "null"));
        }
        return call;
    }
}
