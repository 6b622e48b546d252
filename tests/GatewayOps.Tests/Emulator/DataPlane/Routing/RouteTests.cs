using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;

namespace GatewayOps.Tests.Emulator.DataPlane.Routing;

/// <summary>Dynamic routes as they run (contract 5.2). The graphs are made by the management API.</summary>
public sealed class RouteTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    private const string Token = "cf-aig-authorization: Bearer dev-token";

    [Fact]
    public async Task Model_Answers_HeadersNameItAndTheRowHasNoTraceOfTheRoute()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "gpt-4o-mini", "end", "end"), End);

        var answer = await CallAsync(gateway);

        Assert.Equal((200, "gpt-4o-mini", "openai"), (answer.Status, answer.Headers["cf-aig-model"], answer.Headers["cf-aig-provider"]));
        Assert.StartsWith("[openai/gpt-4o-mini]", answer.Content, StringComparison.Ordinal);
        var row = Assert.Single(gateway.Logs);
        Assert.Equal(("openai", "gpt-4o-mini", true, true, ""), (row.Provider, row.Model, row.Byok, row.CompatibilityMode, row.EventId));
        Assert.NotEmpty(answer.Headers["cf-aig-event-id"]);
    }

    [Theory]
    [InlineData("""{"plan":"free"}""", "groq")]
    [InlineData("""{"plan":"paid"}""", "openai")]
    [InlineData("{}", "openai")]
    public async Task Conditional_ByMetadata_TakesItsBranch(string metadata, string provider)
    {
        await using var gateway = await NewGatewayAsync(
            Start("c"),
            Element("c", "conditional", new { conditions = new JsonObject { ["metadata.plan"] = new JsonObject { ["$eq"] = "free" } } }, ("true", "cheap"), ("false", "good")),
            Model("cheap", "groq", "llama", "end", "end"), Model("good", "openai", "gpt-4o-mini", "end", "end"), End);

        Assert.Equal(provider, (await CallAsync(gateway, $"cf-aig-metadata: {metadata}")).Headers["cf-aig-provider"]);
    }

    [Fact]
    public async Task Percentage_SameSeed_TakesTheSameWays()
    {
        async Task<string> WaysAsync(int seed)
        {
            await using var own = await TestGateway.StartAsync(options: new EmulatorOptions { RouteSeed = seed });
            await PrepareAsync(own, [Start("s"), Element("s", "percentage", null, ("50%", "a"), ("else", "b")), Model("a", "openai", "a", "end", "end"), Model("b", "openai", "b", "end", "end"), End]);
            var ways = "";
            for (var request = 0; request < 12; request++)
                ways += (await CallAsync(own)).Headers["cf-aig-model"];
            return ways;
        }

        var first = await WaysAsync(7);
        Assert.Equal(first, await WaysAsync(7));
        Assert.Contains('a', first);
        Assert.Contains('b', first);
    }

    [Fact]
    public async Task RateOfRequests_ByKey_FallsBackUntilTheWindowTurns()
    {
        await using var gateway = await NewGatewayAsync(
            Start("r"), Element("r", "rate", new { limitType = "count", key = "metadata.user", limit = 2, window = 86_400 }, ("success", "good"), ("fallback", "cheap")),
            Model("cheap", "groq", "llama", "end", "end"), Model("good", "openai", "gpt-4o-mini", "end", "end"), End);

        Assert.Equal(["openai", "openai", "groq", "groq"], [await Of("a"), await Of("a"), await Of("a"), await Of("a")]);
        Assert.Equal("openai", await Of("b"));
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromDays(1));
        Assert.Equal("openai", await Of("a"));

        async Task<string> Of(string user) => (await CallAsync(gateway, $$"""cf-aig-metadata: {"user":"{{user}}"}""")).Headers["cf-aig-provider"];
    }

    [Fact]
    public async Task Budget_Spent_FallsBackForThatKeyOnly()
    {
        await using var gateway = await NewGatewayAsync(
            Start("r"), Element("r", "rate", new { limitType = "cost", key = "metadata.user", limit = 1.5, window = 86_400 }, ("success", "good"), ("fallback", "cheap")),
            Model("cheap", "groq", "llama", "end", "end"), Model("good", "openai", "gpt-4o-mini", "end", "end"), End);

        // Two requests of one dollar: the second began below the limit, the third does not.
        Assert.Equal(["openai", "openai", "groq"], [await Of("a"), await Of("a"), await Of("a")]);
        Assert.Equal("openai", await Of("b"));
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromDays(1));
        Assert.Equal("openai", await Of("a"));

        async Task<string> Of(string user) =>
            (await CallAsync(gateway, $$"""cf-aig-metadata: {"user":"{{user}}"}""", """cf-aig-custom-cost: {"total_cost":1}""")).Headers["cf-aig-provider"];
    }

    [Fact]
    public async Task Model_Fails_RetriesThenFallsBackAndEveryAttemptIsLogged()
    {
        await using var gateway = await NewGatewayAsync(Start("a"), Model("a", "openai", "gpt-4o-mini", "end", "b", retries: 2), Model("b", "groq", "llama", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });

        var answer = await CallAsync(gateway);
        await gateway.RepairedAsync("openai");

        Assert.Equal((200, "groq"), (answer.Status, answer.Headers["cf-aig-provider"]));
        Assert.Equal([("openai", 500), ("openai", 500), ("openai", 500), ("groq", 200)], gateway.Logs.Select(row => (row.Provider, row.StatusCode)));
    }

    [Fact]
    public async Task Model_TooSlow_FallsBackWithoutWaitingForItsLastAttempt()
    {
        await using var gateway = await NewGatewayAsync(
            Start("a"), Model("a", "openai", "gpt-4o-mini", "end", "b", timeout: 20, retries: 1), Model("b", "groq", "llama", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 60_000 });

        var answer = await CallAsync(gateway);
        await gateway.RepairedAsync("openai");

        Assert.Equal("groq", answer.Headers["cf-aig-provider"]);
        Assert.Equal([400, 400, 200], gateway.Logs.Select(row => row.StatusCode));
    }

    [Fact]
    public async Task Models_AllFail_LastFailurePassesAndItsRowIsTheRoutes()
    {
        await using var gateway = await NewGatewayAsync(Start("a"), Model("a", "openai", "gpt-4o-mini", "end", "b"), Model("b", "groq", "llama", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });
        await gateway.Emulator.SetUpstreamFaultAsync("groq", new { status = 429 });

        var answer = await CallAsync(gateway);
        await gateway.RepairedAsync("openai", "groq");

        Assert.Equal(429, answer.Status);
        Assert.False(answer.Headers.ContainsKey("cf-aig-model"));
        Assert.Equal(("unknown", "dynamic/r", 429, false), gateway.Logs[^1] is var last ? (last.Provider, last.Model, last.StatusCode, last.Success) : default);
        Assert.Equal(answer.Headers["cf-aig-log-id"], gateway.Logs[^1].Id);
    }

    [Fact]
    public async Task Model_NoFallback_TheRouteStopsThere()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        gateway.StoreKey("openai", "sk-openai");
        gateway.State.Routes.Add("r", default, new RouteGraph(
        [
            new StartElement("start", "a"), new ModelElement("a", "openai", "gpt-4o-mini", TimeSpan.FromMinutes(1), 0, "end", Fallback: null), new EndElement("end"),
        ]));
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });

        Assert.Equal(503, (await CallAsync(gateway)).Status);
        await gateway.RepairedAsync("openai");
    }

    [Fact]
    public async Task Models_InARow_LastSuccessIsTheAnswer()
    {
        await using var gateway = await NewGatewayAsync(Start("a"), Model("a", "openai", "gpt-4o-mini", "b", "end"), Model("b", "groq", "llama", "end", "end"), End);

        Assert.Equal("groq", (await CallAsync(gateway)).Headers["cf-aig-provider"]);

        await gateway.Emulator.SetUpstreamFaultAsync("groq", new { status = 503 });
        Assert.Equal((200, "openai"), await CallAsync(gateway) is var answer ? (answer.Status, answer.Headers["cf-aig-provider"]) : default);
        await gateway.RepairedAsync("groq");
    }

    [Fact]
    public async Task Stream_CutBeforeItBegins_FallsBackAndTheOtherStreams()
    {
        await using var gateway = await NewGatewayAsync(Start("a"), Model("a", "openai", "gpt-4o-mini", "end", "b"), Model("b", "groq", "llama", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { cutAfterEvents = 0 });

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r", more: new { stream = true }), key: null, Token);
        await gateway.RepairedAsync("openai");

        Assert.Equal("groq", answer.Headers["cf-aig-provider"]);
        Assert.EndsWith("data: [DONE]\n\n", answer.Text, StringComparison.Ordinal);
        Assert.Equal([("openai", false), ("groq", true)], gateway.Logs.Select(row => (row.Provider, row.Success)));
    }

    [Fact]
    public async Task Route_WithoutToken_401()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "gpt-4o-mini", "end", "end"), End);

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r"));

        Assert.Equal((401, 2009), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Route_KeysAreTheStoredOnes_TheRequestsAreNotPassedOn()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "gpt-4o-mini", "end", "n"), Model("n", "mistral", "m", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r"), "sk-mine", Token, "x-api-key: sk-mine-too");

        var received = (await gateway.LastUpstreamRequestAsync()).GetProperty("headers").GetRawText();
        await gateway.RepairedAsync("openai");
        Assert.DoesNotContain("sk-mine", received, StringComparison.Ordinal);
        Assert.Contains("sk-openai", received, StringComparison.Ordinal);
        // Mistral has no stored key.
        Assert.Equal(400, answer.Status);
        Assert.False(answer.Json.GetProperty("error")[0].TryGetProperty("code", out _));
    }

    [Fact]
    public async Task Route_Unknown_404AndLoggedAsTheRoutes()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "gpt-4o-mini", "end", "end"), End);

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/other"), key: null, Token);

        Assert.Equal((404, 7003), (answer.Status, answer.ErrorCode));
        Assert.Equal(("dynamic/other", "unknown", 404), Assert.Single(gateway.Logs) is var row ? (row.Model, row.Provider, row.StatusCode) : default);
    }

    [Fact]
    public async Task Route_NewVersion_ServesWhenItIsDeployedAndNotBefore()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "one", "end", "end"), End);
        var routes = $"ai-gateway/gateways/{gateway.State.Id}/routes";
        var route = gateway.State.Routes.Routes[0];
        using var saved = await gateway.Emulator.Management.PostAsJsonAsync($"{routes}/{route.Id}/versions", new { elements = new JsonArray(Start("m"), Model("m", "openai", "two", "end", "end"), JsonNode.Parse(End.ToJsonString())) });
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        Assert.Equal("one", (await CallAsync(gateway)).Headers["cf-aig-model"]);

        gateway.State.Routes.Deploy(route.Id, gateway.State.Routes.Find(route.Id)!.Versions[^1].Id);
        Assert.Equal("two", (await CallAsync(gateway)).Headers["cf-aig-model"]);

        gateway.State.Routes.Deploy(route.Id, route.Versions[0].Id);
        Assert.Equal("one", (await CallAsync(gateway)).Headers["cf-aig-model"]);
    }

    [Fact]
    public async Task Route_InAUniversalStep_FailsAndTheNextStepAnswers()
    {
        await using var gateway = await NewGatewayAsync(Start("m"), Model("m", "openai", "gpt-4o-mini", "end", "end"), End);
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });
        var steps = new JsonArray(
            new JsonObject { ["provider"] = "compat", ["endpoint"] = "chat/completions", ["query"] = JsonNode.Parse(TestGateway.Chat(model: "dynamic/r")) },
            new JsonObject { ["provider"] = "groq", ["endpoint"] = "chat/completions", ["query"] = JsonNode.Parse(TestGateway.Chat()) });

        var answer = await gateway.PostAsync("", steps.ToJsonString(), key: null, Token);
        await gateway.RepairedAsync("openai");

        Assert.Equal((200, "1"), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.Equal([("dynamic/r", 0), ("gpt-4o-mini", 1)], gateway.Logs.Select(row => (row.Model, row.Step)));
    }

    private static JsonObject End => new() { ["id"] = "end", ["type"] = "end", ["outputs"] = new JsonObject() };

    private static JsonObject Start(string next) => Element("start", "start", null, ("next", next));

    private static JsonObject Model(string id, string provider, string model, string success, string fallback, int timeout = 60_000, int retries = 0) =>
        Element(id, "model", new { provider, model, timeout, retries }, ("success", success), ("fallback", fallback));

    private static JsonObject Element(string id, string type, object? properties, params (string Output, string Element)[] outputs)
    {
        var element = new JsonObject { ["id"] = id, ["type"] = type, ["outputs"] = new JsonObject(outputs.Select(output => KeyValuePair.Create<string, JsonNode?>(output.Output, new JsonObject { ["elementId"] = output.Element }))) };
        if (properties is not null)
            element["properties"] = JsonSerializer.SerializeToNode(properties);
        return element;
    }

    /// <summary>A gateway with stored keys of OpenAI and Groq and the route `r`.</summary>
    private async Task<TestGateway> NewGatewayAsync(params JsonObject[] elements)
    {
        var gateway = await emulator.NewGateway().RepairedAsync("openai", "groq");
        await PrepareAsync(gateway, elements);
        return gateway;
    }

    private static async Task PrepareAsync(TestGateway gateway, JsonObject[] elements)
    {
        gateway.StoreKey("openai", "sk-openai");
        gateway.StoreKey("groq", "sk-groq");
        using var made = await gateway.Emulator.Management.PostAsJsonAsync($"ai-gateway/gateways/{gateway.State.Id}/routes", new { name = "r", elements = new JsonArray([.. elements]) });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
    }

    private static Task<TestGateway.Answer> CallAsync(TestGateway gateway, params string[] headers) =>
        gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "dynamic/r"), key: null, [Token, .. headers]);
}
