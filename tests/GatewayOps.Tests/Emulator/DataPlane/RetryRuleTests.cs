using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class RetryRuleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(RetryBackoff.Constant, 500, 500, 500, 500)]
    [InlineData(RetryBackoff.Linear, 500, 1000, 1500, 2000)]
    [InlineData(RetryBackoff.Exponential, 500, 1000, 2000, 4000)]
    public void DelayAfter_EachAttempt_FollowsTheBackoff(RetryBackoff backoff, int first, int second, int third, int fourth)
    {
        var rule = new RetryRule(5, 500, backoff, Timeout: null);

        Assert.Equal([first, second, third, fourth], Enumerable.Range(1, 4).Select(attempt => rule.DelayAfter(attempt).TotalMilliseconds));
    }

    [Fact]
    public void DelayAfter_MoreThanATimerCanDo_IsADay() =>
        Assert.Equal(TimeSpan.FromDays(1), new RetryRule(5, long.MaxValue, RetryBackoff.Exponential, Timeout: null).DelayAfter(4));

    [Fact]
    public void TimeoutOf_LastOfSeveral_Waits()
    {
        var rule = new RetryRule(3, 0, RetryBackoff.Constant, Patience);

        Assert.Equal([Patience, Patience, null], [rule.TimeoutOf(1), rule.TimeoutOf(2), rule.TimeoutOf(3)]);
        Assert.Equal(Patience, (rule with { Attempts = 1 }).TimeoutOf(1));
        Assert.Equal(Patience, (rule with { LastWaits = false }).TimeoutOf(3));
    }
}
