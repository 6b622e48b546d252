using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>One of the two formats that `/metrics` speaks. Source: Prometheus, exposition formats and content negotiation; OpenMetrics 1.0.</summary>
public sealed record ScrapeFormat(bool OpenMetrics, string ContentType)
{
    public static readonly ScrapeFormat Text = new(false, "text/plain; version=0.0.4; charset=utf-8");
    public static readonly ScrapeFormat OpenMetrics1 = new(true, "application/openmetrics-text; version=1.0.0; charset=utf-8");

    // For a scraper that asks about escaping: our names need none.
    private static readonly ScrapeFormat OpenMetrics1Escaping = OpenMetrics1 with { ContentType = $"{OpenMetrics1.ContentType}; escaping=underscores" };

    /// <summary>The supported type with the highest q; the first named of equals; text where nothing fits or nothing can be read.</summary>
    public static ScrapeFormat Negotiate(IEnumerable<MediaTypeHeaderValue> accepted)
    {
        var (best, bestQuality) = (Text, 0.0);
        foreach (var type in accepted)
            if (Supported(type) is { } format && (type.Quality ?? 1) > bestQuality)
                (best, bestQuality) = (format, type.Quality ?? 1);
        return best;
    }

    private static ScrapeFormat? Supported(MediaTypeHeaderValue type)
    {
        var version = type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.GetUnescapedValue().Value;
        var escaping = type.Parameters.Any(parameter => parameter.Name.Equals("escaping", StringComparison.OrdinalIgnoreCase));
        return (type.MediaType.Value?.ToLowerInvariant(), version) switch
        {
            ("application/openmetrics-text", null or "1.0.0") => escaping ? OpenMetrics1Escaping : OpenMetrics1,
            ("text/plain", null or "0.0.4") or ("text/*" or "*/*", _) => Text,
            _ => null,
        };
    }
}
