using GatewayOps.Emulator;
using GatewayOps.Emulator.DataPlane.Routing;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane.Routing;

public sealed class RouteChanceTests
{
    [Fact]
    public void Split_ManyRequests_EachShareGetsItsPart()
    {
        var split = new PercentageElement("s", [new RouteShare("10%", 10, "a"), new RouteShare("25%", 25, "b")], Else: "c");
        var chance = new RouteChance(new EmulatorOptions { RouteSeed = 42 });

        var taken = Enumerable.Range(0, 20_000).Select(_ => split.Pick(chance.Next())).CountBy(id => id).ToDictionary();

        // Three standard deviations of a binomial count: sqrt(n p (1-p)) is 42, 61 and 67.
        Assert.InRange(taken["a"], 2000 - 127, 2000 + 127);
        Assert.InRange(taken["b"], 5000 - 184, 5000 + 184);
        Assert.InRange(taken["c"], 13_000 - 202, 13_000 + 202);
    }
}
