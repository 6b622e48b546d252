namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class RateLimitTests
{
    [Fact]
    public async Task Fixed_LimitReached_429UntilTheWindowTurns()
    {
        await using var gateway = await TestGateway.StartAsync(new { rate_limiting_limit = 2, rate_limiting_interval = 86_400, rate_limiting_technique = "fixed" });

        // Well inside of a day, so that midnight does not fall between the requests.
        await gateway.Emulator.AdvanceClockAsync(TimeUntilTomorrow(gateway) + TimeSpan.FromHours(1));
        Assert.Equal([200, 200, 429], await StatusesAsync(gateway, 3));
        Assert.Equal(2, await gateway.UpstreamRequestsAsync());

        // The window ends with the day, however late in it the requests came.
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromHours(23));
        Assert.Equal(200, await StatusAsync(gateway));
    }

    [Fact]
    public async Task Sliding_LimitReached_429UntilTheOldestIsAnIntervalAgo()
    {
        await using var gateway = await TestGateway.StartAsync(new { rate_limiting_limit = 2, rate_limiting_interval = 1000, rate_limiting_technique = "sliding" });

        Assert.Equal(200, await StatusAsync(gateway));
        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(600));
        Assert.Equal(200, await StatusAsync(gateway));
        Assert.Equal(429, await StatusAsync(gateway));

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(401));
        Assert.Equal([200, 429], await StatusesAsync(gateway, 2));
    }

    [Fact]
    public async Task Limited_Answer_IsTheGatewaysAndLogged()
    {
        await using var gateway = await TestGateway.StartAsync(new { rate_limiting_limit = 1, rate_limiting_interval = 1000, rate_limiting_technique = "sliding" });
        await gateway.ChatAsync();

        var answer = await gateway.ChatAsync();

        Assert.Equal((429, 2003), (answer.Status, answer.ErrorCode));
        Assert.False(answer.Headers.ContainsKey("retry-after"));
        Assert.Equal([200, 429], gateway.Logs.Select(row => row.StatusCode));
    }

    [Fact]
    public async Task CacheHits_DoNotCount()
    {
        await using var gateway = await TestGateway.StartAsync(
            new { cache_ttl = 120, rate_limiting_limit = 2, rate_limiting_interval = 1000, rate_limiting_technique = "sliding" });

        await gateway.ChatAsync("one");
        for (var i = 0; i < 3; i++)
            Assert.Equal("HIT", (await gateway.ChatAsync("one")).CacheStatus);
        Assert.Equal(200, (await gateway.ChatAsync("two")).Status);
        Assert.Equal(429, (await gateway.ChatAsync("three")).Status);
        Assert.Equal("HIT", (await gateway.ChatAsync("one")).CacheStatus);
    }

    private static async Task<int> StatusAsync(TestGateway gateway) => (await gateway.ChatAsync()).Status;

    private static async Task<List<int>> StatusesAsync(TestGateway gateway, int requests)
    {
        var statuses = new List<int>();
        for (var i = 0; i < requests; i++)
            statuses.Add(await StatusAsync(gateway));
        return statuses;
    }

    private static TimeSpan TimeUntilTomorrow(TestGateway gateway) => TimeSpan.FromDays(1) - gateway.State.CreatedAt.TimeOfDay;
}
