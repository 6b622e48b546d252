using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;
using GatewayOps.Tests.Usage;

namespace GatewayOps.Tests.Proxy.Explaining;

public sealed class CacheTrailTests
{
    private readonly TestClock _clock = new();

    /// <summary>The same request at two gateways has the same key, and each keeps its own answer.</summary>
    [Fact]
    public void HistoryOf_AnotherGateway_KnowsNothing()
    {
        var trail = new CacheTrail(_clock);
        var (key, route) = (new CacheKey("hash", []), Route.Default with { Cache = new RouteCache(TimeSpan.FromHours(1), [], Share: false) });

        trail.Note(Records.New(1) with { At = _clock.GetUtcNow(), Gateway = "one" }, route, key);

        Assert.Equal("kept", trail.HistoryOf("one", key, route.Condition).State);
        var other = trail.HistoryOf("other", key, route.Condition);
        Assert.Equal(("never_seen", null), (other.State, other.RequestId));
    }
}
