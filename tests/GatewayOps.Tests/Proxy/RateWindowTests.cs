using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.Rules;
using Pick = FsCheck.Fluent.Gen;

namespace GatewayOps.Tests.Proxy;

public sealed class RateWindowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<List<int>> Arrivals = from gaps in Pick.OneOf(Pick.Choose(0, 3), Pick.Choose(0, 3000), Pick.Elements(0, 60_000, 10_000)).ListOf(200) select gaps.ToList();

    [Fact]
    public void Next_TheThirdOfTwoAMinute_WaitsForTheFirstToLeave()
    {
        var window = new RateWindow(new RateLimit(2, 60, RateLimitTechnique.Sliding));
        Assert.True(TryTake(window, Noon));
        Assert.True(TryTake(window, Noon.AddSeconds(10)));

        Assert.Equal(Noon.AddSeconds(60), window.Next(Noon.AddSeconds(20)));
        Assert.False(TryTake(window, Noon.AddSeconds(59)));
        Assert.True(TryTake(window, Noon.AddSeconds(60)));
        Assert.Equal(Noon.AddSeconds(70), window.Next(Noon.AddSeconds(60)));
    }

    [Fact]
    public void Next_Fixed_BeginsAnewAtTheFullInterval()
    {
        var window = new RateWindow(new RateLimit(2, 60, RateLimitTechnique.Fixed));
        Assert.True(TryTake(window, Noon.AddSeconds(58)));
        Assert.True(TryTake(window, Noon.AddSeconds(59)));

        Assert.Equal(Noon.AddSeconds(60), window.Next(Noon.AddSeconds(59.5)));
        Assert.True(TryTake(window, Noon.AddSeconds(60)));
        Assert.True(TryTake(window, Noon.AddSeconds(61)));
        Assert.Equal(Noon.AddSeconds(120), window.Next(Noon.AddSeconds(61)));
    }

    [Theory]
    [InlineData(RateLimitTechnique.Sliding)]
    [InlineData(RateLimitTechnique.Fixed)]
    public void Grant_Ahead_GivesEachOfABurstItsOwnTurn(RateLimitTechnique technique)
    {
        var window = new RateWindow(new RateLimit(2, 60, technique));

        var turns = Enumerable.Range(0, 5).Select(_ => Book(window, Noon)).ToList();

        Assert.Equal([0, 0, 60, 60, 120], turns.Select(at => (at - Noon).TotalSeconds));
    }

    [Fact]
    public void Return_OfATurnThatWasNotUsed_GivesItToTheNext()
    {
        var window = new RateWindow(new RateLimit(1, 60, RateLimitTechnique.Sliding));
        Book(window, Noon);
        var second = Book(window, Noon);

        window.Return(second);

        Assert.Equal(second, window.Next(Noon.AddSeconds(1)));
    }

    [Fact]
    public void IsIdle_AfterTheInterval_IsTrue()
    {
        var window = new RateWindow(new RateLimit(5, 60, RateLimitTechnique.Sliding));
        Book(window, Noon);

        Assert.False(window.IsIdle(Noon.AddSeconds(59)));
        Assert.True(window.IsIdle(Noon.AddSeconds(60)));
    }

    [Fact]
    public void Next_AnyArrivals_NeverLetsMoreThroughInAnyInterval() =>
        Prop.ForAll((from gaps in Arrivals from limit in Pick.Choose(1, 20) select (gaps, limit)).ToArbitrary(), sample =>
        {
            var window = new RateWindow(new RateLimit(sample.limit, 60, RateLimitTechnique.Sliding));
            var taken = Taken(window, sample.gaps);
            return taken.Index().All(first => taken.Skip(first.Index).TakeWhile(at => at - first.Item < TimeSpan.FromSeconds(60)).Count() <= sample.limit);
        }).QuickCheckThrowOnFailure();

    // What an exact window refuses, this one may refuse a little longer, but nothing else.
    [Fact]
    public void Next_AnyArrivals_RefusesOnlyWhatAnIntervalAndItsGrainHold() =>
        Prop.ForAll((from gaps in Arrivals from limit in Pick.Choose(1, 20) select (gaps, limit)).ToArbitrary(), sample =>
        {
            var window = new RateWindow(new RateLimit(sample.limit, 60, RateLimitTechnique.Sliding));
            var (taken, now) = (new List<DateTimeOffset>(), Noon);
            foreach (var gap in sample.gaps)
            {
                now += TimeSpan.FromMilliseconds(gap);
                if (TryTake(window, now))
                {
                    taken.Add(now);
                }
                else if (taken.Count(at => now - at < TimeSpan.FromSeconds(60 + (60 / 128.0))) < sample.limit)
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    private static List<DateTimeOffset> Taken(RateWindow window, IEnumerable<int> gaps)
    {
        var (taken, now) = (new List<DateTimeOffset>(), Noon);
        foreach (var gap in gaps)
        {
            now += TimeSpan.FromMilliseconds(gap);
            if (TryTake(window, now))
            {
                taken.Add(now);
            }
        }

        return taken;
    }

    private static bool TryTake(RateWindow window, DateTimeOffset now)
    {
        var at = window.Next(now);
        if (at == now)
        {
            window.Grant(at);
        }

        return at == now;
    }

    private static DateTimeOffset Book(RateWindow window, DateTimeOffset now)
    {
        var at = window.Next(now);
        window.Grant(at);
        return at;
    }
}
