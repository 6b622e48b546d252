using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Ingestion;

/// <summary>
/// Reads a gateway's log from where the last poll ended, less an overlap for entries that came late since. The cursor is the time of the newest entry, so two clocks that
/// differ, Cloudflare's and ours, lose nothing.
/// </summary>
public sealed class LogPoller(CloudflareClient cloudflare, GatewayLogStore store, IngestionMetrics metrics, IOptions<IngestionOptions> options, TimeProvider time)
{
    /// <summary>The key within `cf-aig-metadata` under which the proxy sends its request id.</summary>
    public const string RequestIdKey = "request_id";

    // Ten pages of Cloudflare's: what a crash makes us read again.
    private const int BatchSize = 500;

    /// <summary>Returns how many entries were new. Safe to call at the same time from several replicas.</summary>
    /// <exception cref="CloudflareException">Cloudflare could not be read; what was read before is kept, and the cursor with it.</exception>
    public async Task<int> PollAsync(string gateway, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var now = time.GetUtcNow();
        var through = await store.ThroughAsync(gateway, cancellationToken);
        var since = through - settings.Overlap ?? now - settings.Lookback;
        var newest = through ?? since;
        var added = 0;
        var entries = cloudflare.Logs.ListAsync(gateway, new LogQuery { Since = since, Ascending = true }, cancellationToken);
        await foreach (var batch in entries.Chunk(BatchSize).WithCancellation(cancellationToken))
        {
            var rows = batch.Select(entry => Row(gateway, entry)).ToList();
            newest = rows.Select(row => row.CreatedAt).Append(newest).Max();
            var fresh = await store.AddAsync(gateway, rows, newest, now, cancellationToken);
            metrics.Read(fresh, rows.Count - fresh);
            added += fresh;
        }
        await store.AddAsync(gateway, [], newest, now, cancellationToken);
        metrics.Polled(gateway, now);
        return added;
    }

    private static GatewayLogRow Row(string gateway, LogEntry entry) => new()
    {
        Gateway = gateway,
        Id = Text(entry.Id),
        CreatedAt = entry.CreatedAt,
        Provider = Text(entry.Provider),
        Model = Text(entry.Model),
        Path = Text(entry.Path),
        StatusCode = entry.StatusCode,
        Success = entry.Success,
        Cached = entry.Cached,
        DurationMs = entry.DurationMs,
        TokensIn = entry.TokensIn,
        TokensOut = entry.TokensOut,
        CostUsd = entry.Cost,
        RequestId = entry.Metadata.TryGetValue(RequestIdKey, out var id) ? Text(id) : null,
    };

    // Callers choose model, path and metadata. PostgreSQL's text cannot hold U+0000: one such entry would stop the gateway's log for good.
    private static string Text(string text) => text.Replace('\0', '\uFFFD');
}
