using System.Text.Json;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy.Explaining;

/// <summary>/v1/route-check: what it says is what a request then meets, and asking changes nothing. Source: checklist S2-02, S2-07, S2-30, S1-29.</summary>
public sealed class RouteCheckTests(ServiceFixture shared) : IClassFixture<ServiceFixture>
{
    private const string Rules = """
        { "providers": [ { "name": "openrouter", "priority": 1, "timeout": 7000, "model": "openai/gpt-4o-mini" }, { "name": "openai", "priority": 2 } ],
          "fallback": { "enabled": true, "retry_count": 2 },
          "rules": [ { "name": "chat", "pattern": "/chat/completions", "match": { "model": "gpt-*" }, "timeout": 9000,
                       "cache": { "enabled": true, "ttl": 600, "key": ["messages", "temperature"] }, "rate_limit": { "limit": 3, "interval": 60 } } ] }
        """;

    private readonly TestClock _clock = new();

    [Theory, Trait("checklist", "S2-02"), Trait("checklist", "S2-07"), Trait("checklist", "S2-30")]
    [InlineData("", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("gpt-4", "openai", "gpt-4")]
    [InlineData("gpt-3.5-turbo", "openai", "gpt-3.5-turbo")]
    [InlineData("chatgpt-4o", "openai", "chatgpt-4o")]
    [InlineData("o3-mini", "openai", "o3-mini")]
    [InlineData("gemini-pro", "google-ai-studio", "gemini-pro")]
    [InlineData("gemini-1.5-pro", "google-ai-studio", "gemini-1.5-pro")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "workers-ai", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/meta/llama-3-70b-instruct", "workers-ai", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("something-else", "workers-ai", "something-else")]
    [InlineData("llama4", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("gpt4", "openai", "gpt-4")]
    public async Task Model_FindsItsProvider(string model, string provider, string upstream)
    {
        var told = await GetAsync(shared.Service, $"?model={Uri.EscapeDataString(model)}");

        Assert.Equal((provider, upstream, true), (Text(told, "provider"), Text(told, "model"), told.GetProperty("available").GetBoolean()));
        Assert.True(told.TryGetProperty("timestamp", out _));
        Assert.Equal(provider == "workers-ai", told.GetProperty("provider_aliases").EnumerateArray().Any(alias => alias.GetString() == "cloudflare"));
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", 400)]
    [InlineData("gpt-3.5-turbo-instruct", 200)]
    public async Task Request_ThatNoProviderCanBeAskedIn_IsRefusedAsItWouldBe(string model, int status)
    {
        var answer = await Answer.PostAsync(shared.Service.Caller, $$"""{"model":"{{model}}","prompt":"x","suffix":"y"}""", "/v1/route-check?path=/v1/completions");

        Assert.Equal(status, answer.Status);
        if (status == 400)
        {
            answer.IsError(400, "unsupported_parameter");
        }
    }

    [Theory]
    [InlineData("?model=default&provider=gemini", 200, null)]
    [InlineData("?model=gpt-4&path=/v1/chat/completions", 200, null)]
    [InlineData("?model=gpt-4&provider=opnai", 400, "unknown_provider")]
    [InlineData("?model=deepgram/nova", 400, "unsupported_provider")]
    [InlineData("?path=/nothing", 400, "invalid_value")]
    [InlineData("?model=a%0Ab", 400, "invalid_value")]
    public async Task Question_IsAnsweredAsTheRequestWouldBe(string query, int status, string? code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/route-check{query}");
        var answer = await Answer.OfAsync(shared.Service.Caller, request);

        Assert.Equal(status, answer.Status);
        if (code is not null)
        {
            answer.IsError(status, code);
        }
    }

    [Fact]
    public async Task Rule_IsToldWithItsUpstreamsTimesAndRevision()
    {
        await using var stage = await ProxyStage.StartAsync(Rules, time: _clock);

        var told = await GetAsync(stage.Service, "?model=gpt-4o");

        Assert.Equal(("chat", "rules@1", "/chat/completions", 2), (Text(told, "rule"), Text(told, "revision"), Text(told, "path"), told.GetProperty("retries").GetInt32()));
        Assert.Equal(
            ["openrouter openai/gpt-4o-mini 7000", "openai gpt-4o 9000"],
            told.GetProperty("upstreams").EnumerateArray().Select(upstream => $"{Text(upstream, "provider")} {Text(upstream, "model")} {upstream.GetProperty("timeout_ms").GetInt64()}"));
        Assert.Equal(("body_needed", 600), (Text(told.GetProperty("cache"), "state"), told.GetProperty("cache").GetProperty("ttl").GetInt64()));
        Assert.Equal((3, true), (told.GetProperty("rate_limit").GetProperty("left").GetInt32(), Allowed(told)));
    }

    [Fact]
    public async Task Asking_CountsInNothing_AndSeesWhatRequestsUsed()
    {
        await using var stage = await ProxyStage.StartAsync(Rules, time: _clock);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(3, (await GetAsync(stage.Service, "?model=gpt-4o")).GetProperty("rate_limit").GetProperty("left").GetInt32());
        }

        Assert.Equal(0, await stage.CallsAsync("openrouter"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await stage.ChatAsync($"request {i}")).Status);
        }

        var told = await GetAsync(stage.Service, "?model=gpt-4o");
        Assert.False(Allowed(told));
        Assert.Equal(("rate_limit_exceeded", 0), (Text(told.GetProperty("verdict"), "code"), told.GetProperty("rate_limit").GetProperty("left").GetInt32()));
        Assert.Equal((await stage.ChatAsync()).IsError(429, "rate_limit_exceeded").Error.GetProperty("message").GetString(), Text(told.GetProperty("verdict"), "message"));
    }

    [Fact]
    public async Task Quota_IsForeseenInTheWordsOfTheRefusal()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "quota": { "requests": 1 } }""", time: _clock);
        Assert.True(Allowed(await GetAsync(stage.Service, "?model=gpt-4o-mini")));
        await stage.ChatAsync();

        var told = await GetAsync(stage.Service, "?model=gpt-4o-mini");

        Assert.False(Allowed(told));
        Assert.Equal((await stage.ChatAsync()).IsError(429, "insufficient_quota").Error.GetProperty("message").GetString(), Text(told.GetProperty("verdict"), "message"));
    }

    [Fact]
    public async Task CacheKey_IsTheOneThatTheRequestCarries()
    {
        var sent = "";
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            sent = context.Request.Headers["cf-aig-cache-key"].ToString();
            return context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""");
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        await service.ServeAsync(Rules, "rules", ProxyStage.Gateway);

        var told = await PostAsync(service, ProxyStage.Chat("a question"));
        await Answer.PostAsync(service.Caller, ProxyStage.Chat("a question"));

        Assert.NotEmpty(sent);
        Assert.Equal(sent, Text(told.GetProperty("cache"), "key"));
    }

    [Fact, Trait("checklist", "S1-29")]
    public async Task CacheMiss_IsExplained_ByWhatWasSeenBefore()
    {
        await using var stage = await ProxyStage.StartAsync(Rules, time: _clock);
        Assert.Equal("never_seen", State(await PostAsync(stage.Service, ProxyStage.Chat("one"))));

        var first = await stage.ChatAsync("one");
        await stage.RecordAsync(first);

        var kept = await PostAsync(stage.Service, ProxyStage.Chat("one"));
        Assert.Equal(("kept", first["x-request-id"]), (State(kept), Text(History(kept), "requestId")));
        var other = await PostAsync(stage.Service, ProxyStage.Chat("one", new { temperature = 1 }));
        Assert.Equal(("never_seen", "body.temperature"), (State(other), Assert.Single(History(other).GetProperty("differs").EnumerateArray()).GetString()));
        _clock.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal("expired", State(await PostAsync(stage.Service, ProxyStage.Chat("one"))));
    }

    [Fact]
    public async Task VirtualKey_IsHeldAgainstItsModelsAndLimits()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        var client = await stage.First.KeyClientAsync(new { models = new[] { "gpt-4o*" }, requestsPerMinute = 1 });
        async Task<JsonElement> AskAsync(string model) => JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync($"/v1/route-check?model={model}"));

        Assert.Equal("model_not_found", Text((await AskAsync("gpt-4.1")).GetProperty("verdict"), "code"));
        Assert.True(Allowed(await AskAsync("gpt-4o")));
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);

        var told = await AskAsync("gpt-4o");
        Assert.Equal(("team-a", 0), (Text(told.GetProperty("key"), "name"), told.GetProperty("key").GetProperty("limits")[0].GetProperty("left").GetInt32()));
        Assert.Equal((await Answer.PostAsync(client, ProxyStage.Chat())).IsError(429, "rate_limit_exceeded").Error.GetProperty("message").GetString(), Text(told.GetProperty("verdict"), "message"));
        var options = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/v1/model-options")).GetProperty("data").EnumerateArray();
        Assert.All(options, model => Assert.StartsWith("gpt-4o", Text(model, "id"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Body_IsReadAsStrictlyAsARequest() => (await Answer.PostAsync(shared.Service.Caller, """{"model":"gpt-4"}""", "/v1/route-check")).IsError(400, "missing_required_parameter");

    [Fact]
    public async Task WithoutAToken_Is401() => (await Answer.PostAsync(shared.Service.Anonymous, ProxyStage.Chat(), "/v1/route-check")).IsError(401, "unauthorized");

    private static async Task<JsonElement> GetAsync(TestService service, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/route-check{query}");
        var answer = await Answer.OfAsync(service.Caller, request);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    private static async Task<JsonElement> PostAsync(TestService service, string body)
    {
        var answer = await Answer.PostAsync(service.Caller, body, "/v1/route-check");
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static bool Allowed(JsonElement told) => told.GetProperty("verdict").GetProperty("allowed").GetBoolean();

    private static string? State(JsonElement told) => Text(told.GetProperty("cache"), "state");

    private static JsonElement History(JsonElement told) => told.GetProperty("cache").GetProperty("history");
}
