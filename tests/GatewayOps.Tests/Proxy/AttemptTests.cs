using System.Text.Json;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>Retries, fallback and what a caller hears when nothing helps.</summary>
public sealed class AttemptTests
{
    private const string Chain = """
        { "providers": [ { "name": "openrouter", "priority": 1, "timeout": 20000, "model": "openai/gpt-4o-mini" }, { "name": "openai", "priority": 2, "timeout": 20000 } ],
          "fallback": { "enabled": true, "retry_count": 1 } }
        """;

    [Theory, Trait("checklist", "S1-04")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fallback_FirstProviderDown_TheSecondAnswers(bool stream)
    {
        await using var stage = await ProxyStage.StartAsync(Chain);
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { status = 503 });

        var answer = await stage.ChatAsync(more: new { stream });

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(("openai", "2"), (answer["x-gatewayops-provider"], answer["x-gatewayops-attempts"]));
        Assert.Equal((1, 1), (await stage.CallsAsync("openrouter"), await stage.CallsAsync()));
        var record = Assert.Single(await stage.RecordsAsync(1));
        Assert.Equal(("ok", 2), (record.GetProperty("outcome").GetString(), record.GetProperty("attempts").GetInt32()));
        // Each attempt has a row of the gateway's log, and says which attempt it was.
        var ids = stage.Emulator.Account.FindGateway(ProxyStage.Gateway)!.Logs.Visible().Select(row => JsonDocument.Parse(row.Metadata!).RootElement.GetProperty("request_id").GetString());
        Assert.Equal([answer["x-request-id"], $"{answer["x-request-id"]}/2"], ids);
    }

    [Fact, Trait("checklist", "S1-27")]
    public async Task Fallback_FirstProviderSlowerThanItsTimeout_TheSecondAnswers()
    {
        await using var stage = await ProxyStage.StartAsync(Chain.Replace("20000, \"model\"", "400, \"model\"", StringComparison.Ordinal));
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { delayMs = 30_000 });

        var answer = await stage.ChatAsync();

        Assert.Equal((200, "openai"), (answer.Status, answer["x-gatewayops-provider"]));
    }

    [Fact, Trait("checklist", "S0-19")]
    public async Task Fallback_AllSlow_Is504()
    {
        await using var stage = await ProxyStage.StartAsync(Chain.Replace("20000", "300", StringComparison.Ordinal));
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { delayMs = 30_000 });
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { delayMs = 30_000 });

        var answer = (await stage.ChatAsync()).IsError(504, "upstream_timeout");

        Assert.Equal("2", answer["x-gatewayops-attempts"]);
        Assert.Equal("timeout", Assert.Single(await stage.RecordsAsync(1)).GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Fallback_AllDown_Is502WithTheNumberOfAttempts()
    {
        await using var stage = await ProxyStage.StartAsync(Chain);
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { status = 500 });
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 502 });

        var answer = (await stage.ChatAsync()).IsError(502, "upstream_failed");

        Assert.Equal(("openai", "2"), (answer["x-gatewayops-provider"], answer["x-gatewayops-attempts"]));
    }

    [Fact, Trait("checklist", "S1-03")]
    public async Task Retry_OneProvider_AsksAgain()
    {
        await using var stage = await ProxyStage.StartAsync("""{ "providers": [ { "name": "openai", "priority": 1 } ], "fallback": { "enabled": true, "retry_count": 2 } }""");
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 503, times = 2 });

        var answer = await stage.ChatAsync();

        Assert.Equal((200, "3"), (answer.Status, answer["x-gatewayops-attempts"]));
    }

    [Fact, Trait("checklist", "S1-03")]
    public async Task ClientError_OfTheProvider_PassesUnchangedAndAtOnce()
    {
        await using var stage = await ProxyStage.StartAsync(Chain);
        const string refusal = """{"error":{"message":"no such tool","type":"invalid_request_error","param":"tools","code":"bad_tool"}}""";
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { status = 422, body = refusal });

        var answer = await stage.ChatAsync();

        Assert.Equal((422, refusal, "1"), (answer.Status, answer.Text, answer["x-gatewayops-attempts"]));
        Assert.Equal(0, await stage.CallsAsync());
    }

    [Fact]
    public async Task RateLimit_OfTheProvider_PassesWithRetryAfter()
    {
        await using var stage = await ProxyStage.StartAsync();
        await stage.Emulator.SetUpstreamFaultAsync("openai", new { status = 429, retryAfterSeconds = 7 });

        var answer = await stage.ChatAsync();

        Assert.Equal((429, "7"), (answer.Status, answer["retry-after"]));
        Assert.Equal("rate_limited", Assert.Single(await stage.RecordsAsync(1)).GetProperty("outcome").GetString());
    }

    /// <summary>A caller that is refused needs them most: how much is left of which limit, and what to name to the provider's support.</summary>
    [Theory]
    [InlineData(429, 429)]
    [InlineData(400, 400)]
    [InlineData(500, 502)]
    public async Task Failure_OfTheProvider_ComesWithItsHeaders(int status, int told)
    {
        await using var upstream = await StubGateway.StartAsync(context =>
        {
            var headers = context.Response.Headers;
            (headers["x-ratelimit-remaining-requests"], headers["request-id"], headers["cf-aig-log-id"], headers["Retry-After"], headers["Set-Cookie"]) = ("0", "req_1", "01JLOG", "soon", "a=b");
            (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json");
            return context.Response.WriteAsync("""{"error":{"message":"no","type":"x","param":null,"code":null}}""");
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);

        var answer = await Answer.PostAsync(service.Caller, ProxyStage.Chat());

        Assert.Equal((told, "0", "req_1", "01JLOG"), (answer.Status, answer["x-ratelimit-remaining-requests"], answer["request-id"], answer["cf-aig-log-id"]));
        Assert.Equal((null, null), (answer["retry-after"], answer["set-cookie"]));
    }

    [Fact]
    public async Task RateLimit_OfTheGateway_Is429AndNotRetried()
    {
        await using var stage = await ProxyStage.StartAsync(Chain, gateway: new Dictionary<string, object?> { ["rate_limiting_limit"] = 1, ["rate_limiting_interval"] = 60 });
        await stage.ChatAsync();

        var answer = (await stage.ChatAsync()).IsError(429, "rate_limit_exceeded");

        Assert.Equal("1", answer["x-gatewayops-attempts"]);
    }

    [Fact]
    public async Task Stream_CutMidway_EndsWithAnErrorAndIsCounted()
    {
        await using var stage = await ProxyStage.StartAsync(Chain);
        await stage.Emulator.SetUpstreamFaultAsync("openrouter", new { cutAfterEvents = 3 });

        var answer = await stage.ChatAsync(more: new { stream = true });

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("[DONE]", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":\"stream_truncated\"}}\n\n", answer.Text, StringComparison.Ordinal);
        var record = Assert.Single(await stage.RecordsAsync(1));
        Assert.Equal(("truncated", true, true), (record.GetProperty("outcome").GetString(), record.GetProperty("tokensEstimated").GetBoolean(), record.GetProperty("cold").GetBoolean()));
        Assert.Equal(0, await stage.CallsAsync());
    }

    [Fact, Trait("checklist", "S0-15")]
    public async Task Gateway_Unknown_SaysWhatToDo()
    {
        await using var stage = await ProxyStage.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Cloudflare:GatewayId"] = "missing" });

        var answer = (await stage.ChatAsync()).IsError(404, "gateway_not_found");

        Assert.Contains("gatewayops gateway create missing", answer.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_TokenRefused_SaysWhichSetting()
    {
        await using var stage = await ProxyStage.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Cloudflare:GatewayToken"] = "wrong-token" });

        var answer = (await stage.ChatAsync()).IsError(502, "gateway_unauthorized");

        Assert.Contains("CLOUDFLARE_GATEWAY_TOKEN", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-token", answer.Text + stage.Service.Log, StringComparison.Ordinal);
    }
}
