using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>Rate limits and queues of rules on a clock of their own.</summary>
public sealed class RuleGateTests : IDisposable
{
    private static readonly RateLimit TwoAMinute = new(2, 60, RateLimitTechnique.Sliding);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly TestClock _clock = new();
    private readonly RuleGate _gate;
    private long _depth;

    public RuleGateTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "gatewayops_proxy_queue_depth" && instrument.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _depth, value));
        _listener.Start();
        var meters = _services.GetRequiredService<IMeterFactory>();
        var metrics = new ProxyMetrics(
            meters, new TelemetryMetrics(meters), new PriceTable(Options.Create(new UsageOptions())), Options.Create(new CloudflareAccountOptions { AccountId = "a" }));
        _gate = new RuleGate(metrics, _clock);
    }

    [Fact]
    public async Task Enter_RuleWithoutLimits_IsFree()
    {
        Assert.Same(Admission.Free, (await EnterAsync(Route.Default)).Admission);
        Assert.Same(Admission.Free, (await EnterAsync(Rule())).Admission);
    }

    [Fact]
    public async Task Enter_BeyondTheLimit_IsRefusedUntilTheIntervalIsOver()
    {
        var route = Rule(TwoAMinute);
        await EnterAsync(route);
        _clock.Advance(TimeSpan.FromSeconds(20));
        await EnterAsync(route);

        var (admission, refusal) = await EnterAsync(route);

        Assert.Null(admission);
        Assert.Equal((429, "rate_limit_exceeded", TimeSpan.FromSeconds(40)), (refusal!.Error.Status, refusal.Error.Code, refusal.RetryAfter));
        Assert.Contains("chat", refusal.Error.Message, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.NotNull((await EnterAsync(route)).Admission);
    }

    [Fact]
    public async Task Enter_AnotherTenantOrGateway_HasItsOwnLimit()
    {
        var route = Rule(new RateLimit(1, 60, RateLimitTechnique.Fixed));

        Assert.NotNull((await EnterAsync(route)).Admission);
        Assert.NotNull((await EnterAsync(route, tenant: "other")).Admission);
        Assert.NotNull((await EnterAsync(route, gateway: "other")).Admission);
        Assert.Null((await EnterAsync(route)).Admission);
    }

    [Fact]
    public async Task Enter_NewRevisionThatLeavesTheRuleAlone_KeepsItsCount()
    {
        await EnterAsync(Rule(TwoAMinute));
        await EnterAsync(Rule(TwoAMinute));

        Assert.Null((await EnterAsync(Rule(TwoAMinute) with { Rule = "renamed", Timeout = TimeSpan.FromSeconds(1) })).Admission);
        Assert.NotNull((await EnterAsync(Rule(TwoAMinute with { Limit = 3 }))).Admission);
        Assert.NotNull((await EnterAsync(Rule(TwoAMinute) with { Condition = "/chat/**" })).Admission);
    }

    [Fact]
    public async Task Enter_MoreThanThePlaces_WaitAndGoInTheirOrder()
    {
        var route = Rule(queue: new Queue(2, 10, 60_000));
        var entered = new List<(Admission? Admission, GateRefusal? Refusal)> { await EnterAsync(route), await EnterAsync(route) };
        var waiting = Enumerable.Range(0, 3).Select(_ => EnterAsync(route)).ToList();
        Assert.Equal(3, _depth);
        Assert.All(waiting, task => Assert.False(task.IsCompleted));

        _clock.Advance(TimeSpan.FromSeconds(5));
        entered[0].Admission!.Dispose();
        var third = await waiting[0];

        Assert.Equal(TimeSpan.FromSeconds(5), third.Admission!.Waited);
        Assert.False(waiting[1].IsCompleted);
        entered[1].Admission!.Dispose();
        third.Admission.Dispose();
        Assert.All(await Task.WhenAll(waiting[1], waiting[2]), result => Assert.NotNull(result.Admission));
        Assert.Equal(0, _depth);
    }

    [Fact]
    public async Task Enter_QueueFull_IsRefused()
    {
        var route = Rule(queue: new Queue(1, 1, 60_000));
        await EnterAsync(route);
        _ = EnterAsync(route);

        var (_, refusal) = await EnterAsync(route);

        Assert.Equal((429, "queue_full"), (refusal!.Error.Status, refusal.Error.Code));
        Assert.Equal(1, _depth);
    }

    [Fact]
    public async Task Enter_NoTurnInTime_IsRefusedAndItsPlaceIsFree()
    {
        var route = Rule(queue: new Queue(1, 1, 3_000));
        var (first, _) = await EnterAsync(route);
        var waiting = EnterAsync(route);

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("queue_timeout", (await waiting).Refusal!.Error.Code);
        Assert.Equal(0, _depth);
        var next = EnterAsync(route);
        first!.Dispose();
        Assert.NotNull((await next).Admission);
    }

    [Fact]
    public async Task Enter_CallerGoesAwayWhileWaiting_FreesItsPlace()
    {
        using var gone = new CancellationTokenSource();
        var route = Rule(queue: new Queue(1, 1, 60_000));
        var (first, _) = await EnterAsync(route);
        var waiting = EnterAsync(route, cancellationToken: gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, _depth);
        var next = EnterAsync(route);
        first!.Dispose();
        Assert.NotNull((await next).Admission);
    }

    [Fact, Trait("checklist", "S1-30")]
    public async Task Enter_LimitWithAQueue_DelaysABurstInsteadOfRefusingIt()
    {
        var route = Rule(TwoAMinute, new Queue(10, 10, 300_000));
        var burst = Enumerable.Range(0, 5).Select(_ => EnterAsync(route)).ToList();
        Assert.Equal([true, true, false, false, false], burst.Select(task => task.IsCompleted));
        Assert.Equal(3, _depth);

        var entered = await _clock.RunAsync(Task.WhenAll(burst));

        Assert.Equal([0, 0, 60, 60, 120], entered.Select(result => result.Admission!.Waited.TotalSeconds));
        Assert.Equal(0, _depth);
    }

    [Fact]
    public async Task Enter_LimitThatOutlastsThePatienceOfItsQueue_IsRefusedAtOnce()
    {
        var route = Rule(new RateLimit(1, 60, RateLimitTechnique.Sliding), new Queue(10, 10, 30_000));
        await EnterAsync(route);

        var (_, refusal) = await EnterAsync(route);

        Assert.Equal(("rate_limit_exceeded", TimeSpan.FromMinutes(1)), (refusal!.Error.Code, refusal.RetryAfter));
    }

    [Fact]
    public async Task Enter_CallerGoesAwayBeforeItsTurn_GivesTheTurnBack()
    {
        using var gone = new CancellationTokenSource();
        var route = Rule(new RateLimit(1, 60, RateLimitTechnique.Sliding), new Queue(10, 10, 90_000));
        await EnterAsync(route);
        var waiting = EnterAsync(route, cancellationToken: gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var next = EnterAsync(route);

        Assert.Equal(TimeSpan.FromMinutes(1), (await _clock.RunAsync(next)).Admission!.Waited);
    }

    [Fact]
    public async Task Enter_ManyAtOnce_NeverExceedsLimitOrPlaces()
    {
        var limited = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => EnterAsync(Rule(new RateLimit(50, 60, RateLimitTechnique.Sliding))))));
        Assert.Equal(50, limited.Count(result => result.Admission is not null));

        var route = Rule(queue: new Queue(4, 10_000, 60_000));
        int inside = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            var (admission, _) = await EnterAsync(route);
            InterlockedMax(ref most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            admission!.Dispose();
        })));

        Assert.Equal((4, 0, 0), (most, inside, _depth));
    }

    [Fact]
    public void Windows_MoreTenantsThanTheBound_ShareOneAndIdleOnesAreForgotten()
    {
        var windows = new RateWindows(_clock);
        for (var tenant = 0; tenant < RateWindows.Most + 100; tenant++)
        {
            windows.Take(new RateWindows.Key("gw", "/chat", TwoAMinute, $"tenant-{tenant}"), TimeSpan.Zero);
        }

        Assert.Equal(RateWindows.Most + 1, windows.Count);
        Assert.True(windows.Take(new RateWindows.Key("gw", "/chat", TwoAMinute, "one more"), TimeSpan.Zero).Wait > TimeSpan.Zero);

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(TimeSpan.Zero, windows.Take(new RateWindows.Key("gw", "/chat", TwoAMinute, "one more"), TimeSpan.Zero).Wait);
        Assert.Equal(1, windows.Count);
    }

    [Fact]
    public void Queues_ThatNobodyUses_AreForgottenWhenThereAreMany()
    {
        var metrics = _services.GetRequiredService<IMeterFactory>();
        var queues = new RuleQueues(new ProxyMetrics(
            metrics, new TelemetryMetrics(metrics), new PriceTable(Options.Create(new UsageOptions())), Options.Create(new CloudflareAccountOptions { AccountId = "a" })));
        using var inUse = queues.Visit("gw", "in use", new Queue(1, 1, 1));
        for (var rule = 0; rule < 5000; rule++)
        {
            queues.Visit("gw", $"/{rule}", new Queue(1, 1, 1)).Dispose();
        }

        Assert.InRange(queues.Count, 1, 1000);
        using var again = queues.Visit("gw", "in use", new Queue(1, 1, 1));
        Assert.True(inUse.TryEnter());
        Assert.False(again.TryEnter());
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private static Route Rule(RateLimit? limit = null, Queue? queue = null) => Route.Default with { Rule = "chat", Condition = "/chat/completions", RateLimit = limit, Queue = queue };

    private Task<(Admission? Admission, GateRefusal? Refusal)> EnterAsync(Route route, string tenant = "shared", string gateway = "gw", CancellationToken cancellationToken = default) =>
        _gate.EnterAsync(gateway, route, tenant, cancellationToken).AsTask();

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; seen < value;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var before && before == seen ? value : before;
        }
    }
}
