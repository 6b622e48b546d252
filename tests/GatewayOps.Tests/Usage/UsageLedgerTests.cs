using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Usage;

public sealed class UsageLedgerTests
{
    private static readonly UsageBounds Boundless = new(null, null, null);

    private readonly TestClock _clock = new();
    private readonly UsageLedger _ledger;

    public UsageLedgerTests() => _ledger = new UsageLedger(_clock);

    [Theory]
    [InlineData(2L, null, null, "requests")]
    [InlineData(null, 299L, null, "tokens")]
    [InlineData(null, null, 0.29, "usd")]
    public void TryHold_TheThirdRequestExceedsABound_SaysWhich(long? requests, long? tokens, double? usd, string kind)
    {
        var bounds = new UsageBounds(requests, tokens, (decimal?)usd);
        Assert.NotNull(Hold(bounds).Hold);
        Assert.NotNull(Hold(bounds).Hold);

        var (hold, exhausted) = Hold(bounds);

        Assert.Null(hold);
        Assert.Equal((kind, null), (exhausted!.Kind, exhausted.Provider));
    }

    /// <summary>Callers name gateways, and there is no end to names.</summary>
    [Fact]
    public void Settle_RequestThatWasRefusedBeforeAnAttempt_LeavesNoAccount()
    {
        _ledger.Settle(Records.New(1) with { At = _clock.GetUtcNow(), Gateway = "nowhere", Attempts = 0 }, hold: null);
        Assert.Empty(_ledger.Mark("nowhere").Written);

        _ledger.Settle(Records.New(1) with { At = _clock.GetUtcNow() }, hold: null);
        Assert.Equal(2, _ledger.Mark("gw").Written.Count);
    }

    /// <summary>A caller may ask at gateways that are none, and each such request is an attempt: they take no memory without end, and no quota from those that are.</summary>
    [Fact]
    public void Settle_GatewaysWithoutEnd_AreBounded_AndOneWithAQuotaCounts()
    {
        var invented = Enumerable.Range(0, UsageLedger.Most).Select(i => $"invented-{i}").ToHashSet();
        var records = invented.Select(gateway => Record(0) with { Gateway = gateway, Outcome = Outcomes.ClientError }).ToList();
        records.ForEach(record => _ledger.Settle(record, hold: null));
        _ledger.Written(records);

        Use();

        Assert.InRange(_ledger.Mark(invented).Written.Count, 1, UsageLedger.Most + 1);
        Assert.Equal("requests", Hold(new UsageBounds(1, null, null)).Exhausted!.Kind);
    }

    /// <summary>A quota that is new knows what this replica has used, whatever was read meanwhile of gateways that had one.</summary>
    [Fact]
    public void TakeOver_OfOtherGateways_LeavesWhatIsKnown()
    {
        var record = Record(0);
        _ledger.Settle(record, null);
        _ledger.Written([record]);

        _ledger.TakeOver(_ledger.Mark("other"), new Dictionary<(string, string), UsageAmounts> { [("other", "openai")] = new(4, 60, 0.1m) });

        Assert.Equal("requests", Hold(new UsageBounds(1, null, null)).Exhausted!.Kind);
        Assert.Equal("requests", Hold(new UsageBounds(4, null, null), gateway: "other").Exhausted!.Kind);
    }

    [Fact]
    public void TryHold_BoundOfAProvider_LeavesTheOthersAlone()
    {
        var one = new UsageBounds(1, null, null);
        Assert.NotNull(Hold(ofProvider: one).Hold);

        Assert.Equal("openai", Hold(ofProvider: one).Exhausted!.Provider);
        Assert.NotNull(Hold(ofProvider: one, provider: "groq").Hold);
        Assert.NotNull(Hold(ofProvider: one, gateway: "other").Hold);
    }

    [Fact]
    public void Settle_LessThanWasHeld_LeavesTheRest()
    {
        var bounds = new UsageBounds(null, 115, null);
        var (hold, _) = Hold(bounds);
        Assert.Null(Hold(bounds).Hold);

        _ledger.Settle(Records.New(0) with { At = _clock.GetUtcNow() }, hold);

        Assert.NotNull(Hold(bounds).Hold);
    }

    [Theory]
    [InlineData("hit", 1)]
    [InlineData("miss", 0)]
    public void Settle_WithoutAProvidersAnswer_CountsNothing(string cache, int attempts)
    {
        var (hold, _) = Hold();
        _ledger.Settle(Records.New(0) with { At = _clock.GetUtcNow(), Cache = cache, Attempts = attempts }, hold);

        Assert.NotNull(Hold(new UsageBounds(1, null, null)).Hold);
    }

    [Fact]
    public void Release_AHoldTwice_FreesItOnce()
    {
        var bounds = new UsageBounds(2, null, null);
        var (hold, _) = Hold(bounds);
        Hold(bounds);

        _ledger.Release(hold!);
        _ledger.Release(hold!);

        Assert.NotNull(Hold(bounds).Hold);
        Assert.Null(Hold(bounds).Hold);
    }

    [Fact]
    public void TryHold_ManyAtOnce_NeverExceedsTheBound()
    {
        var holds = new bool[400];
        Parallel.For(0, holds.Length, at => holds[at] = Hold(new UsageBounds(100, null, null)).Hold is not null);

        Assert.Equal(100, holds.Count(held => held));
    }

    [Fact]
    public void Turn_ANewDay_BeginsAtNothing()
    {
        var bounds = new UsageBounds(1, null, null);
        var (hold, _) = Hold(bounds);
        _clock.Advance(TimeSpan.FromHours(12));

        Assert.NotNull(Hold(bounds).Hold);
        _ledger.Release(hold!);
        Assert.Null(Hold(bounds).Hold);
    }

    /// <summary>The first second of a day, and then the last one of the day before.</summary>
    [Fact]
    public void Turn_ClockIsSetBackOverMidnight_ForgetsNothing()
    {
        _clock.Advance(TimeSpan.FromHours(12));
        Use();
        _clock.Set(TimeSpan.FromSeconds(-2));
        Use();

        Assert.Equal("requests", Hold(new UsageBounds(2, null, null)).Exhausted!.Kind);
    }

    [Fact]
    public void Turn_ClockWasWrong_AndIsSetRight_CountsTheDayThatIs()
    {
        _clock.Set(TimeSpan.FromDays(400));
        Use();
        _clock.Set(TimeSpan.FromDays(-400));
        Use();

        Assert.Equal(DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime), _ledger.Mark("gw").Day);
        Assert.Equal("requests", Hold(new UsageBounds(1, null, null)).Exhausted!.Kind);
    }

    [Fact]
    public void TakeOver_OwnRequests_CountOnceWhetherWrittenBeforeOrAfter()
    {
        var (before, after) = (Record(0), Record(2));
        _ledger.Settle(before, null);
        _ledger.Settle(after, null);
        _ledger.Written([before]);

        // The database holds one of ours, and three of another replica.
        _ledger.TakeOver(_ledger.Mark("gw"), new Dictionary<(string, string), UsageAmounts> { [("gw", "openai")] = new(4, 60, 0.1m) });

        Assert.Null(Hold(new UsageBounds(5, null, null)).Hold);
        Assert.NotNull(Hold(new UsageBounds(6, null, null)).Hold);
    }

    [Fact]
    public void TakeOver_AReadingOfYesterday_ChangesNothing()
    {
        var mark = _ledger.Mark("gw");
        _clock.Advance(TimeSpan.FromDays(1));

        _ledger.TakeOver(mark, new Dictionary<(string, string), UsageAmounts> { [("gw", "openai")] = new(100, 0, 0) });

        Assert.NotNull(Hold(new UsageBounds(1, null, null)).Hold);
    }

    [Fact]
    public async Task Read_RecordsOfADay_AreSummedAsTheLedgerCounts()
    {
        await using var database = await TestDatabase.CreateAsync();
        UsageRecord[] records =
        [
            Record(0), Record(2), Record(1),
            Record(0) with { Cache = "hit" },
            Record(0) with { Attempts = 0, Provider = "none" },
            Record(0) with { Tokens = null, CostUsd = null },
            Record(0) with { Gateway = "other" },
            Record(0) with { At = _clock.GetUtcNow().AddDays(-1) },
        ];
        var options = Options.Create(new UsageOptions());
        var recorder = new UsageRecorder(options, new UsageMetrics(new Meters()));
        var writer = new UsageWriter(recorder, new RequestRecordTable(database.DataSource), _ledger, new UsageMetrics(new Meters()), options, _clock, NullLogger<UsageWriter>.Instance);
        foreach (var record in records)
        {
            _ledger.Settle(record, null);
            recorder.TryWrite(record);
        }

        await writer.StartAsync(CancellationToken.None);
        await writer.StopAsync(CancellationToken.None);
        var mark = _ledger.Mark("gw");
        var read = await new DayUsage(database.DataSource).ReadAsync(mark.Day, mark.Gateways, CancellationToken.None);

        Assert.Equal(new UsageAmounts(3, 30, 0.000246m), read[("gw", "openai")]);
        Assert.Equal(new UsageAmounts(1, 15, 0.000123m), read[("gw", "anthropic")]);
        Assert.Equal(2, read.Count);
        // Everything was written: what is read and what was counted are the same, and count once.
        _ledger.TakeOver(mark, read);
        Assert.Null(Hold(new UsageBounds(4, null, null)).Hold);
        Assert.NotNull(Hold(new UsageBounds(5, null, null)).Hold);
    }

    private void Use() => _ledger.Settle(Records.New(0) with { At = _clock.GetUtcNow() }, Hold().Hold);

    private UsageRecord Record(int number) => Records.New(number) with { At = _clock.GetUtcNow() };

    private (UsageHold? Hold, ExhaustedBound? Exhausted) Hold(UsageBounds? bounds = null, UsageBounds? ofProvider = null, string provider = "openai", string gateway = "gw") =>
        _ledger.TryHold(gateway, bounds ?? Boundless, provider, ofProvider ?? Boundless, new UsageAmounts(1, 100, 0.1m));

    private sealed class Meters : System.Diagnostics.Metrics.IMeterFactory
    {
        public System.Diagnostics.Metrics.Meter Create(System.Diagnostics.Metrics.MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
