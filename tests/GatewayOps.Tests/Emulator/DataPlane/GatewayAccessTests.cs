using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class GatewayAccessTests
{
    [Fact]
    public async Task Request_GatewayUnknown_400With2001InTheGatewaysShape()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("/v1/dev-account/nowhere/openai/chat/completions", TestGateway.Chat());

        Assert.Equal(400, answer.Status);
        Assert.Equal(2001, answer.ErrorCode);
        Assert.False(answer.Json.GetProperty("success").GetBoolean());
        Assert.Equal("AiGatewayError", answer.Json.GetProperty("name").GetString());
        Assert.Equal(400, answer.Json.GetProperty("httpCode").GetInt32());
        Assert.Equal(2001, answer.Json.GetProperty("internalCode").GetInt32());
        Assert.Equal("Please configure AI Gateway in the Cloudflare dashboard", answer.Json.GetProperty("error")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Request_AccountUnknown_2001()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("/v1/other-account/gw/openai/chat/completions", TestGateway.Chat());

        Assert.Equal(2001, answer.ErrorCode);
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("Bearer wrong", null, 401)]
    [InlineData("dev-token", null, 401)]
    [InlineData(null, TestGateway.ProviderKey, 401)]
    [InlineData("Bearer dev-token", TestGateway.ProviderKey, 200)]
    [InlineData(null, "dev-token", 200)]
    public async Task Request_AuthenticationOn_NeedsACloudflareToken(string? own, string? authorization, int status)
    {
        await using var gateway = await TestGateway.StartAsync(new { authentication = true });

        string[] headers = own is null ? [] : [$"cf-aig-authorization: {own}"];
        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), authorization, headers);

        Assert.Equal(status, answer.Status);
        if (status == 401)
            Assert.Equal(2009, answer.ErrorCode);
    }

    [Fact]
    public async Task Request_TokensConfigured_OnlyTheseAreGood()
    {
        await using var gateway = await TestGateway.StartAsync(new { authentication = true }, new EmulatorOptions { GatewayTokens = ["run-token"] });

        Assert.Equal(401, (await gateway.ChatAsync("x", "cf-aig-authorization: Bearer dev-token")).Status);
        Assert.Equal(200, (await gateway.ChatAsync("x", "cf-aig-authorization: Bearer run-token")).Status);
    }

    [Fact]
    public async Task Request_DefaultGateway_ComesIntoBeingWhenAuthenticated()
    {
        await using var gateway = await TestGateway.StartAsync();
        const string path = "/v1/dev-account/default/openai/chat/completions";

        Assert.Equal(2001, (await gateway.PostAsync(path, TestGateway.Chat())).ErrorCode);
        Assert.Null(gateway.Emulator.Account.FindGateway("default"));

        var answer = await gateway.PostAsync(path, TestGateway.Chat(), TestGateway.ProviderKey, "cf-aig-authorization: Bearer dev-token");

        Assert.Equal(200, answer.Status);
        Assert.True(gateway.Emulator.Account.FindGateway("default")!.Settings.Authentication);
        Assert.Equal(401, (await gateway.PostAsync(path, TestGateway.Chat())).Status);
    }

    [Fact]
    public async Task Request_OwnHeaders_AreNotForwarded()
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.ChatAsync("x", "cf-aig-authorization: Bearer dev-token", "cf-aig-metadata: {\"a\":1}", "cf-skip-cache: true", "x-mine: yes");

        var headers = (await gateway.LastUpstreamRequestAsync()).GetProperty("headers");
        Assert.DoesNotContain(headers.EnumerateObject(), header => header.Name.StartsWith("cf-", StringComparison.Ordinal));
        Assert.Equal("yes", headers.GetProperty("x-mine").GetString());
        Assert.Equal($"Bearer {TestGateway.ProviderKey}", headers.GetProperty("authorization").GetString());
        Assert.False(headers.TryGetProperty("host", out _));
    }
}
