using System.Globalization;
using System.Net.Http.Headers;

namespace GatewayOps.Cloudflare.Http;

/// <summary>When to try again. Source: Cloudflare contract, section 1.4.</summary>
public static class RetryTiming
{
    /// <summary>Cloudflare blocks for five minutes at most; a longer wait is a fault of the answer, and is cut to this.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>min(0.5·2^attempt, 8) s, less up to a quarter of it. `attempt` counts from 0, `random` is in [0, 1).</summary>
    public static TimeSpan Backoff(int attempt, double random) =>
        TimeSpan.FromSeconds(Math.Min(0.5 * Math.Pow(2, attempt), 8) * (1 - random * 0.25));

    /// <summary>The wait that the answer asks for: `retry-after-ms`, else `Retry-After` in seconds or as an HTTP date. Null when absent, unreadable or not in the future.</summary>
    public static TimeSpan? Asked(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (Number(headers, "retry-after-ms") is { } milliseconds) return Bounded(milliseconds / 1000);
        if (Number(headers, "Retry-After") is { } seconds) return Bounded(seconds);
        return headers.RetryAfter?.Date is { } date ? Bounded((date - now).TotalSeconds) : null;
    }

    /// <summary>Time until the window is over when `Ratelimit: "default";r=0;t=…` says that nothing is left of it. Null while something is, or the header is not there.</summary>
    public static TimeSpan? Exhausted(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Ratelimit", out var values)) return null;
        var parts = values.ToString().Split(';', StringSplitOptions.TrimEntries);
        var until = parts.FirstOrDefault(part => part.StartsWith("t=", StringComparison.Ordinal));
        return parts.Contains("r=0") && double.TryParse(until?[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Bounded(seconds) : null;
    }

    private static TimeSpan? Bounded(double seconds) =>
        seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, LongestWait.TotalSeconds)) : null;

    // Read as text: the typed header refuses values that do not fit an int, and an absurd wait is still a wish to wait.
    private static double? Number(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) &&
        double.TryParse(values.ToString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
