using GatewayOps.ControlPlane.Analytics;

namespace GatewayOps.Tests.Analytics;

public sealed class ComparisonTests
{
    private static readonly DateTimeOffset Hour = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
    private static readonly FeedStandings Read = new(new Dictionary<string, DateTimeOffset> { ["gw"] = Hour.AddHours(2) }, Hour.AddHours(2));

    [Fact]
    public void SameNumbers_NoDifference_NoReason()
    {
        var compared = Comparison.Of(Evidence(new(100, 5000, 1m), new(100, 5000, 1m), null, new(100, 5000, 1m)), Read, 0.01m);

        Assert.Equal((false, false), (compared.IsBeyond, compared.Provisional));
        Assert.Empty(compared.Reasons);
        Assert.All(compared.Differences, difference => Assert.Equal(0, difference.Absolute));
        Assert.Equal(6, compared.Differences.Count);
    }

    /// <summary>Rows of clients that do not use the proxy are in the log and in analytics; the proxy is held against the rest.</summary>
    [Fact]
    public void DirectClients_AreNoDifference()
    {
        var compared = Comparison.Of(Evidence(new(100, 5000, 1m), new(140, 7000, 1.4m), new(40, 2000, 0.4m), new(140, 7000, 1.4m)), Read, 0.01m);

        Assert.False(compared.IsBeyond);
        Assert.Equal(["direct_clients"], compared.Reasons);
    }

    [Fact]
    public void LogsSwitchedOff_IsNamed_AndAnalyticsAreHeldAgainstTheProxy()
    {
        var compared = Comparison.Of(Evidence(new(100, 5000, 1m), null, null, new(100, 5000, 1m)), Read, 0.01m);

        Assert.True(compared.IsBeyond);
        Assert.Equal(["logs_missing"], compared.Reasons);
        Assert.Contains(compared.Differences, difference => difference is { Pair: "proxy:logs", Measure: "requests", Absolute: 100, Relative: 1, Beyond: true });
        Assert.All(compared.Differences.Where(difference => difference.Pair == "proxy:analytics"), difference => Assert.False(difference.Beyond));
    }

    [Theory]
    [InlineData(100, 90, "logs_partial", 10, 0.1)]
    [InlineData(100, 125, "logs_extra", 25, 0.2)]
    public void OtherNumberOfRows_IsADifference_AbsoluteAndOfTheLarger(int proxy, int logs, string reason, int absolute, double relative)
    {
        var compared = Comparison.Of(Evidence(new(proxy, 0, 0), new(logs, 0, 0), null, new(logs, 0, 0)), Read, 0.01m);

        var difference = compared.Differences.First(difference => difference.Beyond);
        Assert.Equal(("proxy:logs", "requests", (decimal)absolute, (decimal)relative), (difference.Pair, difference.Measure, difference.Absolute, difference.Relative));
        Assert.Equal([reason], compared.Reasons);
    }

    [Theory]
    [InlineData(0.1, true)]
    [InlineData(0.2, false)]
    public void Sample_IsHeldToTheTolerance(double tolerance, bool isBeyond)
    {
        var compared = Comparison.Of(Evidence(new(100, 0, 0), new(100, 0, 0), null, new(85, 0, 0)), Read, (decimal)tolerance);

        Assert.Equal(isBeyond, compared.IsBeyond);
        Assert.Equal(["sampled"], compared.Reasons);
    }

    [Fact]
    public void OneCallMoreOrLess_IsNoDifference() => Assert.False(Comparison.Of(Evidence(new(3, 0, 0), new(2, 0, 0), null, new(2, 0, 0)), Read, 0).IsBeyond);

    [Fact]
    public void SameCallsAndTokens_OtherCost_IsAMatterOfPrices()
    {
        var compared = Comparison.Of(Evidence(new(10, 500, 1m), new(10, 500, 2m), null, new(10, 500, 2m)), Read, 0.01m);

        Assert.Equal((true, "prices"), (compared.IsBeyond, Assert.Single(compared.Reasons)));
    }

    [Fact]
    public void FeedsThatAreNotThereYet_CountForNothing()
    {
        var late = Comparison.Of(Evidence(new(10, 0, 0), new(10, 0, 0), null, new(4, 0, 0)), Read with { AnalyticsUntil = Hour.AddMinutes(30) }, 0.01m);
        var behind = Comparison.Of(Evidence(new(10, 0, 0), null, null, new(10, 0, 0)), Read with { LogsUntil = new Dictionary<string, DateTimeOffset> { ["gw"] = Hour } }, 0.01m);

        Assert.Equal((false, true, "lag"), (late.IsBeyond, late.Provisional, Assert.Single(late.Reasons)));
        Assert.Equal((false, true, "logs_behind"), (behind.IsBeyond, behind.Provisional, Assert.Single(behind.Reasons)));
    }

    [Fact]
    public void AnalyticsNeverRead_TheOtherTwoAreHeldAgainstEachOther()
    {
        var compared = Comparison.Of(Evidence(new(10, 0, 0), new(10, 0, 0), null, null), Read with { AnalyticsUntil = null }, 0.01m);

        Assert.Equal((false, "analytics_missing", 3), (compared.IsBeyond, Assert.Single(compared.Reasons), compared.Differences.Count));
    }

    [Fact]
    public void EveryReason_IsExplained() =>
        Assert.All(new[] { "lag", "logs_behind", "logs_missing", "logs_partial", "logs_extra", "direct_clients", "analytics_missing", "sampled", "prices" }, reason => Assert.Contains(reason, Comparison.Reasons));

    private static HourEvidence Evidence(HourCounts? proxy, HourCounts? logs, HourCounts? direct, HourCounts? analytics) => new("gw", Hour, proxy, logs, direct, analytics);
}
