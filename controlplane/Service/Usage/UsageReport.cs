using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// What requests came to, over any span. Read of the daily and hourly totals, so that its cost grows with hours and names and not with requests; of the records only the
/// part of an hour at each end of the span.
/// </summary>
public sealed class UsageReport(NpgsqlDataSource database, IOptions<RollupOptions> options, TimeProvider time)
{
    /// <summary>Groups at most; the largest, or for hours and days the first.</summary>
    public const int MostGroups = 1000;

    /// <summary>As hours: a group each.</summary>
    public static readonly TimeSpan LongestByHour = TimeSpan.FromDays(14);

    private const string HourFormat = "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'";

    /// <summary>What usage can be grouped by, and how: of totals, and of records.</summary>
    public static IReadOnlyDictionary<string, (string OfTotals, string OfRecords)> Groupings { get; } = new Dictionary<string, (string, string)>
    {
        ["provider"] = ("provider", "provider"),
        ["model"] = ("model", "model"),
        ["gateway"] = ("gateway", "gateway"),
        ["key"] = ("virtual_key", "coalesce(virtual_key, '')"),
        ["hour"] = ($"to_char(bucket at time zone 'UTC', {HourFormat})", $"to_char(date_trunc('hour', at, 'UTC') at time zone 'UTC', {HourFormat})"),
        ["day"] = ("to_char(bucket at time zone 'UTC', 'YYYY-MM-DD')", "to_char(at at time zone 'UTC', 'YYYY-MM-DD')"),
    };

    /// <summary>The first hour that has a total; of times before, days are left.</summary>
    public DateTimeOffset FirstHour => new(time.GetUtcNow().UtcDateTime.Date.AddDays(-options.Value.HourlyDays), TimeSpan.Zero);

    public async Task<UsageTotals> ReadAsync(UsageQuestion question, CancellationToken cancellationToken)
    {
        var since = await BeginningAsync(question.Since, cancellationToken);
        var until = await EndAsync(question.Until, cancellationToken);
        var span = UsageSpan.Of(since, until, question.By != "hour");
        await using var batch = ReportBatch.Of(database, Statements(question).Select(text => Bound(text, question, span)));
        await using var rows = await ReportBatch.ReadAsync(batch, cancellationToken);
        var total = new UsageGroup();
        var tokens = new TokenUsage(0, 0);
        var groups = new List<UsageGroup>();
        while (await rows.ReadAsync(cancellationToken))
        {
            if (rows.GetInt32(0) == 0)
            {
                groups.Add(Group(rows));
            }
            else if (!rows.IsDBNull(2))
            {
                total = Group(rows) with { Group = null };
                tokens = new TokenUsage(total.TokensIn - Sum(rows, "hit_tokens_in"), total.TokensOut - Sum(rows, "hit_tokens_out"));
            }
        }

        var hits = new List<UsageHits>();
        await rows.NextResultAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            hits.Add(new UsageHits(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetInt64(3), rows.GetInt64(4), new TokenUsage(rows.GetInt64(5), rows.GetInt64(6), rows.GetInt64(7))));
        }

        return new UsageTotals(since, until, groups, total, hits, tokens);
    }

    /// <summary>Requests of a UTC day that a provider was asked for.</summary>
    public async Task<long> AnsweredAsync(DateTime day, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select coalesce(sum(answered), 0)::bigint from usage_rollups where grain = 'day' and bucket = $1");
        command.Parameters.Add(new() { Value = day });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The two statements of a report: its groups with their total, and the answers from the cache by model.</summary>
    private static IReadOnlyList<string> Statements(UsageQuestion question)
    {
        var (ofTotals, ofRecords) = Groupings[question.By];
        var isTime = question.By is "hour" or "day";
        var hits = Of("cache_hits", "hits_with_tokens", "hit_tokens_in", "hit_tokens_out", "hit_tokens_cached");
        return
        [
            $"""
            with groups as materialized (
              select g, {UsageColumns.Totals}, {UsageColumns.LatencyTotals}
              from ({Parts(question, ofTotals, ofRecords, UsageColumns.Names, UsageColumns.OfRecords, withLatency: true)}) parts group by g)
            select 1, null::text, {UsageColumns.Totals}, {UsageColumns.LatencyTotals} from groups
            union all (select 0, * from groups order by {(isTime ? "2" : "3 desc, 2")} limit {MostGroups})
            """,
            $"""
            select g, provider, model, sum(cache_hits)::bigint, sum(hits_with_tokens)::bigint, sum(hit_tokens_in)::bigint, sum(hit_tokens_out)::bigint, sum(hit_tokens_cached)::bigint
            from ({Parts(question, $"{ofTotals} as g, provider, model", $"{ofRecords} as g, provider, model", hits.Names, hits.OfRecords, withLatency: false)}) parts
            where cache_hits > 0 group by 1, 2, 3
            """,
        ];
    }

    private static (string Names, string OfRecords) Of(params string[] names) =>
        (string.Join(", ", names), string.Join(", ", names.Select(name => $"{UsageColumns.Sums[UsageColumns.IndexOf(name)].OfRecords} as {name}")));

    // $1 to $6: the span. The days and the hours are two branches, so that each is one range of the key.
    private static string Parts(UsageQuestion question, string ofTotals, string ofRecords, string sums, string sumsOfRecords, bool withLatency)
    {
        var totals = $"select {(withLatency ? $"{ofTotals} as g" : ofTotals)}, {sums}{(withLatency ? ", latency" : "")} from usage_rollups where {Filter(question)}";
        var records = withLatency
            ? $"""
              select g, {sumsOfRecords}, {UsageColumns.LatencyOfRecords} from (
                select {ofRecords} as g, outcome, stream, cache_status, attempts, cost_usd, tokens_in, tokens_out, tokens_cached, tokens_cache_write, tokens_reasoning,
                    width_bucket(duration_ms, {UsageColumns.Bounds}) as slot
                from request_records where {Filter(question)} and ((at >= $1 and at < $2) or (at >= $5 and at < $6))) edges
              group by g
              """
            : $"select {ofRecords}, {sumsOfRecords} from request_records where {Filter(question)} and ((at >= $1 and at < $2) or (at >= $5 and at < $6)) group by 1, 2, 3";
        return $"""
            {totals} and grain = 'day' and bucket >= $3 and bucket < $4
            union all {totals} and grain = 'hour' and bucket >= $2 and bucket < $3
            union all {totals} and grain = 'hour' and bucket >= $4 and bucket < $5
            union all {records}
            """;
    }

    private static string Filter(UsageQuestion question) => string.Join(" and ", Filters(question).Select((filter, i) => $"{filter.Column} = ${7 + i}").Prepend("true"));

    private static IEnumerable<(string Column, string Value)> Filters(UsageQuestion question) =>
        new (string Column, string? Value)[] { ("gateway", question.Gateway), ("provider", question.Provider), ("model", question.Model), ("virtual_key", question.Key) }
            .Where(filter => filter.Value is not null).Select(filter => (filter.Column, StoredText.Of(filter.Value)!));

    private static NpgsqlBatchCommand Bound(string text, UsageQuestion question, UsageSpan span)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in new[] { span.From, span.HourFrom, span.DayFrom, span.DayTo, span.HourTo, span.To })
        {
            command.Parameters.Add(new() { Value = DateTime.SpecifyKind(value, DateTimeKind.Utc) });
        }

        foreach (var (_, value) in Filters(question))
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    // Where the records of the first hour are gone, the whole hour counts; where its hourly totals are gone, the whole day.
    private async Task<DateTimeOffset> BeginningAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (since < FirstHour)
        {
            return since.Floor(TimeSpan.FromDays(1));
        }

        var hour = since.Floor(TimeSpan.FromHours(1));
        if (hour == since)
        {
            return since;
        }

        return await HasRecordsAsync(hour, cancellationToken) ? since : hour;
    }

    // The same at the end of what is past.
    private async Task<DateTimeOffset?> EndAsync(DateTimeOffset? until, CancellationToken cancellationToken)
    {
        if (until is not { } end || end >= time.GetUtcNow())
        {
            return until;
        }

        if (end < FirstHour)
        {
            return end.Floor(TimeSpan.FromDays(1)) is var day && day == end ? end : day.AddDays(1);
        }

        var hour = end.Floor(TimeSpan.FromHours(1));
        return hour == end || await HasRecordsAsync(hour, cancellationToken) ? end : hour.AddHours(1);
    }

    private async Task<bool> HasRecordsAsync(DateTimeOffset hour, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select exists (select from request_records where at >= $1 and at < $2)");
        command.Parameters.Add(new() { Value = hour });
        command.Parameters.Add(new() { Value = hour.AddHours(1) });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static UsageGroup Group(NpgsqlDataReader row)
    {
        var latency = row.GetFieldValue<long[]>(2 + UsageColumns.Sums.Length);
        var (requests, hits, answered, cancelled) = (Sum(row, "requests"), Sum(row, "cache_hits"), Sum(row, "answered"), Sum(row, "cancelled"));
        var (client, upstream, timeouts, truncated, limited, refused) =
            (Sum(row, "client_errors"), Sum(row, "upstream_errors"), Sum(row, "timeouts"), Sum(row, "truncated"), Sum(row, "rate_limited"), Sum(row, "refused"));
        return new UsageGroup
        {
            Group = row.IsDBNull(1) ? null : row.GetString(1),
            Requests = requests,
            TokensIn = Sum(row, "tokens_in"),
            TokensOut = Sum(row, "tokens_out"),
            CostUsd = row.GetDecimal(2 + UsageColumns.IndexOf("cost_usd")),
            CacheHits = hits,
            Errors = client + upstream + timeouts + truncated + limited + refused,
            Streams = Sum(row, "streams"),
            Truncated = truncated,
            RateLimited = limited,
            Fallbacks = Sum(row, "fallbacks"),
            Attempts = Sum(row, "attempts"),
            ClientErrors = client,
            UpstreamErrors = upstream,
            Timeouts = timeouts,
            Refused = refused,
            Cancelled = cancelled,
            TokensCached = Sum(row, "tokens_cached"),
            TokensCacheWrite = Sum(row, "tokens_cache_write"),
            TokensReasoning = Sum(row, "tokens_reasoning"),
            Unpriced = Sum(row, "unpriced"),
            HitRatio = hits + answered > 0 ? Math.Round((double)hits / (hits + answered), 4) : null,
            P50Ms = LatencyBuckets.Quantile(latency, 0.5),
            P95Ms = LatencyBuckets.Quantile(latency, 0.95),
            P99Ms = LatencyBuckets.Quantile(latency, 0.99),
        };
    }

    private static long Sum(NpgsqlDataReader row, string name) => row.GetInt64(2 + UsageColumns.IndexOf(name));
}
