using GatewayOps.ControlPlane.Analytics;

namespace GatewayOps.Tests.Analytics;

public sealed class QuantileSamplesTests
{
    [Fact]
    public void Samples_HaveTheQuantilesTheyAreOf()
    {
        var samples = QuantileSamples.Of(1000, 100, 400, 900).Order().ToList();

        Assert.Equal(1000, samples.Count);
        Assert.InRange(samples[499], 99, 101);
        Assert.InRange(samples[899], 398, 402);
        Assert.InRange(samples[989], 894, 902);
        Assert.Equal(900, samples[^1]);
    }

    /// <summary>Quantiles of a sample may cross.</summary>
    [Fact]
    public void Samples_NeverGoDown() => Assert.Equal(QuantileSamples.Of(100, 50, 20, null).Order(), QuantileSamples.Of(100, 50, 20, null));

    [Fact]
    public void Samples_WithoutAMedian_AreNone() => Assert.Empty(QuantileSamples.Of(100, null, 1, 2));
}
