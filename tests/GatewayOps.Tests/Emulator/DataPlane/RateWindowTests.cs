using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class RateWindowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Fixed_Boundary_IsTheWholeMultipleOfTheInterval()
    {
        var window = new RateWindow();
        bool Take(double second) => window.TryTake(limit: 2, interval: 60, RateLimitTechnique.Fixed, Noon.AddSeconds(second));

        Assert.True(Take(58));
        Assert.True(Take(59.999));
        Assert.False(Take(59.999));
        Assert.True(Take(60));
        Assert.True(Take(60));
        Assert.False(Take(119.999));
        Assert.True(Take(120));
    }

    [Fact]
    public void Sliding_Boundary_IsOneIntervalAfterEachRequest()
    {
        var window = new RateWindow();
        bool Take(double second) => window.TryTake(limit: 2, interval: 60, RateLimitTechnique.Sliding, Noon.AddSeconds(second));

        Assert.True(Take(0));
        Assert.True(Take(30));
        Assert.False(Take(59.999));
        Assert.True(Take(60)); // the first one is out
        Assert.False(Take(60));
        Assert.False(Take(89.999));
        Assert.True(Take(90)); // the second one is out
        Assert.False(Take(119.999));
        Assert.True(Take(120));
    }

    [Fact]
    public void Sliding_RefusedRequests_DoNotCount()
    {
        var window = new RateWindow();
        Assert.True(window.TryTake(1, 60, RateLimitTechnique.Sliding, Noon));
        for (var second = 1; second < 60; second++)
            Assert.False(window.TryTake(1, 60, RateLimitTechnique.Sliding, Noon.AddSeconds(second)));

        Assert.True(window.TryTake(1, 60, RateLimitTechnique.Sliding, Noon.AddSeconds(60)));
    }

    [Theory]
    [InlineData(RateLimitTechnique.Fixed)]
    [InlineData(RateLimitTechnique.Sliding)]
    public void Take_AtTheSameTimeFromManyThreads_NeverMoreThanTheLimit(RateLimitTechnique technique)
    {
        var window = new RateWindow();
        var taken = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (window.TryTake(100, 60, technique, Noon))
                Interlocked.Increment(ref taken);
        });

        Assert.Equal(100, taken);
    }
}
