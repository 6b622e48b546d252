using System.Globalization;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Billing;

/// <summary>Which usage is asked for: from `From` on and before `To`, in windows of an hour or a UTC day.</summary>
public sealed record UsageRequest(DateTimeOffset From, DateTimeOffset To, TimeSpan Window)
{
    private static readonly TimeSpan WithoutStart = TimeSpan.FromDays(30);

    public static AskedParameter[] Parameters { get; } =
    [
        AskedParameter.Choice("value_grouping_window", "day", "hour") with { Required = true }, new("start_time", Shapes.Integer(0, long.MaxValue)), new("end_time", Shapes.Integer(0, long.MaxValue)),
    ];

    /// <summary>`value_grouping_window` is required; without times it is the last 30 days. Times are unix milliseconds, and the SDK writes a null as nothing.</summary>
    public static UsageRequest Read(IQueryCollection query, DateTimeOffset now, List<ApiError> errors)
    {
        if (query["value_grouping_window"].ToString().Length == 0)
            errors.Add(ApiError.Invalid(FieldPath.Query["value_grouping_window"], "Required"));
        var window = ListQuery.Choice(query, "value_grouping_window", "day", ["day", "hour"], errors) == "hour" ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1);
        var to = Time(query, "end_time", errors) ?? now;
        var from = Time(query, "start_time", errors) ?? (to - DateTimeOffset.UnixEpoch > WithoutStart ? to - WithoutStart : DateTimeOffset.UnixEpoch);
        if (from > to)
            errors.Add(ApiError.Invalid(FieldPath.Query["start_time"], "start_time is after end_time"));
        return new UsageRequest(from, to, window);
    }

    private static DateTimeOffset? Time(IQueryCollection query, string name, List<ApiError> errors)
    {
        var text = query[name].ToString();
        if (text.Length == 0)
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            return DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds);
        errors.Add(ApiError.Invalid(FieldPath.Query[name], "Expected unix time in milliseconds"));
        return null;
    }
}

/// <summary>What the logs of all gateways say that Unified Billing paid, in USD.</summary>
public static class BilledUsage
{
    /// <summary>Windows in which something was paid, oldest first.</summary>
    public static IEnumerable<(DateTimeOffset Start, decimal Cost)> History(AccountState account, UsageRequest request, Assumptions assumptions)
    {
        var costs = new SortedDictionary<long, decimal>();
        foreach (var row in Rows(account, request.From, request.To, assumptions))
        {
            var window = row.CreatedAt.UtcTicks / request.Window.Ticks;
            costs[window] = costs.GetValueOrDefault(window) + row.Cost;
        }
        return costs.Select(cost => (new DateTimeOffset(cost.Key * request.Window.Ticks, TimeSpan.Zero), cost.Value));
    }

    public static IEnumerable<LogRow> Rows(AccountState account, DateTimeOffset from, DateTimeOffset to, Assumptions assumptions) => account.Gateways
        .SelectMany(gateway => gateway.Logs.Read(from, to))
        .Where(row => row.Cost > 0 && (row.Wholesale || assumptions.UsageOfEveryRequest));
}
