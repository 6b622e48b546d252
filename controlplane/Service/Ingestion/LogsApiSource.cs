using System.Globalization;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Logs;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// The logs API of a gateway, oldest first. The next page is asked for by the time of the last row and not by its number: rows that come late or are deleted meanwhile move pages, and would
/// hide others. Rows of that one millisecond come twice; where it fills more than a page, its pages are numbered. Source: Cloudflare contract, section 3.
/// </summary>
public sealed class LogsApiSource(CloudflareClient cloudflare) : IPolledSource
{
    public string Name => LogSources.Logs;

    public async Task<AttemptPage> ReadAsync(LogRange range, CancellationToken cancellationToken)
    {
        var number = range.Mark is { } mark ? int.Parse(mark, CultureInfo.InvariantCulture) : 1;
        var query = new LogQuery { Since = range.From, Until = range.Until, Ascending = true };
        var page = await cloudflare.Logs.PageAsync(range.Gateway, query, number, cancellationToken);
        var rows = page.Entries.Select(entry => Row(range.Gateway, entry)).ToList();
        if (rows.Count == 0)
        {
            return new AttemptPage(rows, range.Until, null, 0);
        }

        // Not the last one's: a page may come in another order than it was asked for.
        var newest = rows.Max(row => row.CreatedAt);
        if (page.IsLast)
        {
            return new AttemptPage(rows, range.Until ?? newest, null, 0);
        }

        var next = LogRange.Again(newest);
        var rest = next > range.From ? range with { From = next, Mark = null } : range with { Mark = (number + 1).ToString(CultureInfo.InvariantCulture) };
        return new AttemptPage(rows, newest, rest, page.Total - (rows.Count * number) is >= 0 and var left ? left : null);
    }

    private static Attempt Row(string gateway, LogEntry entry)
    {
        var (requestId, number) = Attempt.Claim(entry.Metadata.GetValueOrDefault(Attempt.RequestIdKey));
        return new Attempt
        {
            Gateway = gateway,
            Source = LogSources.Logs,
            Id = Attempt.Text(entry.Id),
            CreatedAt = entry.CreatedAt,
            RequestId = requestId,
            Number = number,
            Provider = Attempt.Text(entry.Provider),
            Model = Attempt.Text(entry.Model),
            Path = Attempt.Text(entry.Path),
            StatusCode = entry.StatusCode,
            Success = entry.Success,
            Cached = entry.Cached,
            DurationMs = entry.DurationMs,
            TokensIn = entry.TokensIn,
            TokensOut = entry.TokensOut,
            CostUsd = entry.Cost,
        };
    }
}
