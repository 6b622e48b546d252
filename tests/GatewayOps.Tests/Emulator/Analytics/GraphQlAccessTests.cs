using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.Management.Tokens;

namespace GatewayOps.Tests.Emulator.Analytics;

/// <summary>Who may ask, and how often: Account Analytics Read, and a budget apart from the REST API's (contract sections 1.4 and 15).</summary>
public sealed class GraphQlAccessTests
{
    private const string Budget = "{ viewer { budget } }";

    [Fact]
    public async Task Ask_WithoutCredentials_Is401InTheShapeOfGraphQl()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        using var anonymous = world.Emulator.NewClient("/client/v4/accounts/dev-account/");
        var (status, body) = await AskAsync(anonymous, Budget);
        Assert.Equal((HttpStatusCode.Unauthorized, JsonValueKind.Null), (status, body.GetProperty("data").ValueKind));
        Assert.False(body.TryGetProperty("success", out _));
    }

    [Fact]
    public async Task Ask_NineMegabytes_Is413InTheShapeOfGraphQl()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        var (status, body) = await AskAsync(world.Emulator.Management, new string(' ', 9 << 20));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, JsonValueKind.Null), (status, body.GetProperty("data").ValueKind));
        Assert.False(body.TryGetProperty("success", out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ask_NeedsAccountAnalyticsReadOnTheAccount(bool granted)
    {
        await using var world = await AnalyticsWorld.StartAsync();
        world.Log("gw-a", world.Noon);
        using var client = await TestTokens.ClientAsync(world.Emulator, granted ? Permission.AccountAnalyticsRead : Permission.AiGatewayRead);
        var (_, body) = await AskAsync(client, AnalyticsWorld.Query("limit: 1", "count"));
        Assert.Equal(granted, body.GetProperty("data").ValueKind == JsonValueKind.Object);
        if (!granted)
            Assert.Equal("not authorized for that account", body.GetProperty("errors")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Budget_GoesDownAndEndsIn429_WithoutTouchingTheRestApi()
    {
        await using var world = await AnalyticsWorld.StartAsync(new EmulatorOptions { GraphQlRequestsPerFiveMinutes = 2 });
        Assert.Equal((1, 0), (await LeftAsync(), await LeftAsync()));

        var (status, error) = await world.FailAsync(Budget);
        Assert.Equal((HttpStatusCode.TooManyRequests, "budget"), (status, error.GetProperty("extensions").GetProperty("code").GetString()));
        using var gateways = await world.Emulator.Management.GetAsync("ai-gateway/gateways");
        Assert.Equal(HttpStatusCode.OK, gateways.StatusCode);

        await world.Emulator.AdvanceClockAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await LeftAsync());

        async Task<int> LeftAsync() => (await world.AskAsync(new { query = Budget })).Body.GetProperty("data").GetProperty("viewer").GetProperty("budget").GetInt32();
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(HttpClient client, string query)
    {
        using var response = await client.PostAsJsonAsync("/client/v4/graphql", new { query });
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
