using System.Text.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>Each choice that the contract leaves open, the other way round.</summary>
public sealed class AssumptionTests
{
    private static Task<TestGateway> StartAsync(Assumptions assumptions, object? settings = null) =>
        TestGateway.StartAsync(settings, new EmulatorOptions { Assumptions = assumptions });

    [Fact]
    public async Task Gateway_Missing_MayBe404()
    {
        await using var gateway = await StartAsync(new() { MissingGatewayStatus = 404 });
        Assert.Equal(404, (await gateway.PostAsync("../none/openai/chat/completions", TestGateway.Chat())).Status);
    }

    [Fact]
    public async Task Timeout_MayHaveItsOwnStatusAndCode()
    {
        await using var gateway = await StartAsync(new() { TimeoutStatus = 504, TimeoutCode = 2099 });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 60_000 });
        var answer = await gateway.ChatAsync("Hello", "cf-aig-request-timeout: 1");
        Assert.Equal((504, 2099), (answer.Status, answer.Json.GetProperty("internalCode").GetInt32()));
        Assert.Equal(504, gateway.Logs.Single().StatusCode);
    }

    [Fact]
    public async Task Provider_Unreachable_IsNoTimeout()
    {
        await using var gateway = await StartAsync(new() { TimeoutStatus = 504 });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 0 });
        Assert.Equal(400, (await gateway.ChatAsync()).Status);
    }

    [Theory]
    [InlineData(false, 502, "1")]
    [InlineData(true, 503, "0")]
    public async Task Universal_AllStepsFail_FirstOrLastAnswers(bool first, int status, string step)
    {
        await using var gateway = await StartAsync(new() { FirstFailureAnswers = first });
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });
        await gateway.Emulator.SetUpstreamFaultAsync("groq", new { status = 502 });
        static object Step(string provider) => new { provider, endpoint = "chat/completions", headers = new { authorization = "Bearer sk-1" }, query = new { model = "m", messages = Array.Empty<object>() } };
        var answer = await gateway.PostAsync("", JsonSerializer.Serialize(new[] { Step("openai"), Step("groq") }), key: null);
        Assert.Equal((status, step), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.Equal([502, 503], gateway.Logs.Select(row => row.StatusCode).Order());
    }

    [Fact]
    public async Task RouteBudget_MayBeInCents()
    {
        await using var gateway = await StartAsync(new() { RouteBudgetUnit = 0.01m });
        gateway.StoreKey("openai", "sk-1");
        gateway.StoreKey("groq", "sk-2");
        await gateway.Emulator.Management.PostAnswerAsync("ai-gateway/gateways/gw/routes", new
        {
            name = "r",
            elements = new object[]
            {
                new { id = "start", type = "start", outputs = new { next = Edge("limit") } },
                new { id = "limit", type = "rate", properties = new { limitType = "cost", key = "metadata.user", limit = 150, window = 86_400 }, outputs = new { success = Edge("good"), fallback = Edge("cheap") } },
                Model("good", "openai"),
                Model("cheap", "groq"),
                new { id = "end", type = "end", outputs = new { } },
            },
        });
        var chosen = new List<string>();
        for (var request = 0; request < 3; request++)
            chosen.Add((await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r"), key: null, "cf-aig-authorization: Bearer dev-token", """cf-aig-custom-cost: {"total_cost":1}""")).Headers["cf-aig-provider"]);
        Assert.Equal(["openai", "openai", "groq"], chosen);

        static object Edge(string id) => new { elementId = id };
        static object Model(string id, string provider) =>
            new { id, type = "model", properties = new { provider, model = "m", timeout = 60_000, retries = 0 }, outputs = new { success = Edge("end"), fallback = Edge("end") } };
    }

    [Fact]
    public async Task Cache_Bypassed_MaySaySo()
    {
        await using var gateway = await StartAsync(new() { BypassedCacheStatus = "BYPASS" }, new { cache_ttl = 300 });
        Assert.Equal("BYPASS", (await gateway.ChatAsync("Hello", "cf-aig-skip-cache: true")).Headers["cf-aig-cache-status"]);
        Assert.Equal("MISS", (await gateway.ChatAsync()).Headers["cf-aig-cache-status"]);
        Assert.DoesNotContain("cf-aig-cache-status", (await gateway.ChatAsync("Hello", "cf-aig-skip-cache: true", "cf-aig-cache-ttl: 0")).Headers.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cache_StoredAnswer_MayServeAStream(bool serves)
    {
        await using var gateway = await StartAsync(new() { StoredAnswersServeStreams = serves });
        var stored = await gateway.ChatAsync("Hello", "cf-aig-cache-key: k");
        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(more: new { stream = true }), TestGateway.ProviderKey, "cf-aig-cache-key: k");
        if (serves)
            Assert.Equal(("HIT", stored.Text), (answer.Headers["cf-aig-cache-status"], answer.Text));
        else
            Assert.StartsWith("text/event-stream", answer.Headers["content-type"], StringComparison.Ordinal);

        // A stream itself is never stored.
        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(more: new { stream = true }), TestGateway.ProviderKey, "cf-aig-cache-key: other");
        Assert.Equal("MISS", (await gateway.ChatAsync("Hello", "cf-aig-cache-key: other")).Headers["cf-aig-cache-status"]);
    }
}
