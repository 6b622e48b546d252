using GatewayOps.ControlPlane.Proxy;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>What rates let through when somebody sets the clock: what passed counts, and not what the clock says.</summary>
public sealed class SetClockTests
{
    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(RateLimitTechnique.Sliding)]
    [InlineData(RateLimitTechnique.Fixed)]
    public void Window_ClockIsSetBack_GoesOn(RateLimitTechnique technique)
    {
        var (windows, key) = (new RateWindows(_clock), new RateWindows.Key("gw", "any", new RateLimit(2, 60, technique), "a"));
        Assert.Equal(TimeSpan.Zero, windows.Take(key, TimeSpan.Zero).Wait);

        _clock.Set(TimeSpan.FromHours(-1));

        Assert.Equal(1, windows.Foresee(key).Left);
        Assert.Equal(TimeSpan.Zero, windows.Take(key, TimeSpan.Zero).Wait);
        Assert.Equal(TimeSpan.FromSeconds(60), windows.Take(key, TimeSpan.Zero).Wait);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.Zero, windows.Take(key, TimeSpan.Zero).Wait);
    }

    [Theory]
    [InlineData(RateLimitTechnique.Sliding, 60)]
    [InlineData(RateLimitTechnique.Fixed, 0)]
    public void Window_ClockIsSetForward_OnlyAFixedOneFollows(RateLimitTechnique technique, int seconds)
    {
        var (windows, key) = (new RateWindows(_clock), new RateWindows.Key("gw", "any", new RateLimit(1, 60, technique), "a"));
        Assert.Equal(TimeSpan.Zero, windows.Take(key, TimeSpan.Zero).Wait);

        _clock.Set(TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.FromSeconds(seconds), windows.Take(key, TimeSpan.Zero).Wait);
    }

    [Fact]
    public async Task Rule_ClockIsSetBack_LetsThroughWhatItsLimitLeaves()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "rules": [ { "name": "few", "pattern": "/chat/completions", "rate_limit": { "limit": 2, "interval": 60 } } ] }""", time: _clock);
        Assert.Equal(200, (await stage.ChatAsync()).Status);

        _clock.Set(TimeSpan.FromHours(-1));

        Assert.Equal(200, (await stage.ChatAsync()).Status);
        Assert.Equal("60", (await stage.ChatAsync()).IsError(429, "rate_limit_exceeded")["retry-after"]);
    }

    [Fact]
    public async Task Session_ClockIsSetBack_WaitsNoLongerThanItsMinute()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock, settings: new Dictionary<string, string> { ["GatewayOps:Proxy:SessionRequestsPerMinute"] = "1" });
        async Task<Answer> AskAsync() => await Answer.PostAsync(stage.First.Caller, ProxyStage.Chat(), headers: ("X-SESSION-ID", "s1"));
        Assert.Equal(200, (await AskAsync()).Status);

        _clock.Set(TimeSpan.FromHours(-1));

        Assert.Equal("60", (await AskAsync()).IsError(429, "rate_limit_exceeded")["retry-after"]);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await AskAsync()).Status);
    }
}
