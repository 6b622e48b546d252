using System.Text;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>The rate limits and queues of rules over real sockets, on a clock that the test moves.</summary>
public sealed class RateLimitTests
{
    private const string TwoAMinute = """{ "rules": [ { "name": "few", "pattern": "/chat/completions", "rate_limit": { "limit": 2, "interval": 60 } } ] }""";

    private readonly TestClock _clock = new();

    [Fact, Trait("checklist", "S1-02"), Trait("checklist", "S2-23")]
    public async Task Limit_TheThirdOfTwoAMinute_Is429AndTheProviderIsNotAsked()
    {
        await using var stage = await ProxyStage.StartAsync(TwoAMinute, time: _clock);
        Assert.Equal(200, (await stage.ChatAsync()).Status);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(200, (await stage.ChatAsync()).Status);

        var third = (await stage.ChatAsync()).IsError(429, "rate_limit_exceeded");

        Assert.Equal(("45", "none"), (third["retry-after"], third["x-gatewayops-provider"]));
        Assert.Equal(2, await stage.CallsAsync());
        var record = await stage.RecordAsync(third);
        Assert.Equal(("rate_limited", "few", 0), (record.GetProperty("outcome").GetString(), record.GetProperty("rule").GetString(), record.GetProperty("attempts").GetInt32()));
        _clock.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal(200, (await stage.ChatAsync()).Status);
    }

    [Fact]
    public async Task Limit_NewRevision_KeepsTheCountOfTheRuleItLeavesAlone()
    {
        await using var stage = await ProxyStage.StartAsync(TwoAMinute, time: _clock);
        await stage.ChatAsync();
        await stage.ChatAsync();

        await stage.ActivateAsync(TwoAMinute.Replace("\"rules\":", "\"settings\": { \"cache_ttl\": 60 }, \"rules\":", StringComparison.Ordinal));
        (await stage.ChatAsync()).IsError(429, "rate_limit_exceeded");

        await stage.ActivateAsync(TwoAMinute.Replace("\"limit\": 2", "\"limit\": 3", StringComparison.Ordinal));
        Assert.Equal(200, (await stage.ChatAsync()).Status);
    }

    [Fact, Trait("checklist", "S1-30")]
    public async Task Queue_BurstOfFiveAtTwo_IsDelayedAndAnsweredWhole()
    {
        var (arrived, most, open) = (0, 0, new TaskCompletionSource());
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            most = Math.Max(most, Interlocked.Increment(ref arrived));
            await open.Task;
            Interlocked.Decrement(ref arrived);
            await context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""");
        });
        await using var service = await StartAsync(gateway, """{ "concurrency": 2, "depth": 3, "timeout": 60000 }""");

        var burst = Enumerable.Range(0, 5).Select(_ => Answer.PostAsync(service.Caller, ProxyStage.Chat())).ToList();
        await service.EventuallyAsync(async () => await DepthAsync(service) == 3 && arrived == 2, "three in the queue");
        var sixth = await Answer.PostAsync(service.Caller, ProxyStage.Chat());
        open.SetResult();
        var answers = await Task.WhenAll(burst);

        sixth.IsError(429, "queue_full");
        Assert.Equal("1", sixth["retry-after"]);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(2, most);
        await service.EventuallyAsync(async () => await DepthAsync(service) == 0, "an empty queue");
    }

    [Fact, Trait("checklist", "S1-30")]
    public async Task Queue_NoTurnInTime_Is429AndACallerThatLeavesFreesItsPlace()
    {
        var open = new TaskCompletionSource();
        var under = new TaskCompletionSource();
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            under.TrySetResult();
            await open.Task;
            await context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""");
        });
        await using var service = await StartAsync(gateway, """{ "concurrency": 1, "depth": 1, "timeout": 300000 }""", _clock);
        var first = Answer.PostAsync(service.Caller, ProxyStage.Chat());
        await under.Task;
        var waiting = Answer.PostAsync(service.Caller, ProxyStage.Chat());
        await service.EventuallyAsync(async () => await DepthAsync(service, _clock) == 1, "one in the queue");

        _clock.Advance(TimeSpan.FromMinutes(5));
        (await waiting).IsError(429, "queue_timeout");

        using (var impatient = new CancellationTokenSource())
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(ProxyStage.Chat(), Encoding.UTF8, "application/json") })
        {
            var gone = service.Caller.SendAsync(request, impatient.Token);
            await service.EventuallyAsync(async () => await DepthAsync(service, _clock) == 1, "one in the queue again");
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        }

        await service.EventuallyAsync(async () => await DepthAsync(service, _clock) == 0, "an empty queue");
        var next = Answer.PostAsync(service.Caller, ProxyStage.Chat());
        await service.EventuallyAsync(async () => await DepthAsync(service, _clock) == 1, "the next in the queue");
        open.SetResult();
        Assert.Equal((200, 200), ((await first).Status, (await next).Status));
    }

    [Fact]
    public async Task Queue_Stream_HoldsItsPlaceUntilItEnds()
    {
        var (asked, open) = (0, new TaskCompletionSource());
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("""data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}""" + "\n\n");
            await context.Response.Body.FlushAsync();
            await open.Task;
            await context.Response.WriteAsync("""data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");
        });
        await using var service = await StartAsync(gateway, """{ "concurrency": 1, "depth": 1, "timeout": 60000 }""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(ProxyStage.Chat(more: new { stream = true }), Encoding.UTF8, "application/json"),
        };
        using var begun = await service.Caller.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        var second = Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { stream = true }));
        await service.EventuallyAsync(async () => await DepthAsync(service) == 1, "the second in the queue");
        Assert.Equal(1, asked);
        open.SetResult();

        Assert.EndsWith("data: [DONE]\n\n", await begun.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", (await second).Text, StringComparison.Ordinal);
    }

    private static async Task<TestService> StartAsync(StubGateway gateway, string queue, TimeProvider? time = null)
    {
        var service = await TestService.StartAsync(settings: new Dictionary<string, string>(gateway.Settings) { ["GatewayOps:Proxy:RequestTimeout"] = "01:00:00" }, time: time);
        await service.ServeAsync($$"""{ "rules": [ { "pattern": "/chat/completions", "timeout": 600000, "queue": {{queue}} } ] }""");
        return service;
    }

    private static async Task<double> DepthAsync(TestService service, TestClock? clock = null)
    {
        // A scrape is kept for 300 ms.
        clock?.Advance(TimeSpan.FromMilliseconds(300));
        return Assert.Single(PrometheusText.Parse(await service.Anonymous.GetStringAsync("/metrics"), openMetrics: false)["gatewayops_proxy_queue_depth"].Samples).Value;
    }
}
