using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>What Cloudflare's analytics say of one group. Durations are the means of minutes' quantiles, weighted by requests: near, not exact.</summary>
public sealed record AnalyticsGroup(
    string? Group, long Requests, long Errors, long CacheHits, double? HitRatio, long TokensIn, long TokensOut, decimal CostUsd, double? P50Ms, double? P90Ms, double? P99Ms);

/// <summary>Reads stored minutes of Cloudflare's analytics.</summary>
public sealed class AnalyticsReport(NpgsqlDataSource database)
{
    public const int MostGroups = 1000;

    /// <summary>What analytics can be grouped by, and how.</summary>
    public static IReadOnlyDictionary<string, string> Groupings { get; } = new Dictionary<string, string>
    {
        ["provider"] = "provider",
        ["model"] = "model",
        ["gateway"] = "gateway",
        ["status"] = "status_code::text",
        ["hour"] = "to_char(date_trunc('hour', minute, 'UTC') at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
        ["day"] = "to_char(minute at time zone 'UTC', 'YYYY-MM-DD')",
    };

    /// <summary>The groups, largest first or in the order of time, and all together.</summary>
    public async Task<(IReadOnlyList<AnalyticsGroup> Groups, AnalyticsGroup Total)> ReadAsync(
        string by, DateTimeOffset since, DateTimeOffset? until, string? gateway, string? provider, string? model, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(Statement(by));
        foreach (var value in new object?[] { since.UtcDateTime, until?.UtcDateTime ?? DateTime.MaxValue, gateway, provider, model })
        {
            command.Parameters.Add(value is DateTime at
                ? new() { Value = DateTime.SpecifyKind(at, DateTimeKind.Utc) }
                : new() { Value = (object?)StoredText.Of(value as string) ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        }

        var groups = new List<AnalyticsGroup>();
        var total = new AnalyticsGroup(null, 0, 0, 0, null, 0, 0, 0, null, null, null);
        await using var batch = ReportBatch.Of(database, command);
        await using var rows = await ReportBatch.ReadAsync(batch, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (rows.IsDBNull(2))
            {
                continue; // all together, of nothing
            }

            var (requests, hits) = (rows.GetInt64(2), rows.GetInt64(4));
            var group = new AnalyticsGroup(
                rows.IsDBNull(1) ? null : rows.GetString(1), requests, rows.GetInt64(3), hits, requests > 0 ? Math.Round((double)hits / requests, 4) : null, rows.GetInt64(5), rows.GetInt64(6),
                rows.GetDecimal(7), Duration(8), Duration(9), Duration(10));
            if (rows.GetInt32(0) == 1)
            {
                total = group with { Group = null };
            }
            else
            {
                groups.Add(group);
            }
        }

        return (groups, total);

        double? Duration(int column) => rows.IsDBNull(column) ? null : Math.Round(rows.GetDouble(column), 1);
    }

    private static string Statement(string by) => $"""
        select grouping(g), g, sum(requests)::bigint, sum(errors)::bigint, (coalesce(sum(requests) filter (where cached), 0))::bigint, sum(tokens_in)::bigint, sum(tokens_out)::bigint, sum(cost_usd),
            {Mean("median_ms")}, {Mean("p90_ms")}, {Mean("p99_ms")}
        from (select {Groupings[by]} as g, * from analytics_buckets where minute >= $1 and minute < $2
            and ($3::text is null or gateway = $3) and ($4::text is null or provider = $4) and ($5::text is null or model = $5)) minutes
        group by grouping sets ((g), ()) order by 1 desc, {(by is "hour" or "day" ? "2" : "3 desc, 2")} limit {MostGroups + 1}
        """;

    private static string Mean(string column) => $"sum({column} * requests) / nullif(sum(requests) filter (where {column} is not null), 0)::double precision";
}
