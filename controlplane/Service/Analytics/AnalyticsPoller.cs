using System.Collections.Concurrent;
using System.Globalization;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Analytics;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Analytics;

/// <summary>
/// Reads the account's analytics by the minute, all gateways in one query, from where they are final on. A minute stays provisional until it is older than the lag, and is read again until
/// then. What the dataset allows (how far back, how long, how many groups and fields) is asked of it first. Source: Cloudflare contract, section 15.
/// </summary>
public sealed partial class AnalyticsPoller(
    CloudflareClient cloudflare, AnalyticsStore store, AnalyticsMetrics metrics, IOptions<AnalyticsOptions> options, TimeProvider time, ILogger<AnalyticsPoller> log)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SettingsFor = TimeSpan.FromHours(1);

    private static readonly string[] Dimensions = ["datetimeMinute", "gateway", "provider", "model", "statusCode", "cached"];
    private static readonly string[] Sums = ["cost", "erroredRequests", "tokensIn", "tokensOut", "cachedTokensIn", "cachedTokensOut", "uncachedTokensIn", "uncachedTokensOut"];
    private static readonly string[] Quantiles = ["durationMsP50", "durationMsP90", "durationMsP99"];

    // Where the dataset does not tell: what the contract says.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2_764_800);
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(5_356_800);

    private readonly ConcurrentDictionary<string, bool> _gateways = new();

    private (DatasetSettings Settings, DateTimeOffset At)? _settings;

    /// <summary>Gateways that the analytics told of on this replica. Cloudflare's names: an account has at most 20 at a time.</summary>
    public IEnumerable<string> Gateways => _gateways.Keys;

    /// <summary>Groups that are asked for at once at most, whatever the dataset allows.</summary>
    public int LargestPage { get; init; } = 10_000;

    /// <summary>Returns whether the dataset was read up to now; false where this account has none, or another replica read it meanwhile.</summary>
    /// <exception cref="CloudflareException">Cloudflare could not be read; pages that were read before are kept.</exception>
    public async Task<bool> PollAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var settings = await SettingsAsync(now, cancellationToken);
        if (!settings.Enabled)
        {
            NotEnabled(AnalyticsDatasets.Requests);
            return false;
        }

        var was = await store.CursorAsync(cancellationToken);
        var oldest = (now - (settings.NotOlderThan ?? Oldest) + TimeSpan.FromHours(1) + Minute).Floor(Minute);
        var from = was?.SettledUntil ?? (now - Max(options.Value.Lookback, options.Value.Lag)).Floor(Minute);
        if (from < oldest)
        {
            // Nobody polled for so long that Cloudflare no longer has the minutes between.
            Gap(from, oldest);
            metrics.Lost();
            from = oldest;
        }

        for (var end = now.Floor(Minute) + Minute; from < end;)
        {
            var until = Min(end, from + Min(settings.MaxDuration ?? Longest, Longest) - TimeSpan.FromHours(1));
            var (rows, readUntil) = await ReadAsync(settings, from, until, cancellationToken);
            var settled = Max(was?.SettledUntil ?? from, Min(readUntil, (now - options.Value.Lag).Floor(Minute)));
            var cursor = new AnalyticsCursor(settled, readUntil, now);
            var (isStored, replaced) = await store.ReplaceAsync(from, was, cursor, rows, cancellationToken);
            if (!isStored)
            {
                return false;
            }

            metrics.Read(rows.Count, replaced);
            foreach (var gateway in rows.Select(row => row.Gateway).Distinct())
            {
                _gateways.TryAdd(gateway, true);
            }

            foreach (var row in rows.Where(row => row.Minute < settled && row.Minute >= (was?.SettledUntil ?? from)))
            {
                metrics.Settled(row);
            }

            (was, from) = (cursor, readUntil);
        }

        return true;
    }

    // A page that is full may lack groups of its last minute: that minute begins the next page. A minute that fills a page alone is more than can be asked for.
    private async Task<(IReadOnlyList<AnalyticsBucketRow> Rows, DateTimeOffset ReadUntil)> ReadAsync(DatasetSettings settings, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var page = (int)Math.Clamp(settings.MaxPageSize ?? 1000, 1, LargestPage);
        var query = new AnalyticsQuery(from, until)
        {
            Dimensions = Dimensions,
            Sums = Known(settings, "sum", Sums),
            Quantiles = Known(settings, "quantiles", Quantiles),
            OrderBy = ["datetimeMinute_ASC"],
            Limit = page,
        };
        var groups = await cloudflare.Analytics.GroupsAsync(query, cancellationToken);
        var rows = Merge(groups);
        if (groups.Count < page)
        {
            return (rows, until);
        }

        var last = rows.Max(row => row.Minute);
        if (last > from)
        {
            return ([.. rows.Where(row => row.Minute < last)], last);
        }

        Overfull(last, page);
        return (rows, last + Minute);
    }

    private async Task<DatasetSettings> SettingsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_settings is not { } known || now - known.At > SettingsFor)
        {
            _settings = known = (await cloudflare.Analytics.SettingsAsync(AnalyticsDatasets.Requests, cancellationToken), now);
        }

        return known.Settings;
    }

    // Names of fields are told with their node or without, in one of several spellings; where none is of a kind that we know, all are asked for.
    private static IReadOnlyList<string> Known(DatasetSettings settings, string node, string[] names)
    {
        var told = settings.AvailableFields.ToHashSet(StringComparer.Ordinal);
        var known = names.Where(name => told.Contains(name) || told.Contains($"{node}.{name}") || told.Contains($"{node}_{name}")).ToList();
        return known.Count == 0 ? names[..Math.Min(names.Length, 4)] : known;
    }

    // Two of one key (names that PostgreSQL cannot tell apart) are one row.
    private static IReadOnlyList<AnalyticsBucketRow> Merge(IEnumerable<AnalyticsRow> groups) =>
    [
        .. groups.Select(Row).GroupBy(row => (row.Minute, row.Gateway, row.Provider, row.Model, row.StatusCode, row.Cached)).Select(same => same.Aggregate((a, b) => new AnalyticsBucketRow
        {
            Minute = a.Minute,
            Gateway = a.Gateway,
            Provider = a.Provider,
            Model = a.Model,
            StatusCode = a.StatusCode,
            Cached = a.Cached,
            Requests = a.Requests + b.Requests,
            Errors = a.Errors + b.Errors,
            TokensIn = a.TokensIn + b.TokensIn,
            TokensOut = a.TokensOut + b.TokensOut,
            CostUsd = a.CostUsd + b.CostUsd,
            MedianMs = a.MedianMs,
            P90Ms = a.P90Ms,
            P99Ms = a.P99Ms,
        })),
    ];

    private static AnalyticsBucketRow Row(AnalyticsRow group) => new()
    {
        Minute = DateTimeOffset.Parse(group.Dimensions["datetimeMinute"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        Gateway = Text(group, "gateway"),
        Provider = Text(group, "provider"),
        Model = Text(group, "model"),
        StatusCode = int.TryParse(group.Dimensions.GetValueOrDefault("statusCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0,
        Cached = group.Dimensions.GetValueOrDefault("cached") is "1" or "true" or "True",
        Requests = group.Count ?? 0,
        Errors = (long)group.Sums.GetValueOrDefault("erroredRequests"),
        TokensIn = Tokens(group, "In"),
        TokensOut = Tokens(group, "Out"),
        CostUsd = group.Sums.GetValueOrDefault("cost"),
        MedianMs = Duration(group, "durationMsP50"),
        P90Ms = Duration(group, "durationMsP90"),
        P99Ms = Duration(group, "durationMsP99"),
    };

    // The sums by cache are older than those of both together.
    private static long Tokens(AnalyticsRow group, string direction) => (long)(group.Sums.TryGetValue($"tokens{direction}", out var all)
        ? all
        : group.Sums.GetValueOrDefault($"cachedTokens{direction}") + group.Sums.GetValueOrDefault($"uncachedTokens{direction}"));

    private static double? Duration(AnalyticsRow group, string name) => group.Quantiles.TryGetValue(name, out var duration) ? (double)duration : null;

    // Callers choose names, and none is as long as a document.
    private static string Text(AnalyticsRow group, string dimension) =>
        StoredText.Of(group.Dimensions.GetValueOrDefault(dimension, "")) is var text && text.Length > 256 ? text[..256] : text;

    private static T Min<T>(T a, T b)
        where T : IComparable<T> => a.CompareTo(b) <= 0 ? a : b;

    private static T Max<T>(T a, T b)
        where T : IComparable<T> => a.CompareTo(b) >= 0 ? a : b;

    [LoggerMessage(11000, LogLevel.Warning, "Analytics are not read: the dataset {Dataset} is not enabled for this account")]
    private partial void NotEnabled(string dataset);

    [LoggerMessage(11001, LogLevel.Warning, "Analytics from {From} to {To} are lost: nobody read them while Cloudflare had them")]
    private partial void Gap(DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(11002, LogLevel.Warning, "The minute {Minute} of the analytics has more than the {Page} groups that a page holds: the rest of it is not counted")]
    private partial void Overfull(DateTimeOffset minute, int page);
}
