using GatewayOps.ControlPlane.Storage;
using Npgsql;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>Reads what the proxy, the gateways' logs and Cloudflare's analytics have of whole hours.</summary>
public sealed class EvidenceReport(NpgsqlDataSource database, AnalyticsStore analytics)
{
    // Each log row is added up once, by gateway, hour and whose it is; whose it is comes together in the few sums.
    // `offset 0` keeps the hour a value of its own: of its expression the planner takes as many groups as there are times, and sorts all rows by the disk to find the few.
    // The proxy's calls are its attempts: the gateway logs each. Its tokens and costs are those of answers; answers from a cache of the gateway are calls, too, with their tokens.
    private const string Statement = """
        with proxy as (
            select gateway, bucket as hour, sum(attempts) as requests, sum(tokens_in + tokens_out) as tokens, sum(cost_usd) as cost
            from usage_rollups where grain = 'hour' and bucket >= $1 and bucket < $2 and ($3::text is null or gateway = $3) group by 1, 2 having sum(attempts) > 0),
        counted as (
            select gateway, hour, direct, count(*) as requests, sum(tokens) as tokens, sum(cost_usd) as cost
            from (
                select gateway, date_bin('1 hour', created_at, timestamptz '2000-01-01 00:00Z') as hour, request_id is null as direct, coalesce(tokens_in, 0) + coalesce(tokens_out, 0) as tokens, cost_usd
                from gateway_logs where created_at >= $1 and created_at < $2 and ($3::text is null or gateway = $3) offset 0) rows
            group by 1, 2, 3),
        logs as (
            select gateway, hour, sum(requests) as requests, sum(tokens) as tokens, coalesce(sum(cost), 0) as cost,
                coalesce(sum(requests) filter (where direct), 0) as direct_requests,
                coalesce(sum(tokens) filter (where direct), 0) as direct_tokens,
                coalesce(sum(cost) filter (where direct), 0) as direct_cost
            from counted group by 1, 2),
        told as (
            select gateway, hour, sum(requests) as requests, sum(tokens) as tokens, sum(cost_usd) as cost
            from (
                select gateway, date_bin('1 hour', minute, timestamptz '2000-01-01 00:00Z') as hour, requests, tokens_in + tokens_out as tokens, cost_usd
                from analytics_buckets where minute >= $1 and minute < $2 and ($3::text is null or gateway = $3) offset 0) minutes
            group by 1, 2)
        select gateway, hour, p.requests::bigint, p.tokens::bigint, p.cost, l.requests::bigint, l.tokens::bigint, l.cost, l.direct_requests::bigint, l.direct_tokens::bigint, l.direct_cost,
            a.requests::bigint, a.tokens::bigint, a.cost
        from proxy p full join logs l using (gateway, hour) full join told a using (gateway, hour) order by hour desc, gateway limit $4
        """;

    /// <summary>Newest first; at most <paramref name="limit"/> pairs of gateway and hour.</summary>
    public async Task<IReadOnlyList<HourEvidence>> ReadAsync(DateTimeOffset from, DateTimeOffset to, string? gateway, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(Statement);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        command.Parameters.Add(new() { Value = (object?)StoredText.Of(gateway) ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = limit });
        await using var batch = ReportBatch.Of(database, command);
        await using var rows = await ReportBatch.ReadAsync(batch, cancellationToken);
        var hours = new List<HourEvidence>();
        while (await rows.ReadAsync(cancellationToken))
        {
            hours.Add(new HourEvidence(rows.GetString(0), rows.GetFieldValue<DateTimeOffset>(1), Counts(rows, 2), Counts(rows, 5), Counts(rows, 8), Counts(rows, 11)));
        }

        return hours;
    }

    public async Task<FeedStandings> FeedsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select gateway, max(polled_at) from (select gateway, polled_at from log_feeds union all select gateway, polled_at from log_cursors) feeds
            where polled_at is not null group by 1
            """);
        var logs = new Dictionary<string, DateTimeOffset>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            logs[rows.GetString(0)] = rows.GetFieldValue<DateTimeOffset>(1);
        }

        return new FeedStandings(logs, (await analytics.CursorAsync(cancellationToken))?.SettledUntil);
    }

    private static HourCounts? Counts(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new HourCounts(row.GetInt64(column), row.GetInt64(column + 1), row.GetDecimal(column + 2));
}
