namespace GatewayOps.ControlPlane.Usage;

/// <summary>The sums that usage is told in: as columns of usage_rollups, and as they are computed of request records. The trigger `usage_roll_up` says the same in a migration.</summary>
internal static class UsageColumns
{
    public static readonly (string Name, string OfRecords)[] Sums =
    [
        ("requests", "count(*)"),
        ("answered", "count(*) filter (where attempts > 0 and cache_status <> 'hit')"),
        ("client_errors", "count(*) filter (where outcome = 'client_error')"),
        ("upstream_errors", "count(*) filter (where outcome = 'upstream_error')"),
        ("timeouts", "count(*) filter (where outcome = 'timeout')"),
        ("truncated", "count(*) filter (where outcome = 'truncated')"),
        ("cancelled", "count(*) filter (where outcome = 'cancelled')"),
        ("rate_limited", "count(*) filter (where outcome = 'rate_limited')"),
        ("refused", "count(*) filter (where outcome = 'refused')"),
        ("streams", "count(*) filter (where stream)"),
        ("cache_hits", "count(*) filter (where cache_status = 'hit')"),
        ("attempts", "coalesce(sum(attempts), 0)"),
        ("fallbacks", "count(*) filter (where attempts > 1 and outcome = 'ok')"),
        ("unpriced", "count(*) filter (where cost_usd is null and attempts > 0 and cache_status <> 'hit' and outcome in ('ok', 'truncated'))"),
        ("tokens_in", "coalesce(sum(tokens_in), 0)"),
        ("tokens_out", "coalesce(sum(tokens_out), 0)"),
        ("tokens_cached", "coalesce(sum(tokens_cached), 0)"),
        ("tokens_cache_write", "coalesce(sum(tokens_cache_write), 0)"),
        ("tokens_reasoning", "coalesce(sum(tokens_reasoning), 0)"),
        ("hit_tokens_in", "coalesce(sum(tokens_in) filter (where cache_status = 'hit'), 0)"),
        ("hit_tokens_out", "coalesce(sum(tokens_out) filter (where cache_status = 'hit'), 0)"),
        ("hit_tokens_cached", "coalesce(sum(tokens_cached) filter (where cache_status = 'hit'), 0)"),
        ("hits_with_tokens", "count(*) filter (where cache_status = 'hit' and tokens_in is not null)"),
        ("cost_usd", "coalesce(sum(cost_usd), 0)"),
    ];

    public static readonly string Names = string.Join(", ", Sums.Select(sum => sum.Name));

    public static readonly string OfRecords = string.Join(", ", Sums.Select(sum => sum.OfRecords));

    /// <summary>Of roll-ups, in the order of <see cref="Sums"/>. A sum of bigint is numeric, which only the cost should be.</summary>
    public static readonly string Totals = string.Join(", ", Sums.Select(sum => sum.Name == "cost_usd" ? "sum(cost_usd) as cost_usd" : $"sum({sum.Name})::bigint as {sum.Name}"));

    public static readonly string LatencyOfRecords = $"array[{string.Join(", ", Slots.Select(i => $"count(*) filter (where slot = {i})"))}]::integer[]";

    public static readonly string LatencyTotals = $"array[{string.Join(", ", Slots.Select(i => $"sum(latency[{i + 1}])::bigint"))}] as latency";

    public static readonly string Bounds = $"array[{string.Join(", ", LatencyBuckets.Bounds.Select(bound => bound.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]::double precision[]";

    private static IEnumerable<int> Slots => Enumerable.Range(0, LatencyBuckets.Bounds.Count + 1);

    public static int IndexOf(string name) => Array.FindIndex(Sums, sum => sum.Name == name);
}
