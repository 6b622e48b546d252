using System.Globalization;
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
        var headers = context.Request.GetTypedHeaders();
        var format = ScrapeFormat.Negotiate(headers.Accept);
        var gzip = TakesGzip(headers.AcceptEncoding);
        ScrapeBody body;
        try
        {
            body = (await scraper.ScrapeAsync(Patience(context.Request), context.RequestAborted)).Body(format.OpenMetrics, gzip);
        }
        catch (TimeoutException)
        {
            await RefuseAsync(context, StatusCodes.Status408RequestTimeout, "The metrics were not collected within the scraper's timeout.");
            return;
        }
        catch (ScrapeTooLargeException exception)
        {
            TooLarge(log, exception.Message);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"Not answered: {exception.Message}.");
            return;
        }
        catch (InvalidOperationException exception)
        {
            CollectFailed(log, exception);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, "The metrics could not be collected.");
            return;
        }

        context.Response.ContentType = format.ContentType;
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (gzip) context.Response.Headers.ContentEncoding = "gzip";
        context.Response.ContentLength = body.Length;
        await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }

    private static TimeSpan Patience(HttpRequest request) =>
        double.TryParse(request.Headers["X-Prometheus-Scrape-Timeout-Seconds"], CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 10
            ? TimeSpan.FromSeconds(seconds) - Margin is { Ticks: > 0 } patience ? patience : TimeSpan.FromSeconds(seconds)
            : LongestPatience;

    private static bool TakesGzip(IList<StringWithQualityHeaderValue> encodings) =>
        encodings.Any(encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality != 0);

    [LoggerMessage(8002, LogLevel.Error, "The metrics could not be collected")]
    private static partial void CollectFailed(ILogger log, Exception exception);

    [LoggerMessage(8003, LogLevel.Error, "A scrape is not answered: {Reason}")]
    private static partial void TooLarge(ILogger log, string reason);
}
