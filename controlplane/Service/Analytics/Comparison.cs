namespace GatewayOps.ControlPlane.Analytics;

/// <summary>Calls of a gateway in an hour, as one side counted them.</summary>
public sealed record HourCounts(long Requests, long Tokens, decimal CostUsd);

/// <summary>What is known of one gateway in one hour. <paramref name="Proxy"/> counts attempts, as the gateway's log does; <paramref name="Direct"/> are log rows without an id of the proxy's.</summary>
public sealed record HourEvidence(string Gateway, DateTimeOffset Hour, HourCounts? Proxy, HourCounts? Logs, HourCounts? Direct, HourCounts? Analytics);

/// <summary>How far the two feeds were read, and what may be expected of them.</summary>
/// <param name="LogsUntil">By gateway: log rows before it were read; absent where no log was ever read.</param>
/// <param name="AnalyticsUntil">Minutes before it are final; null where analytics were never read.</param>
public sealed record FeedStandings(IReadOnlyDictionary<string, DateTimeOffset> LogsUntil, DateTimeOffset? AnalyticsUntil);

/// <summary>Two numbers that should be one. <paramref name="Relative"/>: the difference, of the larger one.</summary>
public sealed record Difference(string Pair, string Measure, decimal Left, decimal Right, decimal Absolute, decimal Relative, bool Beyond);

/// <summary>One gateway in one hour. <paramref name="Provisional"/>: a feed is not there yet, so that no difference counts.</summary>
public sealed record HourComparison(
    string Gateway, DateTimeOffset Hour, HourCounts? Proxy, HourCounts? Logs, HourCounts? Direct, HourCounts? Analytics, IReadOnlyList<Difference> Differences, IReadOnlyList<string> Reasons, bool Provisional)
{
    public bool IsBeyond => !Provisional && Differences.Any(difference => difference.Beyond);
}

/// <summary>Holds the three records of one traffic against each other. Pure.</summary>
public static class Comparison
{
    /// <summary>Why numbers may differ, by the word that stands in the answer.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>
    {
        ["lag"] = "the analytics of this hour are not final yet: they come 14 minutes late or more",
        ["logs_behind"] = "the gateway's log was not read up to the end of this hour yet",
        ["logs_missing"] = "no log row of the proxy's calls: the gateway's logs are switched off (collect_logs), or nothing reads them",
        ["logs_partial"] = "fewer log rows than the proxy made calls: rules keep some out of the log (collect_log), rows came late or were lost, or some calls never reached the gateway",
        ["logs_extra"] = "more log rows with the proxy's ids than it recorded calls: records were dropped (gatewayops_usage_records_dropped_total), or rows without a record were fetched for an earlier time",
        ["direct_clients"] = "some rows have no id of the proxy: clients that go to the gateway directly",
        ["analytics_missing"] = "analytics were never read: polling is off, or the token may not read them (Account Analytics: Read)",
        ["sampled"] = "analytics are a sample's estimate",
        ["prices"] = "calls and tokens agree and the cost does not: the proxy counts list prices, Cloudflare its own",
    };

    /// <param name="evidence">One gateway in one hour.</param>
    /// <param name="feeds">How far they were read.</param>
    /// <param name="tolerance">0 to 1: differences up to this part of the larger number are none; nor is one of a single call.</param>
    public static HourComparison Of(HourEvidence evidence, FeedStandings feeds, decimal tolerance)
    {
        var end = evidence.Hour.AddHours(1);
        var reasons = new List<string>();
        var (proxy, logs, direct) = (evidence.Proxy ?? Nothing, evidence.Logs ?? Nothing, evidence.Direct ?? Nothing);
        var ours = new HourCounts(logs.Requests - direct.Requests, logs.Tokens - direct.Tokens, logs.CostUsd - direct.CostUsd);
        var hasLogs = feeds.LogsUntil.TryGetValue(evidence.Gateway, out var logsUntil) || evidence.Logs is not null;
        var isBehind = hasLogs && logsUntil < end && evidence.Logs is null;
        var isLate = feeds.AnalyticsUntil is { } until && until < end;
        Add(isBehind, "logs_behind");
        Add(isLate, "lag");
        Add(feeds.AnalyticsUntil is null, "analytics_missing");
        Add(direct.Requests > 0, "direct_clients");

        var differences = new List<Difference>();
        if (!isBehind)
        {
            differences.AddRange(Differences("proxy:logs", proxy, ours, tolerance));
        }

        if (feeds.AnalyticsUntil is not null && !isLate)
        {
            // Where there are no log rows, the proxy's own calls are the nearest thing.
            var known = evidence.Logs is null ? (Pair: "proxy:analytics", Counts: proxy) : (Pair: "logs:analytics", Counts: logs);
            differences.AddRange(Differences(known.Pair, known.Counts, evidence.Analytics ?? Nothing, tolerance));
        }

        var calls = differences.Find(difference => difference is { Pair: "proxy:logs", Measure: "requests" });
        Add(calls is { Absolute: not 0 } && ours.Requests == 0 && proxy.Requests > 0, "logs_missing");
        Add(calls is { Absolute: not 0 } && ours.Requests > 0 && ours.Requests < proxy.Requests, "logs_partial");
        Add(calls is { Absolute: not 0 } && ours.Requests > proxy.Requests, "logs_extra");
        Add(differences.Exists(difference => difference.Absolute != 0 && difference.Pair.EndsWith("analytics", StringComparison.Ordinal)), "sampled");
        Add(differences.GroupBy(difference => difference.Pair).Any(pair => pair.All(difference => difference.Beyond == (difference.Measure == "cost_usd"))), "prices");
        return new HourComparison(evidence.Gateway, evidence.Hour, evidence.Proxy, evidence.Logs, evidence.Direct, evidence.Analytics, differences, reasons, isBehind || isLate);

        void Add(bool holds, string reason)
        {
            if (holds)
            {
                reasons.Add(reason);
            }
        }
    }

    private static readonly HourCounts Nothing = new(0, 0, 0);

    private static IEnumerable<Difference> Differences(string pair, HourCounts left, HourCounts right, decimal tolerance)
    {
        foreach (var (measure, one, other, least) in new[]
        {
            ("requests", left.Requests, right.Requests, 1m),
            ("tokens", left.Tokens, right.Tokens, 1m),
            ("cost_usd", left.CostUsd, right.CostUsd, 0.000001m),
        })
        {
            var (absolute, larger) = (Math.Abs(one - other), Math.Max(one, other));
            var relative = larger == 0 ? 0 : Math.Round(absolute / larger, 4);
            yield return new Difference(pair, measure, one, other, absolute, relative, absolute > least && relative > tolerance);
        }
    }
}
