using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>`GET /metrics` for Prometheus; open, as the official exporter's is, and not counted in http_server metrics.</summary>
public static partial class MetricsEndpoint
{
    // The scraper gives up when its time is over: ours ends a little before, so that it reads a reason.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(10);

    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder endpoints, string path = "/metrics") =>
        endpoints.MapGet(path, ScrapeAsync).DisableHttpMetrics().ExcludeFromDescription().AllowAnonymous();

    private static async Task ScrapeAsync(HttpContext context, Scraper scraper, ILogger<Scraper> log)
    {
        IReadOnlyList<MetricFamily> families;
        try
        {
            families = await scraper.ScrapeAsync(Patience(context.Request), context.RequestAborted);
        }
        catch (TimeoutException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        catch (InvalidOperationException exception)
        {
            CollectFailed(log, exception);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        var headers = context.Request.GetTypedHeaders();
        var format = ScrapeFormat.Negotiate(headers.Accept);
        context.Response.ContentType = format.ContentType;
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (!TakesGzip(headers.AcceptEncoding))
        {
            ExpositionWriter.Write(context.Response.BodyWriter, families, format);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            return;
        }
        context.Response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        var output = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true));
        ExpositionWriter.Write(output, families, format);
        await output.FlushAsync(context.RequestAborted);
        await output.CompleteAsync();
    }

    private static TimeSpan Patience(HttpRequest request) =>
        double.TryParse(request.Headers["X-Prometheus-Scrape-Timeout-Seconds"], CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 10
            ? TimeSpan.FromSeconds(seconds) - Margin is { Ticks: > 0 } patience ? patience : TimeSpan.FromSeconds(seconds)
            : LongestPatience;

    private static bool TakesGzip(IList<StringWithQualityHeaderValue> encodings) =>
        encodings.Any(encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality != 0);

    [LoggerMessage(8002, LogLevel.Error, "The metrics could not be collected")]
    private static partial void CollectFailed(ILogger log, Exception exception);
}
