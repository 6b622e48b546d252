using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>A model that must be loaded first: with the settings as they are its first answer is waited for, and can be told from the others.</summary>
public sealed class ColdStartTests
{
    [Fact, Trait("checklist", "S0-18")]
    public async Task FirstAnswer_AfterTenSeconds_IsWaitedForAndMarked()
    {
        var clock = new TestClock();
        var (asked, loaded) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            asked.TrySetResult();
            await loaded.Task;
            await context.Response.WriteAsync("""{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}""");
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings, time: clock);

        var first = Answer.PostAsync(service.Caller, ProxyStage.Chat());
        await asked.Task;
        clock.Advance(TimeSpan.FromSeconds(10));
        loaded.SetResult();

        Assert.Equal((200, 200), ((await first).Status, (await Answer.PostAsync(service.Caller, ProxyStage.Chat())).Status));
        await service.EventuallyAsync(
            async () => (await service.Database.QueryAsync<string>("select concat_ws(' ', cold, duration_ms >= 10000, duration_ms < 1000) from request_records order by cold desc")) is ["t t f", "f f t"],
            "a cold record of ten seconds and one that is neither");
    }
}
