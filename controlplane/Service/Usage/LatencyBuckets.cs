namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// The fixed buckets that durations are counted in, and quantiles of such counts. Bounds in milliseconds: doubling to 16, then a third of an octave (2^(1/3)) each, to 11 minutes. A quantile is
/// interpolated within its bucket, so it is off by less than 26 % between 16 ms and 11 minutes, by less than a factor of 2 below; longer ones are told as 11 minutes.
/// </summary>
public static class LatencyBuckets
{
    /// <summary>As the migrations have them: a bucket holds what is at least the bound before its own and less than its own.</summary>
    public static IReadOnlyList<double> Bounds { get; } =
    [
        1, 2, 4, 8, 16, 20.2, 25.4, 32, 40.3, 50.8, 64, 80.6, 101.6, 128, 161.3, 203.2, 256, 322.5, 406.4, 512, 645.1, 812.7, 1024, 1290.2, 1625.5, 2048,
        2580.3, 3251, 4096, 5160.6, 6502, 8192, 10321.3, 13004, 16384, 20642.5, 26008, 32768, 41285.1, 52016, 65536, 82570.2, 104032, 131072, 165140, 208064,
        262144, 330281, 416128, 524288, 660562,
    ];

    /// <summary>The value below which the part <paramref name="quantile"/> (0 to 1) of the counted durations lies, in milliseconds; null where nothing was counted.</summary>
    public static double? Quantile(IReadOnlyList<long> counts, double quantile)
    {
        var rank = quantile * counts.Sum();
        if (rank <= 0)
        {
            return null;
        }

        var below = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= rank)
            {
                var from = i == 0 ? 0 : Bounds[i - 1];
                var to = i < Bounds.Count ? Bounds[i] : from;
                return Math.Round(from + ((to - from) * (rank - below) / counts[i]), 1);
            }

            below += counts[i];
        }

        return Bounds[^1];
    }
}
