using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.Tests.Proxy;

public sealed class AttemptOrderTests
{
    private static readonly UpstreamFailure Busy = new("a", Outcomes.UpstreamError, OpenAiError.Truncated()) { MayRetry = true, MayFallBack = true };
    private static readonly UpstreamFailure NoKey = Busy with { MayRetry = false };
    private static readonly UpstreamFailure Final = Busy with { MayRetry = false, MayFallBack = false };

    [Fact]
    public void Next_Fallback_TakesTurnsAndGoesRound() => Assert.Equal([0, 1, 2, 0], Walk(3, fallback: true, retries: 3, Busy));

    [Fact, Trait("checklist", "S1-27")]
    public void Next_RetryCount_IsTheTotalOverAllUpstreams() => Assert.Equal([0, 1], Walk(3, fallback: true, retries: 1, Busy));

    [Fact, Trait("checklist", "S1-27")]
    public void Next_WithoutFallback_StaysWithTheFirst() => Assert.Equal([0, 0, 0], Walk(3, fallback: false, retries: 2, Busy));

    [Fact]
    public void Next_UpstreamThatCannotHelp_IsNotAskedAgain() => Assert.Equal([0, 1, 2], Walk(3, fallback: true, retries: 9, NoKey));

    [Fact]
    public void Next_FinalFailure_EndsIt() => Assert.Equal([0], Walk(3, fallback: true, retries: 9, Final));

    [Fact]
    public void Repetition_SecondRound_IsNotTheFirstTurn()
    {
        var order = new AttemptOrder(2, fallback: true, retries: 3);
        var repetitions = new List<int>();
        for (UpstreamFailure? failure = null; order.Next(failure) is not null; failure = Busy)
        {
            repetitions.Add(order.Repetition);
        }

        Assert.Equal([0, 0, 1, 1], repetitions);
    }

    [Fact]
    public void Skip_UpstreamThatMayNotBeAsked_CostsNoAttemptAndIsLeftOut()
    {
        var order = new AttemptOrder(2, fallback: true, retries: 1);
        order.Next(null);
        order.Skip();

        Assert.Equal([1, 1], [order.Next(NoKey), order.Next(Busy)]);
        Assert.Equal((2, 1), (order.Made, order.Repetition));
        Assert.Null(order.Next(Busy));
    }

    private static List<int> Walk(int upstreams, bool fallback, int retries, UpstreamFailure failure)
    {
        var order = new AttemptOrder(upstreams, fallback, retries);
        var walk = new List<int>();
        for (UpstreamFailure? last = null; order.Next(last) is { } index; last = failure)
        {
            walk.Add(index);
        }

        return walk;
    }
}
