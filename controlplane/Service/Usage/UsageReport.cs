using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>What requests came to, since a time, for one group or all. A fallback is a request that an attempt after the first answered.</summary>
public sealed record UsageGroup(
    string? Group, long Requests, long TokensIn, long TokensOut, decimal CostUsd, long CacheHits, long Errors, long Streams, long Truncated, long RateLimited,
    long Fallbacks, long Attempts)
{
    public static UsageGroup Sum(IEnumerable<UsageGroup> groups) => groups.Aggregate(
        new UsageGroup(null, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (a, b) => new UsageGroup(
            null, a.Requests + b.Requests, a.TokensIn + b.TokensIn, a.TokensOut + b.TokensOut, a.CostUsd + b.CostUsd, a.CacheHits + b.CacheHits,
            a.Errors + b.Errors, a.Streams + b.Streams, a.Truncated + b.Truncated, a.RateLimited + b.RateLimited,
            a.Fallbacks + b.Fallbacks, a.Attempts + b.Attempts));
}

/// <summary>A request record as the operator API shows it.</summary>
public sealed record RequestView(
    Guid Id, DateTimeOffset At, string RequestId, string Method, string Path, string Gateway, string Provider, string Model, string? SessionId, string? VirtualKey,
    int Status, string Outcome, double DurationMs, double? FirstByteMs, bool Stream, string Cache, long? TokensIn, long? TokensOut, long? TokensCached,
    long? TokensReasoning, long? TokensCacheWrite, bool TokensEstimated, decimal? CostUsd, int Attempts, string Revision, string? Rule, bool Cold);

/// <summary>Reads request_records for the operator API.</summary>
public sealed class UsageReport(NpgsqlDataSource database)
{
    /// <summary>What usage can be grouped by, and the column of each.</summary>
    public static IReadOnlyDictionary<string, string> Groupings { get; } = new Dictionary<string, string>
    {
        ["provider"] = "provider",
        ["model"] = "model",
        ["gateway"] = "gateway",
        ["key"] = "coalesce(virtual_key, '')",
    };

    /// <summary><paramref name="by"/> is a key of <see cref="Groupings"/>. The largest groups come first, at most 1000.</summary>
    public async Task<IReadOnlyList<UsageGroup>> GroupsAsync(string by, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select {Groupings[by]}, count(*), coalesce(sum(tokens_in), 0)::bigint, coalesce(sum(tokens_out), 0)::bigint, coalesce(sum(cost_usd), 0),
                count(*) filter (where cache_status = 'hit'), count(*) filter (where outcome not in ('ok', 'cancelled')), count(*) filter (where stream),
                count(*) filter (where outcome = 'truncated'), count(*) filter (where outcome = 'rate_limited'),
                count(*) filter (where attempts > 1 and outcome = 'ok'), coalesce(sum(attempts), 0)::bigint
            from request_records where at >= $1 group by 1 order by 2 desc, 1 limit 1000
            """);
        command.Parameters.Add(new() { Value = since.UtcDateTime });
        var groups = new List<UsageGroup>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            groups.Add(new UsageGroup(
                rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetDecimal(4), rows.GetInt64(5), rows.GetInt64(6), rows.GetInt64(7),
                rows.GetInt64(8), rows.GetInt64(9), rows.GetInt64(10), rows.GetInt64(11)));
        }

        return groups;
    }

    /// <summary>Newest first, those before the cursor's record.</summary>
    public async Task<IReadOnlyList<RequestView>> RequestsAsync(int limit, RequestPlace? before, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            select id, at, request_id, method, path, gateway, provider, model, session_id, virtual_key, status, outcome, duration_ms, first_byte_ms, stream,
                cache_status, tokens_in, tokens_out, tokens_cached, tokens_reasoning, tokens_cache_write, tokens_estimated,
                cost_usd, attempts, revision, rule, cold
            from request_records {(before is null ? "" : "where (at, id) < ($2, $3)")} order by at desc, id desc limit $1
            """);
        command.Parameters.Add(new() { Value = limit });
        if (before is { } place)
        {
            command.Parameters.Add(new() { Value = place.At.UtcDateTime });
            command.Parameters.Add(new() { Value = place.Id });
        }

        var requests = new List<RequestView>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            requests.Add(View(rows));
        }

        return requests;
    }

    private static RequestView View(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        Text(row, 8), Text(row, 9), row.GetInt32(10), row.GetString(11), row.GetDouble(12), row.IsDBNull(13) ? null : row.GetDouble(13), row.GetBoolean(14),
        row.GetString(15), Count(row, 16), Count(row, 17), Count(row, 18), Count(row, 19), Count(row, 20), row.GetBoolean(21),
        row.IsDBNull(22) ? null : row.GetDecimal(22), row.GetInt32(23), row.GetString(24), Text(row, 25), row.GetBoolean(26));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Count(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
