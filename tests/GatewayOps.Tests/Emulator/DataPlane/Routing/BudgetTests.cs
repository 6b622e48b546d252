using GatewayOps.Emulator.DataPlane.Routing;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane.Routing;

public sealed class BudgetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Sliding_SpentMoney_ComesBackExactlyAWindowLater()
    {
        var budget = new Budget();
        budget.Pay(3, Noon.AddMinutes(50));
        budget.Pay(2, Noon.AddMinutes(59));

        Assert.False(Left(budget, 5, Noon.AddMinutes(110).AddTicks(-1)));
        Assert.True(Left(budget, 5, Noon.AddMinutes(110)));
        Assert.False(Left(budget, 2, Noon.AddMinutes(110)));

        static bool Left(Budget budget, decimal limit, DateTimeOffset now) => budget.IsLeft(limit, Hour, RateLimitTechnique.Sliding, now);
    }

    [Fact]
    public void Fixed_WindowTurns_AllOfItIsBack()
    {
        var budget = new Budget();
        budget.Pay(5, Noon);
        budget.Pay(5, Noon.AddMinutes(59));

        Assert.False(budget.IsLeft(10, Hour, RateLimitTechnique.Fixed, Noon.AddHours(1).AddTicks(-1)));
        Assert.True(budget.IsLeft(0.01m, Hour, RateLimitTechnique.Fixed, Noon.AddHours(1)));
    }
}
