using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Proxy;

/// <summary>Quotas of a UTC day over real sockets, on a clock that the test moves, with the database of all replicas.</summary>
public sealed class QuotaTests
{
    private readonly TestClock _clock = new();

    [Fact, Trait("checklist", "S1-08")]
    public async Task Quota_RequestsUsedUp_IsRefusedBeforeTheCallUntilTheNextDay()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "quota": { "requests": 2 } }""", time: _clock);
        await stage.ChatAsync();
        await stage.ChatAsync();

        var third = (await stage.ChatAsync()).IsError(429, "insufficient_quota");

        Assert.Equal(("43200", "false", "none"), (third["retry-after"], third["x-should-retry"], third["x-gatewayops-provider"]));
        Assert.Equal("insufficient_quota", third.Error.GetProperty("type").GetString());
        Assert.Equal(2, await stage.CallsAsync());
        Assert.Equal("refused", (await stage.RecordAsync(third)).GetProperty("outcome").GetString());
        _clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal(200, (await stage.ChatAsync()).Status);
    }

    [Fact, Trait("checklist", "S1-08")]
    public async Task Quota_OfAProvider_LeavesTheCallToTheNext()
    {
        await using var stage = await ProxyStage.StartAsync(
            """
            { "providers": [ { "name": "openrouter", "priority": 1, "model": "openai/gpt-4o-mini" }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true },
              "quota": { "providers": { "openrouter": { "requests": 1 } } } }
            """,
            time: _clock);

        var (first, second) = (await stage.ChatAsync(), await stage.ChatAsync());

        Assert.Equal(("openrouter", "openai", "1"), (first["x-gatewayops-provider"], second["x-gatewayops-provider"], second["x-gatewayops-attempts"]));
        Assert.Contains("openrouter", (await stage.ChatAsync(more: new { provider = "openrouter" })).IsError(429, "insufficient_quota").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "tokens": 150 }""")]
    [InlineData("""{ "usd": 0.00007 }""")]
    public async Task Quota_TokensAndCost_CountWhatIsReportedAndNotWhatWasAllowed(string quota)
    {
        await using var stage = await ProxyStage.StartAsync($$"""{ "quota": {{quota}} }""", time: _clock);
        // 100 tokens of output are allowed each time, and far fewer used.
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, (await stage.ChatAsync(more: new { max_tokens = 100 })).Status);
        }

        (await stage.ChatAsync(more: new { max_tokens = 1000 })).IsError(429, "insufficient_quota");
    }

    [Fact]
    public async Task Quota_AnswersFromTheCache_CountNothing()
    {
        await using var stage = await ProxyStage.StartAsync(
            """{ "quota": { "requests": 2 }, "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 3600 } } ] }""", time: _clock);

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(200, (await stage.ChatAsync("the same")).Status);
        }

        Assert.Equal(200, (await stage.ChatAsync("another")).Status);
        (await stage.ChatAsync("a third")).IsError(429, "insufficient_quota");
    }

    [Fact]
    public async Task Quota_RestartAndOtherReplicas_CountToo()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "quota": { "requests": 3 } }""", time: _clock);
        var first = await stage.ChatAsync();
        await stage.RecordAsync(first);

        // A replica that starts later knows before its first request.
        await using var other = await TestService.StartAsync(stage.Service.Database, stage.Emulator, time: _clock);
        var second = await stage.PostAsync(ProxyStage.Chat(), other.Caller);
        await stage.RecordAsync(second);
        Assert.Equal(200, (await stage.PostAsync(ProxyStage.Chat(), other.Caller)).Status);
        (await stage.PostAsync(ProxyStage.Chat(), other.Caller)).IsError(429, "insufficient_quota");

        // The one that runs already knows after its next reading, which its timer makes.
        await stage.RecordsAsync(4);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await stage.Service.EventuallyAsync(() => Task.FromResult(IsUsedUp(stage, requests: 3)), "the quota of all replicas");
        (await stage.ChatAsync()).IsError(429, "insufficient_quota");
        Assert.Equal(3, await stage.CallsAsync());
    }

    [Fact]
    public async Task Quota_ManyAtOnce_LetsNoneTooManyThrough()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "quota": { "requests": 7 } }""", time: _clock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(n => stage.ChatAsync($"number {n}")));

        Assert.Equal((7, 18), (answers.Count(answer => answer.Status == 200), answers.Count(answer => answer.Status == 429)));
        Assert.Equal(7, await stage.CallsAsync());
    }

    [Fact]
    public async Task Refresh_DatabaseAway_GoesOnAndSaysSoOnce()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "quota": { "requests": 2 } }""", time: _clock);
        await stage.RecordAsync(await stage.ChatAsync());
        await stage.Service.Database.ExecuteAsync("alter table request_records rename to hidden");
        var refresher = stage.Service.Services.GetRequiredService<QuotaRefresher>();

        await refresher.RefreshAsync(CancellationToken.None);
        await refresher.RefreshAsync(CancellationToken.None);

        Assert.Single(stage.Service.Log.Lines, line => line.Contains("[3010]", StringComparison.Ordinal));
        Assert.Equal(200, (await stage.ChatAsync()).Status);
        (await stage.ChatAsync()).IsError(429, "insufficient_quota");
    }

    // Asked by a request, it would be used by it.
    private static bool IsUsedUp(ProxyStage stage, int requests)
    {
        var ledger = stage.Service.App.Services.GetRequiredService<UsageLedger>();
        var (hold, exhausted) = ledger.TryHold(ProxyStage.Gateway, new UsageBounds(requests, null, null), "openai", new UsageBounds(null, null, null), new UsageAmounts(1, 0, 0));
        if (hold is not null)
        {
            ledger.Release(hold);
        }

        return exhausted is not null;
    }
}
