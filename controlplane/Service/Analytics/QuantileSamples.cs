namespace GatewayOps.ControlPlane.Analytics;

/// <summary>Durations that have the given quantiles: as many as there were requests, spread evenly between one quantile and the next.</summary>
public static class QuantileSamples
{
    // A histogram takes its values one by one: a bound for what one row of a minute may cost.
    private const int Most = 20_000;

    /// <summary>None where the median is not known. Milliseconds.</summary>
    public static IEnumerable<double> Of(long requests, double? median, double? p90, double? p99)
    {
        if (median is not { } middle)
        {
            yield break;
        }

        var high = Math.Max(middle, p90 ?? middle);
        var top = Math.Max(high, p99 ?? high);
        var count = (int)Math.Min(requests, Most);
        for (var i = 0; i < count; i++)
        {
            yield return At((i + 0.5) / count, middle, high, top);
        }
    }

    private static double At(double rank, double median, double p90, double p99) => rank switch
    {
        <= 0.5 => median * rank / 0.5,
        <= 0.9 => median + ((p90 - median) * (rank - 0.5) / 0.4),
        <= 0.99 => p90 + ((p99 - p90) * (rank - 0.9) / 0.09),
        _ => p99,
    };
}
