using GatewayOps.Tests.Access;

namespace GatewayOps.Tests.Proxy;

/// <summary>The cache as rules ask for it: the proxy makes the key, the emulated gateway keeps the answers.</summary>
public sealed class CacheTests(CachingFixture shared) : IClassFixture<CachingFixture>
{
    private readonly ProxyStage _stage = shared.Stage;

    [Fact, Trait("checklist", "S1-01")]
    public async Task Cache_SameRequest_IsAnsweredWithoutTheProvider()
    {
        var calls = await _stage.CallsAsync();

        var first = await _stage.ChatAsync("twice");
        var second = await _stage.ChatAsync("twice");

        Assert.Equal(("miss", "hit"), (first["x-gatewayops-cache"], second["x-gatewayops-cache"]));
        Assert.Equal(first.Content, second.Content);
        Assert.Equal(calls + 1, await _stage.CallsAsync());
        var hit = await _stage.RecordAsync(second);
        Assert.Equal(("hit", 0m), (hit.GetProperty("cache").GetString(), hit.GetProperty("costUsd").GetDecimal()));
    }

    /// <summary>The gateway's own cache knows no tenants: by its own key, one would be given what another asked for.</summary>
    [Theory]
    [InlineData(true, "miss hit miss", 2)]
    [InlineData(false, "bypass bypass bypass", 3)]
    public async Task Cache_OfTheGatewaysSetting_NeverCrossesTenants(bool isOfRuleSets, string expected, int calls)
    {
        await using var stage = await ProxyStage.StartAsync(isOfRuleSets ? """{ "settings": { "cache_ttl": 300 } }""" : null, gateway: new Dictionary<string, object?> { ["cache_ttl"] = 300 });
        var (one, other) = (await stage.Service.KeyClientAsync(name: "one"), await stage.Service.KeyClientAsync(name: "other"));

        var answers = new List<string?>();
        foreach (var client in new[] { one, one, other })
        {
            answers.Add((await stage.PostAsync(ProxyStage.Chat("a question"), client))["x-gatewayops-cache"]);
        }

        Assert.Equal((expected, calls), (string.Join(' ', answers), (int)await stage.CallsAsync()));
    }

    [Fact, Trait("checklist", "S1-26")]
    public async Task Cache_FieldOutsideTheKey_DoesNotMatter()
    {
        await _stage.ChatAsync("warm", new { temperature = 0 });
        var other = await _stage.ChatAsync("warm", new { temperature = 1 });
        var different = await _stage.ChatAsync("cold", new { temperature = 1 });

        Assert.Equal(("hit", "miss"), (other["x-gatewayops-cache"], different["x-gatewayops-cache"]));
    }

    [Fact, Trait("checklist", "S1-26")]
    public async Task Cache_AfterTheTtl_Misses()
    {
        await _stage.ChatAsync("for a while");

        await _stage.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(3601));

        Assert.Equal("miss", (await _stage.ChatAsync("for a while"))["x-gatewayops-cache"]);
    }

    [Fact]
    public async Task Cache_StreamedRequest_IsNeverAnsweredByAPlainAnswer()
    {
        await _stage.ChatAsync("both ways");

        var streamed = await _stage.ChatAsync("both ways", new { stream = true });

        Assert.Equal("text/event-stream", streamed["content-type"]);
        Assert.NotEqual("hit", streamed["x-gatewayops-cache"]);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cache_RuleTurnsItOff_TheGatewaysOwnCacheIsSkipped()
    {
        await using var stage = await ProxyStage.StartAsync(
            """{ "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": false } } ] }""",
            gateway: new Dictionary<string, object?> { ["cache_ttl"] = 600 });

        await stage.ChatAsync();
        await stage.ChatAsync();

        Assert.Equal(2, await stage.CallsAsync());
    }

    [Fact]
    public async Task Cache_NoRule_LeavesItToTheGateway()
    {
        await using var stage = await ProxyStage.StartAsync(gateway: new Dictionary<string, object?> { ["cache_ttl"] = 600 });

        await stage.ChatAsync();

        Assert.Equal("hit", (await stage.ChatAsync())["x-gatewayops-cache"]);
    }
}
