using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Access;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>What virtual keys let through: models, gateways, rates and budgets, over real sockets on a clock that the test moves.</summary>
public sealed class KeyLimitTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task Scope_OtherModelOrGateway_IsRefusedBeforeTheCall_AndModelsListsWhatMayBeUsed()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        var client = await stage.First.KeyClientAsync(new { models = new[] { "gpt-4o*", "anthropic/claude-*" } });
        var stranger = await stage.First.KeyClientAsync(new { gateways = new[] { "prod" } }, "stranger");

        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
        var refused = (await Answer.PostAsync(client, ProxyStage.Chat(more: new { model = "gpt-4.1" }))).IsError(404, "model_not_found");
        (await Answer.PostAsync(client, ProxyStage.Chat(more: new { model = "openrouter/openai/gpt-4o" }))).IsError(404, "model_not_found");
        (await Answer.PostAsync(client, ProxyStage.Chat(more: new { model = "claude-3-opus", provider = "openai" }))).IsError(404, "model_not_found");
        var foreign = (await Answer.PostAsync(stranger, ProxyStage.Chat())).IsError(403, "gateway_not_allowed");

        Assert.Equal(("model", "invalid_request_error"), (refused.Error.GetProperty("param").GetString(), refused.Error.GetProperty("type").GetString()));
        Assert.Contains("operator", foreign.Text, StringComparison.Ordinal);
        Assert.Equal(1, stage.Asked);
        var models = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/v1/models")).GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
        Assert.Contains("gpt-4o-mini", models);
        Assert.All(models, id => Assert.Matches("gpt-4o|claude-", id));
    }

    /// <summary>A sum that wraps around would leave room for everything.</summary>
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"max_tokens":9223372036854775807}""")]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"x","max_output_tokens":9223372036854775807}""")]
    [InlineData("/client/v4/accounts/test-account/ai/run/@cf/meta/llama-3-8b-instruct", """{"prompt":"x","max_tokens":9223372036854775807}""")]
    public async Task Tokens_AskedForWithoutMeasure_AreRefusedAndHoldNothing(string path, string body)
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        var client = await stage.First.KeyClientAsync(new { tokensPerMinute = 5000 });

        var refused = await Answer.PostAsync(client, body, path);

        Assert.InRange(refused.Status, 400, 429);
        Assert.Equal(0, stage.Asked);
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
    }

    [Fact]
    public async Task Rule_MatchesTheKey_AndTheTenantSeparatesItsRates()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        await stage.First.ServeAsync("""{ "rules": [ { "name": "team", "pattern": "/chat/completions", "match": { "key": "team-*" }, "rate_limit": { "limit": 1, "interval": 60 } } ] }""");
        var (a, b, sameTenant, other) = (
            await stage.First.KeyClientAsync(name: "team-a"), await stage.First.KeyClientAsync(name: "team-b"),
            await stage.First.KeyClientAsync(new { tenant = "team-a" }, "team-c"), await stage.First.KeyClientAsync(name: "other"));

        async Task<int> AskAsync(HttpClient client) => (await Answer.PostAsync(client, ProxyStage.Chat())).Status;

        Assert.Equal((200, 429), (await AskAsync(a), await AskAsync(a)));
        Assert.Equal((200, 429), (await AskAsync(b), await AskAsync(sameTenant)));
        Assert.Equal((200, 200), (await AskAsync(other), await AskAsync(other)));
    }

    [Fact]
    public async Task Requests_200AtOnceAgainst50_LetExactly50Through()
    {
        var open = new TaskCompletionSource();
        await using var stage = await KeyStage.StartAsync(time: _clock);
        stage.Open = open.Task;
        var client = await stage.First.KeyClientAsync(new { requestsPerMinute = 50 });

        var burst = Enumerable.Range(0, 200).Select(_ => Answer.PostAsync(client, ProxyStage.Chat())).ToList();
        await stage.First.EventuallyAsync(() => burst.Count(answer => answer.IsCompleted) == 150, "150 refusals");
        open.SetResult();
        var answers = await Task.WhenAll(burst);

        Assert.Equal((50, 150, 50), (answers.Count(answer => answer.Status == 200), answers.Count(answer => answer.Status == 429), stage.Asked));
        Assert.All(answers.Where(answer => answer.Status == 429), answer => Assert.Equal(("rate_limit_exceeded", "60"), (answer.Code, answer["retry-after"])));
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
    }

    [Fact]
    public async Task Headers_OfTheKey_AreOnEveryAnswer_InThePlaceOfTheProviders()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        stage.Tokens = (10, 20);
        var client = await stage.First.KeyClientAsync(new { requestsPerMinute = 2, tokensPerMinute = 5000 });
        _clock.Advance(TimeSpan.FromSeconds(15));

        var first = await Answer.PostAsync(client, ProxyStage.Chat());
        var faulty = await Answer.PostAsync(client, "{");
        var second = await Answer.PostAsync(client, ProxyStage.Chat());
        var third = await Answer.PostAsync(client, ProxyStage.Chat());
        using var listed = await client.GetAsync("/v1/models");
        var shared = await Answer.PostAsync(stage.First.Caller, ProxyStage.Chat());

        static string Of(Answer answer, string kind) => $"{answer.Status} {answer[$"x-ratelimit-limit-{kind}"]} {answer[$"x-ratelimit-remaining-{kind}"]} {answer[$"x-ratelimit-reset-{kind}"]}";
        Assert.Equal(["200 2 1 45s", "400 2 1 45s", "200 2 0 45s", "429 2 0 45s"], new[] { first, faulty, second, third }.Select(answer => Of(answer, "requests")));
        // While an answer is on its way its estimate counts; the next answer shows what was used.
        Assert.Equal("400 5000 4970 45s", Of(faulty, "tokens"));
        Assert.Equal("45", third["retry-after"]);
        Assert.Equal("0", listed.Headers.GetValues("x-ratelimit-remaining-requests").Single());
        Assert.Equal("99999", shared["x-ratelimit-limit-requests"]);
    }

    [Fact]
    public async Task Tokens_CountWhatIsReported_AndARequestLargerThanTheLimitNeverFits()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        stage.Tokens = (100, 100);
        var client = await stage.First.KeyClientAsync(new { tokensPerMinute = 1000 });

        // 500 of output are allowed each time, and 100 used.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat(more: new { max_tokens = 350 }))).Status);
        }

        var full = (await Answer.PostAsync(client, ProxyStage.Chat(more: new { max_tokens = 500 }))).IsError(429, "rate_limit_exceeded");
        var large = (await Answer.PostAsync(client, ProxyStage.Chat(more: new { max_tokens = 2000 }))).IsError(429, "rate_limit_exceeded");

        Assert.Equal(("60", null), (full["retry-after"], full["x-should-retry"]));
        Assert.Equal((null, "false"), (large["retry-after"], large["x-should-retry"]));
        Assert.Contains("max_completion_tokens", large.Text, StringComparison.Ordinal);
        Assert.Equal(3, stage.Asked);
    }

    [Fact, Trait("checklist", "S3-05")]
    public async Task Budget_UsedUp_Is402UntilTheNextWindow_AndNotRetried()
    {
        // gpt-4o-mini: 0.15 and 0.60 dollars a million, so each answer costs 0.00075.
        await using var stage = await KeyStage.StartAsync(time: _clock);
        var client = await stage.First.KeyClientAsync(new { budgetUsd = 0.002, budgetWindow = "3600" });

        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
        var third = (await Answer.PostAsync(client, ProxyStage.Chat())).IsError(402, "insufficient_quota");

        Assert.Equal(("false", null), (third["x-should-retry"], third["retry-after"]));
        Assert.Equal("insufficient_quota", third.Error.GetProperty("type").GetString());
        Assert.Contains("0.002 US dollars", third.Text, StringComparison.Ordinal);
        // What is left is enough for a smaller one.
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat(more: new { max_tokens = 100 }))).Status);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
    }

    /// <summary>A caller that hangs up is no way around a budget; one whose request nobody answered pays nothing.</summary>
    [Fact]
    public async Task Budget_HangingUp_CostsTheEstimate_AndAFailureNothing()
    {
        var mode = "fail";
        var streaming = new TaskCompletionSource();
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            if (mode == "fail")
            {
                context.Response.StatusCode = 500;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("""data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}""" + "\n\n"));
            await context.Response.Body.FlushAsync();
            streaming.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);
        await service.ServeAsync("""{ "fallback": { "enabled": false, "retry_count": 0 } }""");
        var client = await service.KeyClientAsync(new { tokensPerMinute = 1_000_000, budgetUsd = 0.001 });
        Assert.Equal(502, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);
        Assert.Equal(502, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);

        mode = "stream";
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(ProxyStage.Chat(more: new { stream = true }), Encoding.UTF8, "application/json") };
        using (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, hangUp.Token))
        {
            await streaming.Task;
        }

        await service.EventuallyAsync(() => service.Log.ToString().Contains("cancelled", StringComparison.Ordinal), "the end of the stream");
        mode = "fail";
        (await Answer.PostAsync(client, ProxyStage.Chat())).IsError(402, "insufficient_quota");
    }

    /// <summary>A request that its rule holds back uses nothing of its key, and its answer says so already.</summary>
    [Fact]
    public async Task Headers_OfARefusalByARule_SayWhatIsLeft()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock);
        await stage.First.ServeAsync("""{ "rules": [ { "name": "once", "pattern": "/chat/completions", "rate_limit": { "limit": 1, "interval": 60 } } ] }""");
        var client = await stage.First.KeyClientAsync(new { requestsPerMinute = 10, tokensPerMinute = 100_000 });
        Assert.Equal(200, (await Answer.PostAsync(client, ProxyStage.Chat())).Status);

        var refused = (await Answer.PostAsync(client, ProxyStage.Chat())).IsError(429, "rate_limit_exceeded");

        Assert.Equal(("9", "98000"), (refused["x-ratelimit-remaining-requests"], refused["x-ratelimit-remaining-tokens"]));
    }

    [Fact, Trait("checklist", "S2-18"), Trait("checklist", "S2-19"), Trait("checklist", "S2-23")]
    public async Task Session_TheThirdOfTwoAMinute_Is429_AndAnotherSessionIsNot()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock, settings: new Dictionary<string, string> { ["GatewayOps:Proxy:SessionRequestsPerMinute"] = "2" });
        async Task<Answer> AskAsync(params (string, string)[] headers) => await Answer.PostAsync(stage.First.Caller, ProxyStage.Chat(), headers: headers);

        await AskAsync(("X-SESSION-ID", "s1"));
        _clock.Advance(TimeSpan.FromSeconds(20));
        // The header wins over the cookie, and a cookie is decoded.
        await AskAsync(("X-SESSION-ID", "s1"), ("Cookie", "session_id=s2"));
        var third = (await AskAsync(("Cookie", "session_id=s%31"))).IsError(429, "rate_limit_exceeded");

        Assert.Equal("40", third["retry-after"]);
        Assert.Equal(200, (await AskAsync(("X-SESSION-ID", "s2"))).Status);
        Assert.Equal(200, (await AskAsync()).Status);
        Assert.Equal(4, stage.Asked);
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(200, (await AskAsync(("X-SESSION-ID", "s1"))).Status);
    }

    [Fact]
    public async Task Sessions_AreCountedBoundedAndForgotten()
    {
        await using var stage = await KeyStage.StartAsync(time: _clock, settings: new Dictionary<string, string> { ["GatewayOps:Proxy:MaxSessions"] = "3" });
        async Task<double> ActiveAsync()
        {
            // A scrape is kept for 300 ms.
            _clock.Advance(TimeSpan.FromMilliseconds(300));
            return Assert.Single(PrometheusText.Parse(await stage.First.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_sessions_active"].Samples).Value;
        }

        Assert.Equal(0, await ActiveAsync());
        for (var i = 0; i < 5; i++)
        {
            await Answer.PostAsync(stage.First.Caller, ProxyStage.Chat(), headers: ("X-SESSION-ID", $"s{i}"));
        }

        Assert.Equal(3, await ActiveAsync());
        _clock.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(0, await ActiveAsync());
    }
}
