using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>One collection at a time, shared by all who ask while it runs and for 300 ms after; the instruments' callbacks never run twice at once.</summary>
public sealed class Scraper(PrometheusExporter exporter, IOptions<TelemetryOptions> options, TimeProvider time)
{
    // The default of the official exporter.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(300);
    private const int LongestCollectMilliseconds = 10_000;

    private readonly Lock _lock = new();
    private Task<ScrapePicture>? _latest;

    /// <summary>Throws when the collection failed; the next caller then starts another.</summary>
    public async Task<ScrapePicture> ScrapeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task<ScrapePicture> scrape;
        lock (_lock) scrape = _latest = IsUsable(_latest) ? _latest! : Task.Run(Take, CancellationToken.None);
        return await scrape.WaitAsync(patience, time, cancellationToken);
    }

    private ScrapePicture Take()
    {
        var families = exporter.Take(LongestCollectMilliseconds);
        return new(families, time.GetTimestamp(), options.Value.MaxScrapeBytes);
    }

    private bool IsUsable(Task<ScrapePicture>? scrape)
    {
        if (scrape is null || scrape.IsFaulted) return false;
        if (!scrape.IsCompleted) return true;
#pragma warning disable RS0030 // completed: nothing blocks
        return time.GetElapsedTime(scrape.Result.TakenAt) < Fresh;
#pragma warning restore RS0030
    }
}
