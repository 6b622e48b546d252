using System.Globalization;
using System.Text.RegularExpressions;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Usage;

public sealed class LatencyBucketsTests
{
    /// <summary>The bound that the guide states: within a third of an octave from 16 ms to 11 minutes.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.95)]
    [InlineData(0.99)]
    public void Quantile_OfAnyDurations_IsOffByLessThanItsBucket(double quantile)
    {
        var random = new Random(7);
        foreach (var (middle, spread) in new[] { (4.0, 0.5), (6, 1), (8, 1.5), (5, 0.01) })
        {
            var durations = Enumerable.Range(0, 5000).Select(_ => Math.Clamp(Math.Exp(middle + (spread * Normal(random))), 16, 600_000)).Order().ToList();
            var exact = durations[(int)Math.Ceiling(quantile * durations.Count) - 1];

            Assert.InRange(LatencyBuckets.Quantile(Counted(durations), quantile)!.Value / exact, 1 / 1.261, 1.261);
        }
    }

    [Fact]
    public void Quantile_OfNothing_IsNone() => Assert.Null(LatencyBuckets.Quantile(Counted([]), 0.5));

    [Fact]
    public void Quantile_BeyondTheLastBound_IsTheLastBound() => Assert.Equal(LatencyBuckets.Bounds[^1], LatencyBuckets.Quantile(Counted([3_000_000]), 0.5));

    /// <summary>A migration is never edited, so it repeats them.</summary>
    [Fact]
    public async Task Bounds_AreThoseOfTheDatabase()
    {
        await using var database = await TestDatabase.CreateAsync();
        foreach (var source in await database.QueryAsync<string>("select prosrc from pg_proc where proname in ('usage_roll_up', 'usage_roll_up_day')"))
        {
            var bounds = Regex.Match(source, @"bounds constant double precision\[\] := array\[([^\]]+)\]").Groups[1].Value.Split(',').Select(bound => double.Parse(bound, CultureInfo.InvariantCulture));
            Assert.Equal(LatencyBuckets.Bounds, bounds);
        }
    }

    private static List<long> Counted(IEnumerable<double> durations)
    {
        var counts = new long[LatencyBuckets.Bounds.Count + 1];
        foreach (var duration in durations)
        {
            counts[LatencyBuckets.Bounds.Count(bound => bound <= duration)]++;
        }

        return [.. counts];
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
