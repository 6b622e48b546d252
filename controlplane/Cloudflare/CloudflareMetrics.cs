using System.Diagnostics.Metrics;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare;

/// <summary>Calls by endpoint template, method and code class; their duration; how often Cloudflare throttled us. Every label value comes from <see cref="Endpoints.All"/>.</summary>
internal sealed class CloudflareMetrics
{
    public const string MeterName = "GatewayOps.Cloudflare";

    // Nobody's: a client without a meter factory publishes nothing.
    private static readonly Meter Unwatched = new("Unwatched");

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _throttled;

    public CloudflareMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MeterName) ?? Unwatched;
        _requests = meter.CreateCounter<long>("gatewayops_cloudflare_requests", null, "Requests sent to the Cloudflare API, retries included.");
        _duration = meter.CreateHistogram("gatewayops_cloudflare_request_duration", "s", "Time of one request to the Cloudflare API, without the wait for the limiter.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
        _throttled = meter.CreateCounter<long>("gatewayops_cloudflare_throttled", null, "Answers 429 of the Cloudflare API.");
        _throttled.Add(0);
        foreach (var endpoint in Endpoints.All) Count(endpoint, "2xx", 0);
    }

    public void Sent(Endpoint endpoint, int? status, TimeSpan duration)
    {
        Count(endpoint, status is >= 100 and < 600 ? $"{status / 100}xx" : "none", 1);
        _duration.Record(duration.TotalSeconds);
        if (status == 429) _throttled.Add(1);
    }

    private void Count(Endpoint endpoint, string codeClass, long by) =>
        _requests.Add(by, new("endpoint", endpoint.Template), new("method", endpoint.Method.Method), new("code_class", codeClass));
}
