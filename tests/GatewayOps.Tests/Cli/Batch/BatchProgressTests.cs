using GatewayOps.Cli.Batch;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>The line that a terminal shows while a batch runs.</summary>
public sealed class BatchProgressTests
{
    private static readonly BatchTotals Totals = new(12_344, 1, 900_000, 300_000, 1.23456m, 0);

    [Fact]
    public void Line_HasRateTokensCostAndTimeLeft() => Assert.Equal(
        "██░░░░░░░░░░░░░░░░░░ 12,345/100,000 12%  1 failed  123.4/s  1.2M tokens  $1.2346  ETA 11:50",
        BatchProgress.Render(new BatchMoment(100_000, Totals, 123.4, TimeSpan.Zero), 120, colours: false));

    [Fact]
    public void Line_WhileAllWait_SaysHowLong_AndIsNeverWiderThanTheTerminal()
    {
        var moment = new BatchMoment(100_000, Totals, 0, TimeSpan.FromSeconds(75));
        Assert.Contains("rate limited, all wait 1:15", BatchProgress.Render(moment, 200, colours: false));
        Assert.Contains("ETA -", BatchProgress.Render(moment, 200, colours: false));
        Assert.All(Enumerable.Range(20, 150), width => Assert.InRange(BatchProgress.Render(moment, width, colours: false).Length, 1, width));
    }

    [Fact]
    public void Line_HasColoursOnlyWhereTheyAreTaken()
    {
        var moment = new BatchMoment(10, BatchTotals.None, 0, TimeSpan.Zero);
        Assert.Contains('\e', BatchProgress.Render(moment, 120, colours: true));
        Assert.DoesNotContain('\e', BatchProgress.Render(moment, 120, colours: false));
    }

    [Fact]
    public void Rate_IsThatOfTheLastHalfMinute()
    {
        var clock = new TestClock();
        var meter = new RateMeter(clock);
        Assert.Equal(0, meter.PerSecond(0));
        for (var second = 1; second <= 60; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            meter.PerSecond(second * 100);
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(100, meter.PerSecond(6100), precision: 6);
        for (var second = 1; second <= 40; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            meter.PerSecond(6100);
        }

        Assert.Equal(0, meter.PerSecond(6100));
    }

    [Fact]
    public async Task Bar_IsDrawnWhileItLasts_AndTakenAway()
    {
        var (clock, terminal, work) = (new TestClock(), new StringWriter(), new TaskCompletionSource<int>());
        var bar = new ProgressBar(terminal, () => new BatchMoment(10, BatchTotals.None with { Answered = 5 }, 1, TimeSpan.Zero), () => 100, colours: false, clock);
        var shown = bar.DuringAsync(work.Task);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        while (terminal.ToString().Length == 0)
        {
            await Task.Yield();
        }

        work.SetResult(7);

        Assert.Equal(7, await shown);
        Assert.StartsWith("\r\e[K██████████░░░░░░░░░░ 5/10 50%", terminal.ToString());
        Assert.EndsWith("\r\e[K", terminal.ToString());
    }
}
