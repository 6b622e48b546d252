using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator.DataPlane;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class CacheTests
{
    [Fact]
    public async Task Cache_Off_NoHeaderAndEveryRequestReachesTheProvider()
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Null((await gateway.ChatAsync()).CacheStatus);
        Assert.Null((await gateway.ChatAsync()).CacheStatus);
        Assert.Equal(2, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Cache_IdenticalRequests_SecondIsAHitThatCostsNothing()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });

        var first = await gateway.ChatAsync();
        var second = await gateway.ChatAsync("Hello there", "cf-aig-metadata: {\"user\":\"b\"}");

        Assert.Equal(("MISS", "HIT"), (first.CacheStatus, second.CacheStatus));
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("application/json", second.Headers["content-type"]);
        Assert.NotEqual(first.Headers["cf-aig-log-id"], second.Headers["cf-aig-log-id"]);
        Assert.Equal(1, await gateway.UpstreamRequestsAsync());
        Assert.Equal([false, true], gateway.Logs.Select(row => row.Cached));
        Assert.True(gateway.Logs[0].Cost > 0);
        Assert.Equal(0, gateway.Logs[1].Cost);
        Assert.Equal(gateway.Logs[0].TokensOut, gateway.Logs[1].TokensOut);
    }

    [Fact]
    public async Task Cache_OtherBodyKeyOrProvider_Misses()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });
        await gateway.ChatAsync();

        Assert.Equal("MISS", (await gateway.ChatAsync("Something else")).CacheStatus);
        Assert.Equal("MISS", (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), "sk-other")).CacheStatus);
        Assert.Equal("MISS", (await gateway.PostAsync("groq/chat/completions", TestGateway.Chat())).CacheStatus);
        Assert.Equal("HIT", (await gateway.ChatAsync()).CacheStatus);
    }

    [Fact]
    public async Task Cache_TtlOver_Misses()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });
        await gateway.ChatAsync();

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(90));
        Assert.Equal("HIT", (await gateway.ChatAsync()).CacheStatus);
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(31));
        Assert.Equal("MISS", (await gateway.ChatAsync()).CacheStatus);
    }

    [Theory]
    [InlineData("cf-aig-cache-ttl: 90", 90)]
    [InlineData("cf-cache-ttl: 90", 90)]
    [InlineData("cf-aig-cache-ttl: 5", 60)]
    [InlineData("cf-aig-cache-key: mine", 300)]
    public async Task Cache_OnByHeader_LivesAsLongAsItSays(string header, int seconds)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal("MISS", (await gateway.ChatAsync("x", header)).CacheStatus);

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(seconds - 30));
        Assert.Equal("HIT", (await gateway.ChatAsync("x", header)).CacheStatus);
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(31));
        Assert.Equal("MISS", (await gateway.ChatAsync("x", header)).CacheStatus);
    }

    [Fact]
    public async Task CacheKey_Own_ReplacesTheComputedOne()
    {
        await using var gateway = await TestGateway.StartAsync();

        var first = await gateway.ChatAsync("one", "cf-aig-cache-key: k");
        var second = await gateway.ChatAsync("two", "cf-aig-cache-key: k");
        var third = await gateway.ChatAsync("two", "cf-aig-cache-key: l");

        Assert.Equal(("MISS", "HIT", "MISS"), (first.CacheStatus, second.CacheStatus, third.CacheStatus));
        Assert.Equal(first.Text, second.Text);
    }

    [Theory]
    [InlineData("cf-aig-skip-cache: true")]
    [InlineData("cf-skip-cache: true")]
    [InlineData("cf-aig-cache-ttl: 0")]
    public async Task Cache_RefusedByHeader_IsNeitherReadNorWritten(string header)
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });

        Assert.Null((await gateway.ChatAsync("x", header)).CacheStatus);
        Assert.Equal("MISS", (await gateway.ChatAsync("x")).CacheStatus);
        Assert.Null((await gateway.ChatAsync("x", header)).CacheStatus);
        Assert.Equal(3, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task Cache_FailedAnswer_IsNotKept()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503, times = 1 });

        Assert.Equal((503, "MISS"), (await gateway.ChatAsync() is var bad ? (bad.Status, bad.CacheStatus) : default));
        Assert.Equal((200, "MISS"), (await gateway.ChatAsync() is var good ? (good.Status, good.CacheStatus) : default));
    }

    [Fact]
    public async Task Cache_StreamedRequest_NeitherReadsNorWrites()
    {
        await using var gateway = await TestGateway.StartAsync();
        const string key = "cf-aig-cache-key: same";
        await gateway.ChatAsync("plain", key);

        var streamed = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat("streamed", more: new { stream = true }), TestGateway.ProviderKey, key);

        Assert.Null(streamed.CacheStatus);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        Assert.Contains("plain", (await gateway.ChatAsync("other", key)).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "MISS")]
    [InlineData(false, "HIT")]
    public async Task Cache_GatewayUpdated_IsPurgedWhereTheGatewaySaysSo(bool invalidate, string expected)
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120, cache_invalidate_on_update = invalidate });
        await gateway.ChatAsync();

        gateway.State.Update(fields => JsonSerializer.SerializeToElement(JsonNode.Parse(fields.GetRawText())));

        Assert.Equal(expected, (await gateway.ChatAsync()).CacheStatus);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(2_592_000)]
    public void Cache_Ttl_EndsAtItsLastInstant(long ttl)
    {
        var (cache, key, stored) = (new ResponseCache(), "k", new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero));
        cache.Store(key, new CachedAnswer(200, [], [1]), generation: 0, stored.AddSeconds(ttl));

        Assert.NotNull(cache.Find(key, 0, stored.AddSeconds(ttl).AddTicks(-1)));
        Assert.Null(cache.Find(key, 0, stored.AddSeconds(ttl)));
    }

    [Fact]
    public async Task Cache_TtlOverAMonth_IsAMonth()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.ChatAsync("x", "cf-aig-cache-ttl: 99999999");

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(2_591_990));
        Assert.Equal("HIT", (await gateway.ChatAsync("x", "cf-aig-cache-ttl: 99999999")).CacheStatus);
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("MISS", (await gateway.ChatAsync("x", "cf-aig-cache-ttl: 99999999")).CacheStatus);
    }

    [Fact]
    public async Task Cache_Embeddings_AreKept()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 120 });
        const string body = """{"model":"text-embedding-3-small","input":"Hello"}""";

        Assert.Equal("MISS", (await gateway.PostAsync("openai/embeddings", body)).CacheStatus);
        Assert.Equal("HIT", (await gateway.PostAsync("openai/embeddings", body)).CacheStatus);
    }

    [Fact]
    public async Task Cache_HitWithCustomCost_StillCostsNothing()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 3600 });
        const string cost = """cf-aig-custom-cost: {"total_cost":5}""";
        await gateway.ChatAsync("x", cost);
        await gateway.ChatAsync("x", cost);

        Assert.Equal([5, 0], gateway.Logs.Select(row => row.Cost));
    }

    [Fact]
    public async Task Cache_TwoAtTheSameTime_BothGoToTheProvider()
    {
        await using var gateway = await TestGateway.StartAsync(new { cache_ttl = 3600 });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 600_000 });
        using var patience = new CancellationTokenSource();

        Task[] pending = [PostAsync(), PostAsync()];
        while (await gateway.UpstreamRequestsAsync() < 2)
            await Task.Yield();
        await patience.CancelAsync();

        Assert.All(pending, one => Assert.False(one.IsCompletedSuccessfully));

        Task PostAsync() => gateway.Http.PostAsync("openai/chat/completions", new StringContent(TestGateway.Chat(), Encoding.UTF8, "application/json"), patience.Token);
    }
}
