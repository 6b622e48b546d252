using System.Text;
using GatewayOps.ControlPlane.Hosting;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>Providers in direct mode, as callers of the proxy meet them. The emulated Cloudflare is not there: nothing may ask it.</summary>
public sealed class DirectModeTests
{
    private const string Key = "sk-direct-canary";
    private const string Whole = """{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"from acme"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";
    private const string Streamed = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"from acme\"},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";

    /// <summary>The row of the guide (providers.md, "Adding a provider"), and nothing else.</summary>
    [Fact, Trait("checklist", "S2-36")]
    public async Task AddingAProvider_IsOneRowOfTheSettings()
    {
        await using var acme = await Provider.StartAsync();
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string>
        {
            ["GatewayOps:Providers:acme:BaseUrl"] = acme.Url,
            ["GatewayOps:Providers:acme:AllowPrivate"] = "true",
        });

        var answer = await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "custom-acme/llama-4" }));

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(("from acme", "custom-acme", "bypass"), (answer.Content, answer["x-gatewayops-provider"], answer["x-gatewayops-cache"]));
        Assert.Contains("\"model\":\"llama-4\"", Assert.Single(acme.Bodies), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_ReachesTheProviderAndNobodyElse()
    {
        await using var acme = await Provider.StartAsync();
        acme.Status = 401;
        acme.Body = $$$"""{"error":{"message":"Incorrect API key provided: {{{Key}}}","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""";
        await using var service = await TestService.StartAsync(settings: Acme(acme));

        var refused = (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "custom-acme/m" }))).IsError(502, "provider_key_refused");

        Assert.Equal($"Bearer {Key}", Assert.Single(acme.Keys));
        Assert.Contains("GatewayOps:Providers:custom-acme:ApiKey", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", refused.Text + service.Log + await service.Anonymous.GetStringAsync("/metrics") + await service.Anonymous.GetStringAsync("/health"), StringComparison.Ordinal);
    }

    /// <summary>LiteLLM's CVE-2024-6587, and what later gateways had like it.</summary>
    [Fact]
    public async Task Caller_NeverChoosesHostPathOrCredentials()
    {
        var hits = 0;
        await using var sink = await StubGateway.StartAsync(_ =>
        {
            hits++;
            return Task.CompletedTask;
        });
        await using var acme = await Provider.StartAsync();
        await using var service = await TestService.StartAsync(settings: Acme(acme));
        var planted = new { model = "custom-acme/../../v2/admin?x=#y", api_base = sink.BaseUrl, base_url = sink.BaseUrl, custom_host = sink.BaseUrl, api_key = "sk-of-the-caller" };

        await Answer.PostAsync(
            service.Caller, ProxyStage.Chat(more: planted), headers: [("x-portkey-custom-host", sink.BaseUrl.ToString()), ("cf-aig-custom-host", "evil"), ("x-forwarded-host", "evil")]);

        Assert.Equal((0, "/v1/chat/completions", $"Bearer {Key}"), (hits, Assert.Single(acme.Paths), Assert.Single(acme.Keys)));
    }

    [Fact]
    public async Task Stream_Direct_IsPassedOnWithoutWhatOnlyWeAskedFor()
    {
        await using var acme = await Provider.StartAsync();
        await using var service = await TestService.StartAsync(settings: Acme(acme));

        var answer = await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "custom-acme/m", stream = true }));

        Assert.EndsWith("data: [DONE]\n\n", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("usage", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"include_usage\":true", Assert.Single(acme.Bodies), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cache_Direct_IsKeptHereForTheTenant(bool stream)
    {
        var clock = new TestClock();
        await using var acme = await Provider.StartAsync();
        await using var stage = await ProxyStage.StartAsync(
            """{ "rules": [ { "name": "chat", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 60, "key": ["messages"] } } ] }""", Acme(acme), time: clock);
        var more = new { model = "custom-acme/m", stream };

        var first = await stage.ChatAsync("once", more);
        var second = await stage.ChatAsync("once", more);
        var other = await stage.ChatAsync("another", more);
        clock.Advance(TimeSpan.FromSeconds(61));
        var late = await stage.ChatAsync("once", more);

        Assert.Equal(["miss", "hit", "miss", "miss"], new[] { first, second, other, late }.Select(answer => answer["x-gatewayops-cache"]));
        Assert.Equal((first.Text, first["content-type"]), (second.Text, second["content-type"]));
        Assert.Equal(3, acme.Bodies.Count);
        Assert.Contains("gatewayops_proxy_requests_total{gateway=\"openai-compat\",provider=\"custom-acme\",model=\"m\",outcome=\"ok\",cache=\"hit\"} 1", Ordered(await stage.Service.Anonymous.GetStringAsync("/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cache_Direct_WhatWasCutOffIsNotKept()
    {
        await using var acme = await Provider.StartAsync();
        acme.StreamBody = Streamed[..Streamed.IndexOf("data: [DONE]", StringComparison.Ordinal)];
        await using var stage = await ProxyStage.StartAsync("""{ "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true } } ] }""", Acme(acme));

        await stage.ChatAsync(more: new { model = "custom-acme/m", stream = true });
        acme.StreamBody = Streamed;
        var again = await stage.ChatAsync(more: new { model = "custom-acme/m", stream = true });

        Assert.Equal("miss", again["x-gatewayops-cache"]);
        Assert.EndsWith("data: [DONE]\n\n", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identical_AtTheSameTime_AskOnce()
    {
        await using var acme = await Provider.StartAsync();
        acme.Gate = new TaskCompletionSource();
        await using var stage = await ProxyStage.StartAsync("""{ "rules": [ { "pattern": "/chat/completions", "cache": { "enabled": true } } ] }""", Acme(acme));

        var answers = Enumerable.Range(0, 8).Select(_ => stage.ChatAsync(more: new { model = "custom-acme/m" })).ToList();
        await stage.Service.EventuallyAsync(() => acme.Bodies.Count == 1, "the one call");
        acme.Gate.SetResult();

        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal("from acme", answer.Content));
        Assert.Single(acme.Bodies);
    }

    [Fact]
    public async Task LocalProvider_WithoutARow_IsNotConnectedTo()
    {
        await using var service = await TestService.StartAsync();

        var answer = (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "ollama/llama3.2" }))).IsError(400, "provider_not_configured");

        Assert.Contains("GatewayOps:Providers:ollama", answer.Text, StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S1-24")]
    public async Task LocalProvider_WithARow_Answers()
    {
        await using var ollama = await Provider.StartAsync();
        await using var service = await TestService.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Providers:ollama:BaseUrl"] = ollama.Url });

        var answer = await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "ollama/llama3.2:1b" }));

        Assert.Equal((200, "ollama"), (answer.Status, answer["x-gatewayops-provider"]));
        Assert.Contains("\"model\":\"llama3.2:1b\"", Assert.Single(ollama.Bodies), StringComparison.Ordinal);
        Assert.Null(Assert.Single(ollama.Keys));
    }

    [Fact, Trait("checklist", "S2-09")]
    public async Task KeyMissing_ProviderIsLeftOutOfTheChain()
    {
        await using var acme = await Provider.StartAsync();
        var settings = Acme(acme);
        settings["GatewayOps:Providers:openai:Mode"] = "direct";
        await using var stage = await ProxyStage.StartAsync(
            """{ "providers": [ { "name": "openai", "priority": 1 }, { "name": "custom-acme", "priority": 2, "model": "m" } ], "fallback": { "enabled": true } }""", settings);

        var answer = await stage.ChatAsync();

        Assert.Equal((200, "custom-acme", "1"), (answer.Status, answer["x-gatewayops-provider"], answer["x-gatewayops-attempts"]));
        var health = Answer.OfAsync(stage.Service.Anonymous, new HttpRequestMessage(HttpMethod.Get, "/health"));
        Assert.False((await health).Json.GetProperty("providers").GetProperty("openai").GetBoolean());
    }

    [Fact]
    public async Task Weights_DrawTheFirstProvider()
    {
        await using var acme = await Provider.StartAsync();
        await using var stage = await ProxyStage.StartAsync(
            """{ "providers": [ { "name": "openai", "priority": 1 }, { "name": "custom-acme", "priority": 2, "model": "m", "weight": 5 } ] }""", Acme(acme));

        Assert.Equal("custom-acme", (await stage.ChatAsync())["x-gatewayops-provider"]);
    }

    [Fact, Trait("checklist", "S0-18")]
    public async Task FirstCallToAModel_IsMarkedCold()
    {
        await using var acme = await Provider.StartAsync();
        await using var service = await TestService.StartAsync(settings: Acme(acme));

        await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "custom-acme/m" }));
        await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "custom-acme/m" }));

        var metrics = PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_proxy_time_to_first_token_seconds"];
        Assert.Equal(
            ["false", "true"],
            metrics.Samples.Where(sample => sample.Labels.GetValueOrDefault("le") == "+Inf" && sample.Value == 1).Select(sample => sample.Labels["cold"]).Order());
        Assert.Single(service.Log.Lines, line => line.Contains("[3004]", StringComparison.Ordinal));
        await service.EventuallyAsync(
            async () => (await service.Database.QueryAsync<bool>("select cold from request_records order by at")) is [true, false],
            "two records, of which the first is cold");
    }

    [Theory]
    [InlineData("GatewayOps:Providers:acme:BaseUrl", "http://llm.example/v1", "GatewayOps:Providers:acme:BaseUrl is plain http")]
    [InlineData("GatewayOps:Providers:openai:Apikeys", "x", "Apikeys")]
    public async Task Setting_ThatCannotBe_StopsTheStartWithItsName(string name, string value, string said)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => TestService.StartAsync(settings: new Dictionary<string, string> { [name] = value }));

        Assert.Contains(said, StartFailure.Explain(fault), StringComparison.Ordinal);
    }

    [Fact]
    public void WellKnownNames_GiveKeys() =>
        Assert.Equal("k", EnvironmentNames.Settings([new("GEMINI_API_KEY", "k")])["GatewayOps:Providers:google-ai-studio:ApiKey"]);

    private static Dictionary<string, string> Acme(Provider acme) => new()
    {
        ["GatewayOps:Providers:acme:BaseUrl"] = acme.Url,
        ["GatewayOps:Providers:acme:ApiKey"] = Key,
        ["GatewayOps:Providers:acme:AllowPrivate"] = "true",
    };

    // Labels stand in the order of their names in the exposition.
    private static string Ordered(string metrics) => string.Join('\n', metrics.Split('\n').Select(line => line.IndexOf('{', StringComparison.Ordinal) is var open and > 0 && line.IndexOf('}', StringComparison.Ordinal) is var close and > 0
        ? $"{line[..open]}{{{string.Join(',', line[(open + 1)..close].Split(',').OrderBy(label => Array.IndexOf(["gateway", "provider", "model", "outcome", "cache"], label.Split('=')[0])))}}}{line[(close + 1)..]}"
        : line));

    /// <summary>A provider that speaks OpenAI's dialect below /v1.</summary>
    private sealed class Provider : IAsyncDisposable
    {
        private StubGateway? _stub;

        public string Url => new Uri(_stub!.BaseUrl, "/v1").ToString();

        public int Status { get; set; } = 200;

        public string Body { get; set; } = Whole;

        public string StreamBody { get; set; } = Streamed;

        public TaskCompletionSource? Gate { get; set; }

        public List<string> Bodies { get; } = [];

        public List<string> Paths { get; } = [];

        public List<string?> Keys { get; } = [];

        public static async Task<Provider> StartAsync()
        {
            var provider = new Provider();
            provider._stub = await StubGateway.StartAsync(provider.AnswerAsync);
            return provider;
        }

        public ValueTask DisposeAsync() => _stub!.DisposeAsync();

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            lock (Bodies)
            {
                Bodies.Add(body);
                Paths.Add(context.Request.Path);
                Keys.Add(context.Request.Headers.Authorization.FirstOrDefault());
            }

            await (Gate?.Task ?? Task.CompletedTask);
            var isStream = body.Contains("\"stream\":true", StringComparison.Ordinal);
            context.Response.StatusCode = Status;
            context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(isStream ? StreamBody : Body));
        }
    }
}
