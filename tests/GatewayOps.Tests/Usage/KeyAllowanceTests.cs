using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;
using Pick = FsCheck.Fluent.Gen;

namespace GatewayOps.Tests.Usage;

/// <summary>What must hold whatever requests, replicas and windows do.</summary>
public sealed class KeyAllowanceTests
{
    private const decimal Limit = 100;
    private const double Share = 0.1;
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private sealed record Step(int Replica, string Kind, int Amount)
    {
        public override string ToString() => $"{Kind}({Replica}, {Amount})";
    }

    private static Arbitrary<Step[]> Steps() =>
        (from replica in Pick.Choose(0, 2)
         from kind in Pick.Frequency((6, Pick.Constant("hold")), (4, Pick.Constant("settle")), (3, Pick.Constant("exchange")), (1, Pick.Constant("lose")))
         from amount in Pick.Choose(1, 10)
         select new Step(replica, kind, amount)).ArrayOf().ToArbitrary();

    /// <summary>Three replicas and the arithmetic of the database; some exchanges get lost on their way back.</summary>
    [Fact]
    public void Together_NeverNegative_AndNeverBeyondTheLimitAndASliceEach() => Prop.ForAll(Steps(), steps =>
    {
        var replicas = Enumerable.Range(0, 3).Select(_ => new KeyAllowance(KeyAmounts.Tokens, Limit, KeyWindow.Minute, Share)).ToArray();
        var held = new List<decimal>[] { [], [], [] };
        var claimed = new decimal[3];
        foreach (var replica in replicas)
        {
            replica.Turn(Noon);
        }

        foreach (var (at, kind, amount) in steps)
        {
            var replica = replicas[at];
            switch (kind)
            {
                case "hold":
                    if (replica.RoomFor(amount, KeyCredit.Slice) is KeyRoom.Free)
                    {
                        replica.Hold(amount);
                        held[at].Add(amount);
                    }
                    else
                    {
                        replica.Want(amount);
                    }

                    break;
                case "settle" when held[at].Count > 0:
                    // Used is never more than was held here: then the limit is exact.
                    replica.Settle(held[at][0], replica.Start, Math.Min(held[at][0], amount));
                    held[at].RemoveAt(0);
                    break;
                case "exchange" or "lose":
                    var ask = replica.Ask(Guid.Empty);
                    claimed[at] = Math.Max(ask.Used, Math.Min(ask.Asked, Limit - (claimed.Sum() - claimed[at])));
                    if (kind == "exchange")
                    {
                        replica.Take(ask.Used, claimed[at], claimed.Sum() - claimed[at]);
                    }

                    break;
            }

            if (replicas.Any(one => one.Used < 0 || one.Remaining < 0 || one.Claimed < 0) || replicas.Sum(one => one.Used) > Limit + (3 * replicas[0].Slice))
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    /// <summary>The same for one replica, by its public face: room taken for a request comes back or is used, once.</summary>
    [Fact]
    public void Alone_ExactlyTheLimit() => Prop.ForAll(Steps(), steps =>
    {
        var allowances = new KeyAllowances(Options.Create(new KeyOptions()), new TestClock());
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { TokensPerMinute = (long)Limit };
        var holds = new List<(KeyHold Hold, int Amount)>();
        decimal used = 0;
        foreach (var (_, kind, amount) in steps)
        {
            if (kind == "hold")
            {
                var (hold, shortage) = allowances.TryHold(key, amount, 0);
                if (shortage is null == used + holds.Sum(one => one.Amount) + amount > Limit)
                {
                    return false;
                }

                if (hold is not null)
                {
                    holds.Add((hold, amount));
                }
            }
            else if (holds.Count > 0)
            {
                var real = Math.Min(amount, holds[0].Amount);
                // Twice: a hold is settled once.
                allowances.Settle(holds[0].Hold, 1, real, 0);
                allowances.Settle(holds[0].Hold, 1, real, 0);
                holds.RemoveAt(0);
                used += real;
            }

            if (allowances.BalancesOf(key).Single().Remaining != Limit - used - holds.Sum(one => one.Amount))
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Parallel_1000Holds_ExactlyTheLimitPasses()
    {
        var allowances = new KeyAllowances(Options.Create(new KeyOptions()), new TestClock());
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { RequestsPerMinute = 137, TokensPerMinute = 1_000_000, Budget = new KeyBudget(1000, KeyWindow.Day) };

        var holds = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => allowances.TryHold(key, 10, 0.1m).Hold)));

        Assert.Equal(137, holds.Count(hold => hold is not null));
        // What was refused holds nothing of the other limits.
        Assert.Equal([0m, 1_000_000 - 1370, 1000 - 13.7m], allowances.BalancesOf(key).Select(balance => balance.Remaining));
    }

    [Fact]
    public void Window_EndsDuringARequest_DollarsCountInTheNextOne_AndTokensInNeither()
    {
        var clock = new TestClock();
        var allowances = new KeyAllowances(Options.Create(new KeyOptions()), clock);
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { TokensPerMinute = 100, Budget = new KeyBudget(10, KeyWindow.Day) };
        var (hold, _) = allowances.TryHold(key, 50, 4);

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal([100m, 10m], allowances.BalancesOf(key).Select(balance => balance.Remaining));
        allowances.Settle(hold!, 1, 60, 3);

        Assert.Equal([100m, 7m], allowances.BalancesOf(key).Select(balance => balance.Remaining));
    }

    [Fact]
    public void Window_ClockGoesBackALittle_NothingIsForgotten()
    {
        var allowance = new KeyAllowance(KeyAmounts.Requests, 10, KeyWindow.Minute, Share);
        allowance.Turn(Noon);
        allowance.Hold(4);

        allowance.Turn(Noon - TimeSpan.FromMinutes(1));

        Assert.Equal((4m, Noon), (allowance.Used, allowance.Start));
    }

    /// <summary>A machine whose clock was an hour ahead until somebody set it right.</summary>
    [Fact]
    public void Window_ClockWasWrong_AndIsSetRight_BeginsAnew()
    {
        var clock = new TestClock(Noon.AddHours(1));
        var allowances = new KeyAllowances(Options.Create(new KeyOptions { WithoutDatabase = WithoutDatabase.Allow }), clock);
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { RequestsPerMinute = 2 };
        Assert.NotNull(allowances.TryHold(key, 1, 0).Hold);
        Assert.NotNull(allowances.TryHold(key, 1, 0).Hold);

        clock.Set(TimeSpan.FromHours(-1));

        Assert.Equal(TimeSpan.FromMinutes(1), Assert.Single(allowances.BalancesOf(key)).Reset);
        Assert.NotNull(allowances.TryHold(key, 1, 0).Hold);
    }

    [Fact]
    public void Budget_ClockGoesWrong_AndIsSetRight_KnowsWhatWasSpentBefore()
    {
        var clock = new TestClock(Noon);
        var allowances = new KeyAllowances(Options.Create(new KeyOptions()), clock);
        var key = new VirtualKey(Guid.NewGuid(), "a", "a") { Budget = new KeyBudget(10, KeyWindow.Month) };
        allowances.Settle(allowances.TryHold(key, 1, 4).Hold!, 1, 1, 3);
        var (underWay, _) = allowances.TryHold(key, 1, 2);

        clock.Set(TimeSpan.FromDays(400));
        Assert.Equal(10, Assert.Single(allowances.BalancesOf(key)).Remaining);
        clock.Set(TimeSpan.FromDays(-400));

        Assert.Equal(5, Assert.Single(allowances.BalancesOf(key)).Remaining);
        allowances.Settle(underWay!, 1, 1, 1);
        Assert.Equal(6, Assert.Single(allowances.BalancesOf(key)).Remaining);
    }

    [Theory]
    [InlineData(KeyCredit.Whole, 100)]
    [InlineData(KeyCredit.Slice, 10)]
    [InlineData(KeyCredit.LastSlice, 10)]
    public void Credit_WithoutAClaim_IsWhatItSays(KeyCredit credit, int passes)
    {
        var allowance = new KeyAllowance(KeyAmounts.Requests, Limit, KeyWindow.Minute, Share);
        allowance.Turn(Noon);
        var passed = 0;
        while (allowance.RoomFor(1, credit) == KeyRoom.Free)
        {
            allowance.Hold(1);
            passed++;
        }

        Assert.Equal(passes, passed);
    }

    /// <summary>Or else it could never be made.</summary>
    [Fact]
    public void Request_LargerThanASlice_MayGoWhenNothingElseIsOnCredit()
    {
        var allowance = new KeyAllowance(KeyAmounts.Tokens, Limit, KeyWindow.Minute, Share);
        allowance.Turn(Noon);

        Assert.Equal(KeyRoom.Free, allowance.RoomFor(30, KeyCredit.Slice));
        allowance.Hold(30);
        Assert.Equal((KeyRoom.Unclaimed, KeyRoom.None, KeyRoom.Never), (allowance.RoomFor(1, KeyCredit.Slice), allowance.RoomFor(71, KeyCredit.Slice), allowance.RoomFor(101, KeyCredit.Slice)));
    }
}
