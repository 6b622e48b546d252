namespace GatewayOps.Tests.Proxy;

/// <summary>The cache as rules ask for it: the proxy makes the key, the emulated gateway keeps the answers.</summary>
public sealed class CacheTests
{
    private const string Rules = """
        { "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 3600, "key": ["model", "messages"] } } ] }
        """;

    [Fact]
    public async Task Cache_SameRequest_IsAnsweredWithoutTheProvider()
    {
        await using var stage = await ProxyStage.StartAsync(Rules);

        var first = await stage.ChatAsync();
        var second = await stage.ChatAsync();

        Assert.Equal(("miss", "hit"), (first["x-gatewayops-cache"], second["x-gatewayops-cache"]));
        Assert.Equal(first.Content, second.Content);
        Assert.Equal(1, await stage.CallsAsync());
        var hit = (await stage.RecordsAsync(2))[0];
        Assert.Equal(("hit", 0m), (hit.GetProperty("cache").GetString(), hit.GetProperty("costUsd").GetDecimal()));
    }

    [Fact]
    public async Task Cache_FieldOutsideTheKey_DoesNotMatter()
    {
        await using var stage = await ProxyStage.StartAsync(Rules);

        await stage.ChatAsync(more: new { temperature = 0 });
        var other = await stage.ChatAsync(more: new { temperature = 1 });
        var different = await stage.ChatAsync("Something else", new { temperature = 1 });

        Assert.Equal(("hit", "miss"), (other["x-gatewayops-cache"], different["x-gatewayops-cache"]));
    }

    [Fact]
    public async Task Cache_AfterTheTtl_Misses()
    {
        await using var stage = await ProxyStage.StartAsync(Rules);
        await stage.ChatAsync();

        await stage.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(3601));

        Assert.Equal("miss", (await stage.ChatAsync())["x-gatewayops-cache"]);
        Assert.Equal(2, await stage.CallsAsync());
    }

    [Fact]
    public async Task Cache_StreamedRequest_IsNeverAnsweredByAPlainAnswer()
    {
        await using var stage = await ProxyStage.StartAsync(Rules);
        await stage.ChatAsync();

        var streamed = await stage.ChatAsync(more: new { stream = true });

        Assert.Equal("text/event-stream", streamed["content-type"]);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        Assert.Equal(2, await stage.CallsAsync());
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
