using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Emulator.DataPlane.Universal;

public sealed class UniversalTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Steps_FirstAnswers_TheOthersAreNotAsked()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai", "groq");

        var answer = await gateway.PostAsync("", Steps(Step("openai"), Step("groq")));

        Assert.Equal((200, "0"), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.StartsWith("[openai/gpt-4o-mini]", answer.Content, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.UpstreamRequestsAsync("groq"));
        var row = Assert.Single(gateway.Logs);
        Assert.Equal((answer.Headers["cf-aig-log-id"], 0, "chat/completions"), (row.Id, row.Step, row.Path));
    }

    [Fact]
    public async Task Steps_FirstFails_SecondAnswersAndBothAreLoggedUnderOneEvent()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });

        var answer = await gateway.PostAsync("", Steps(Step("openai"), Step("groq")));
        await gateway.RepairedAsync("openai");

        Assert.Equal((200, "1"), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.Equal([("openai", 0, 503), ("groq", 1, 200)], gateway.Logs.Select(row => (row.Provider, row.Step, row.StatusCode)));
        Assert.Single(gateway.Logs.Select(row => row.EventId).Distinct());
        Assert.Equal(answer.Headers["cf-aig-log-id"], gateway.Logs[^1].Id);
    }

    [Fact]
    public async Task Steps_AllFail_LastAnswerPasses()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai", "groq");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 503 });
        await gateway.Emulator.SetUpstreamFaultAsync("groq", new { status = 429, retryAfterSeconds = 3 });

        var answer = await gateway.PostAsync("", Steps(Step("openai"), Step("groq")));
        await gateway.RepairedAsync("openai", "groq");

        Assert.Equal((429, "3", "1"), (answer.Status, answer.Headers["retry-after"], answer.Headers["cf-aig-step"]));
    }

    [Fact]
    public async Task Steps_ProviderUnknownOrKeyMissing_MovesOn()
    {
        await using var gateway = emulator.NewGateway(new { byok_only = true });

        var answer = await gateway.PostAsync("", Steps(Step("nobody"), Step("openai", key: null), Step("groq")));

        Assert.Equal((200, "2"), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.Equal(2008, (await gateway.PostAsync("", Steps(Step("nobody")))).ErrorCode);
    }

    [Fact]
    public async Task Timeout_OfAStep_MovesOn()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 60_000 });

        var answer = await gateway.PostAsync("", Steps(Step("openai", config: new { requestTimeout = 20 }), Step("groq")));
        await gateway.RepairedAsync("openai");

        Assert.Equal((200, "1"), (answer.Status, answer.Headers["cf-aig-step"]));
        Assert.Equal([400, 200], gateway.Logs.Select(row => row.StatusCode));
    }

    /// <summary>Contract 12.1: what the step says, in its config or its headers, over the request's headers, over the gateway.</summary>
    [Theory]
    [InlineData(null, null, null, 2)]
    [InlineData(null, null, "3", 3)]
    [InlineData(null, "4", "3", 4)]
    [InlineData(5, null, "3", 5)]
    [InlineData(5, "4", "3", 5)]
    [InlineData(1, null, null, 1)]
    public async Task Attempts_Precedence_StepThenRequestThenGateway(int? config, string? stepHeader, string? header, int attempts)
    {
        await using var gateway = await emulator.NewGateway(new { retry_max_attempts = 2, retry_delay = 0 }).RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });
        var step = Step("openai", config: config is null ? null : new { maxAttempts = config });
        if (stepHeader is not null)
            step["headers"]!["cf-aig-max-attempts"] = stepHeader;

        await gateway.PostAsync("", Steps(step), key: null, header is null ? [] : [$"cf-aig-max-attempts: {header}"]);
        await gateway.Emulator.ClearUpstreamFaultAsync("openai");

        Assert.Equal(attempts, await gateway.UpstreamRequestsAsync());
        Assert.Equal(attempts, gateway.Logs.Count);
    }

    [Fact]
    public async Task Cache_OfAStep_ByItsConfigAlone()
    {
        await using var gateway = emulator.NewGateway();
        var cached = Steps(Step("openai", config: new { cacheTtl = 60 }));

        Assert.Equal("MISS", (await gateway.PostAsync("", cached)).CacheStatus);
        Assert.Equal("HIT", (await gateway.PostAsync("", cached)).CacheStatus);
        Assert.Null((await gateway.PostAsync("", Steps(Step("openai", config: new { cacheTtl = 60, skipCache = true })))).CacheStatus);
        Assert.Null((await gateway.PostAsync("", Steps(Step("openai")))).CacheStatus);
    }

    [Fact]
    public async Task Step_Headers_GoToTheProviderAndThoseOfTheRequestDoNot()
    {
        await using var gateway = emulator.NewGateway();
        var step = Step("openai");
        step["headers"]!["X-Mine"] = "yes";
        step["headers"]!["cf-aig-metadata"] = new JsonObject { ["team"] = "a" };
        step["endpoint"] = "/chat/completions?debug=1";

        await gateway.PostAsync("", Steps(step), "sk-of-the-request", "X-Outer: no");

        var received = await gateway.LastUpstreamRequestAsync();
        var headers = received.GetProperty("headers");
        Assert.Equal(("Bearer sk", "yes", "application/json"), (headers.GetProperty("authorization").GetString(), headers.GetProperty("x-mine").GetString(), headers.GetProperty("content-type").GetString()));
        Assert.False(headers.TryGetProperty("x-outer", out _));
        Assert.DoesNotContain(headers.EnumerateObject(), header => header.Name.StartsWith("cf-", StringComparison.Ordinal));
        Assert.Equal("/v1/chat/completions?debug=1", received.GetProperty("path").GetString());
        Assert.Equal("""{"team":"a"}""", gateway.Logs[0].Metadata);
    }

    [Fact]
    public async Task Step_Compat_NamesTheProviderInTheModel()
    {
        await using var gateway = emulator.NewGateway();
        var step = Step("compat", model: "groq/llama-3.3");

        var answer = await gateway.PostAsync("", Steps(step));

        Assert.StartsWith("[groq/llama-3.3]", answer.Content, StringComparison.Ordinal);
        Assert.Equal(("groq", true), (gateway.Logs[0].Provider, gateway.Logs[0].CompatibilityMode));
    }

    [Fact]
    public async Task RateLimit_StepsOfOneRequest_CountOnce()
    {
        await using var gateway = await emulator.NewGateway(new { rate_limiting_limit = 1, rate_limiting_interval = 86_400, rate_limiting_technique = "sliding" }).RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });

        var first = await gateway.PostAsync("", Steps(Step("openai"), Step("groq")));
        await gateway.RepairedAsync("openai");
        var second = await gateway.PostAsync("", Steps(Step("openai"), Step("groq")));

        Assert.Equal((200, 429, 2003), (first.Status, second.Status, second.ErrorCode));
    }

    [Theory]
    [InlineData("", "[\"body\"]")]
    [InlineData("{", "[\"body\"]")]
    [InlineData("{}", "[\"body\"]")]
    [InlineData("[]", "[\"body\"]")]
    [InlineData("[1]", "[\"body\",0]")]
    [InlineData("""[{"endpoint":"x","query":{}}]""", "[\"body\",0,\"provider\"]")]
    [InlineData("""[{"provider":7,"endpoint":"x","query":{}}]""", "[\"body\",0,\"provider\"]")]
    [InlineData("""[{"provider":"openai","query":{}}]""", "[\"body\",0,\"endpoint\"]")]
    [InlineData("""[{"provider":"openai","endpoint":"x"}]""", "[\"body\",0,\"query\"]")]
    [InlineData("""[{"provider":"openai","endpoint":"x","query":{}},{"provider":"openai","endpoint":"x","query":{},"headers":[]}]""", "[\"body\",1,\"headers\"]")]
    [InlineData("""[{"provider":"openai","endpoint":"x","query":{},"headers":{"a":"b\r\nc: d"}}]""", "[\"body\",0,\"headers\",\"a\"]")]
    [InlineData("""[{"provider":"openai","endpoint":"x","query":{},"headers":{"a b":"c"}}]""", "[\"body\",0,\"headers\",\"a b\"]")]
    [InlineData("""[{"provider":"openai","endpoint":"x","query":{},"config":1}]""", "[\"body\",0,\"config\"]")]
    [InlineData("""[{"provider":"\ud800","endpoint":"x","query":{}}]""", "[\"body\"]")]
    public async Task Body_Wrong_400SaysWhere(string body, string path)
    {
        await using var gateway = emulator.NewGateway();

        var answer = await gateway.PostAsync("", body);

        Assert.Equal((400, 7001), (answer.Status, answer.ErrorCode));
        Assert.Equal(path, answer.Json.GetProperty("error")[0].GetProperty("path").GetRawText());
        Assert.Equal("AiGatewayError", answer.Json.GetProperty("name").GetString());
        Assert.Empty(gateway.Logs);
    }

    [Theory]
    [InlineData("../../secret", "/v1/secret")]
    [InlineData("a/../../../b", "/v1/b")]
    public async Task Endpoint_Dots_StayBelowTheProvidersPrefix(string endpoint, string path)
    {
        await using var gateway = emulator.NewGateway();
        var step = Step("openai");
        step["endpoint"] = endpoint;

        await gateway.PostAsync("", Steps(step));

        Assert.Equal(path, (await gateway.LastUpstreamRequestAsync()).GetProperty("path").GetString());
    }

    private static JsonObject Step(string provider, string? key = "sk", object? config = null, string model = "gpt-4o-mini") => new()
    {
        ["provider"] = provider,
        ["endpoint"] = "chat/completions",
        ["headers"] = key is null ? new JsonObject() : new JsonObject { ["Authorization"] = $"Bearer {key}" },
        ["query"] = JsonNode.Parse(TestGateway.Chat(model: model)),
        ["config"] = JsonSerializer.SerializeToNode(config ?? new { }),
    };

    private static string Steps(params JsonObject[] steps) => new JsonArray([.. steps]).ToJsonString();
}
