using GatewayOps.Tests.Proxy;

namespace GatewayOps.Tests.Scenarios;

/// <summary>What an executed rule set does to an application's requests, from the operator API to the simulated provider.</summary>
public sealed class TrafficTests
{
    private const int Ttl = 3600;

    private const string Cached = """{"rules":[{"name":"chat","pattern":"/chat/completions","cache":{"enabled":true,"ttl":3600,"key":["model","messages"]}}]}""";

    private const string Chained = """
        {"providers":[{"name":"openrouter","priority":1,"timeout":400,"model":"openai/gpt-4o-mini"},{"name":"openai","priority":2,"timeout":20000}],
         "fallback":{"enabled":true,"retry_count":1}}
        """;

    [Fact, Trait("checklist", "S1-20"), Trait("checklist", "S1-26")]
    public async Task Cache_ByModelAndMessages_HitsUntilTheTtlAndNeverAcrossStreaming()
    {
        await using var world = await ExecutedWorld.StartAsync(Cached);

        var first = await world.ChatAsync("one", new { temperature = 0 });
        var second = await world.ChatAsync("one", new { temperature = 0 });
        var warmer = await world.ChatAsync("one", new { temperature = 1 });
        Assert.Equal(("miss", "hit", "hit"), (first["x-gatewayops-cache"], second["x-gatewayops-cache"], warmer["x-gatewayops-cache"]));
        Assert.Equal((first.Text, first.Text), (second.Text, warmer.Text));
        Assert.Equal(1, await world.CallsAsync("openai"));

        var streamed = await world.ChatAsync("one", new { stream = true });
        Assert.Equal("text/event-stream", streamed["content-type"]);
        Assert.NotEqual("hit", streamed["x-gatewayops-cache"]);
        Assert.EndsWith("data: [DONE]\n\n", streamed.Text, StringComparison.Ordinal);
        Assert.Equal(2, await world.CallsAsync("openai"));

        await world.Cloudflare.AdvanceClockAsync(TimeSpan.FromSeconds(Ttl - 60));
        Assert.Equal("hit", (await world.ChatAsync("one"))["x-gatewayops-cache"]);
        await world.Cloudflare.AdvanceClockAsync(TimeSpan.FromSeconds(120));
        Assert.Equal("miss", (await world.ChatAsync("one"))["x-gatewayops-cache"]);
        Assert.Equal(3, await world.CallsAsync("openai"));
    }

    [Fact]
    public async Task Cache_PlainAfterAStream_IsAnsweredPlain()
    {
        await using var world = await ExecutedWorld.StartAsync(Cached);
        await world.ChatAsync("one", new { stream = true });

        var plain = await world.ChatAsync("one");

        Assert.Equal("miss", plain["x-gatewayops-cache"]);
        Assert.Contains("one", plain.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"status":503}""", false)]
    [InlineData("""{"status":503}""", true)]
    [InlineData("""{"delayMs":30000}""", false)]
    [InlineData("""{"delayMs":30000}""", true)]
    public async Task FirstProvider_DownOrSlowerThanItsTimeout_TheSecondAnswers(string fault, bool stream)
    {
        await using var world = await ExecutedWorld.StartAsync(Chained);
        await world.Cloudflare.SetUpstreamFaultAsync("openrouter", System.Text.Json.JsonSerializer.Deserialize<System.Text.Json.JsonElement>(fault));

        var answer = await world.ChatAsync("hello", new { stream });

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(("openai", "2", "rules@1"), (answer["x-gatewayops-provider"], answer["x-gatewayops-attempts"], answer["x-gatewayops-revision"]));
        Assert.Equal((1, 1), (await world.CallsAsync("openrouter"), await world.CallsAsync("openai")));
    }

    [Fact]
    public async Task Stream_CutMidway_EndsInBandAndIsCountedEverywhere()
    {
        // The first provider has time here: on a machine that is slow, too, it is the one that is cut.
        await using var world = await ExecutedWorld.StartAsync(Chained.Replace("400", "20000", StringComparison.Ordinal));
        await world.Cloudflare.SetUpstreamFaultAsync("openrouter", new { cutAfterEvents = 2 });

        var answer = await world.ChatAsync("hello", new { stream = true });

        Assert.DoesNotContain("[DONE]", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"stream_truncated\"", answer.Text.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        await world.Service.EventuallyAsync(async () => (await world.GetAsync("usage"))["total"]!["truncated"]!.GetValue<int>() == 1, "the cut stream in usage");
        var metrics = await world.Service.Anonymous.GetStringAsync("/metrics");
        Assert.Contains("gatewayops_proxy_streams_ended_total{reason=\"truncated\"} 1", metrics, StringComparison.Ordinal);
    }
}
