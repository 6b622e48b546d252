using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

/// <summary>Which source's rows without a request id count.</summary>
public sealed class SourceChoicesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly SourceLife Alive = new(Noon, Noon);
    private static readonly SourceLife Silent = new(Noon, Noon - TimeSpan.FromHours(1));

    [Fact]
    public void First_ToDeliver_CountsForAllTime() =>
        Assert.Equal(new SourceChoice(DateTimeOffset.MinValue, "logs"), Next([], "logs"));

    [Fact]
    public void Set_Source_CountsWhoeverDelivers() => Assert.Equal("otlp", Next([], "logs", fixedSource: "otlp")!.Value.Source);

    [Fact]
    public void Otlp_TakesOver_FromItsFirstSpanOn() =>
        Assert.Equal(new SourceChoice(Noon, "otlp"), Next([Always("logs")], "otlp", current: new SourceLife(Noon.AddMinutes(-5), Noon)));

    /// <summary>What was polled already does not count once more.</summary>
    [Fact]
    public void Otlp_TakesOver_NotBeforeWhatWasToldAlready()
    {
        Assert.Equal(new SourceChoice(Noon + SourceChoices.ClockGrain, "otlp"), Next([Always("logs")], "otlp", newest: Noon.AddMinutes(2), current: Alive));
        Assert.Null(Next([Always("logs")], "otlp", newest: Noon.AddSeconds(30), current: Alive));
    }

    [Fact]
    public void Polled_DoesNotTakeOver_WhileTheChosenOneIsHeard() => Assert.Null(Next([Always("otlp")], "logs", current: Alive));

    [Fact]
    public void Polled_TakesOver_AfterSilence_FromBehindTheLastRow() =>
        Assert.Equal(new SourceChoice(Noon + SourceChoices.ClockGrain, "logs"), Next([Always("otlp")], "logs", newest: Noon.AddMinutes(20), current: Silent));

    [Fact]
    public void Polled_TellsNothingNewer_DoesNotTakeOver() => Assert.Null(Next([Always("otlp")], "logs", newest: Noon.AddSeconds(30), current: Silent));

    [Fact]
    public void At_EachRowIsDecidedByItsOwnTime()
    {
        SourceChoice[] choices = [Always("logs"), new(Noon, "otlp"), new(Noon.AddHours(2), "telemetry")];

        Assert.Equal(
            ["logs", "otlp", "otlp", "telemetry"],
            new[] { Noon.AddTicks(-10), Noon, Noon.AddHours(1), Noon.AddHours(3) }.Select(time => SourceChoices.At(choices, time)));
    }

    private static SourceChoice Always(string source) => new(DateTimeOffset.MinValue, source);

    private static SourceChoice? Next(IReadOnlyList<SourceChoice> choices, string source, string? fixedSource = null, DateTimeOffset? newest = null, SourceLife? current = null) =>
        SourceChoices.Next(choices, fixedSource, source, Noon, newest ?? Noon.AddMinutes(1), current ?? Alive, Noon);
}
