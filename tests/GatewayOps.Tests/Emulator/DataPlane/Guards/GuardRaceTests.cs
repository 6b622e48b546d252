using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.Policies;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

/// <summary>What 64 callers spend at once adds up, and what they may take is taken exactly.</summary>
public sealed class GuardRaceTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Spending_OfManyAtOnce_AddsUp()
    {
        var rule = new SpendRule("r", 1, 60, RateLimitTechnique.Sliding, Models: null, Providers: null, [], new Dictionary<string, IReadOnlyList<string>>());
        var (ledger, budgets) = (new SpendLedger(), new PolicyBudgets());

        Parallel.For(0, 64, caller =>
        {
            for (var call = 0; call < 50; call++)
            {
                ledger.Add(rule, $"{caller % 4}", 0.25m, Now.AddMilliseconds(call));
                budgets.Add($"{caller % 4}", BudgetPeriod.Hourly, 0.25m, Now);
            }
        });

        foreach (var value in (string[])["0", "1", "2", "3"])
        {
            Assert.Equal(200, ledger.Spent(rule, value, Now.AddSeconds(1)));
            Assert.Equal(200, budgets.Spent(value, BudgetPeriod.Hourly, Now));
        }
    }

    [Fact]
    public void Window_OfManyAtOnce_LetsExactlyItsLimitIn()
    {
        var window = new CallWindow();
        var taken = 0;

        Parallel.For(0, 64, _ =>
        {
            for (var call = 0; call < 10; call++)
                if (window.TryTake(Now))
                    Interlocked.Increment(ref taken);
        });

        Assert.Equal(CallWindow.Limit, taken);
        Assert.False(window.TryTake(Now.AddSeconds(59)));
        Assert.True(window.TryTake(Now.AddSeconds(60)));
    }

    /// <summary>Buckets are bounded: the ones that were written longest ago make room.</summary>
    [Fact]
    public void Buckets_BeyondTheBound_OldestGo()
    {
        var rule = new SpendRule("r", 1, 86_400, RateLimitTechnique.Fixed, Models: null, Providers: null, [], new Dictionary<string, IReadOnlyList<string>>());
        var (ledger, budgets) = (new SpendLedger(), new PolicyBudgets());
        for (var user = 0; user < 20_001; user++)
        {
            ledger.Add(rule, $"{user}", 1, Now.AddMilliseconds(user));
            budgets.Add($"{user}", BudgetPeriod.Monthly, 1, Now);
        }

        Assert.Equal((0, 1), (ledger.Spent(rule, "0", Now), ledger.Spent(rule, "20000", Now)));
        Assert.Equal(1, budgets.Spent("20000", BudgetPeriod.Monthly, Now));
        Assert.InRange(Enumerable.Range(0, 20_001).Count(user => budgets.Spent($"{user}", BudgetPeriod.Monthly, Now) > 0), 5_000, 20_000);
    }
}
