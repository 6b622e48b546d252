using System.Net;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Emulator.DataPlane;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.Management.Tokens.TestTokens;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management.Tokens;

/// <summary>What tokens let their bearers do.</summary>
public sealed class TokenGrantTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private readonly TestEmulator _emulator = fixture.Emulator;

    [Fact]
    public async Task Token_WithReadAlone_ReadsAndDoesNotWrite()
    {
        using var client = await ClientAsync(_emulator, Permission.AiGatewayRead);

        var read = await client.GetAnswerAsync("ai-gateway/gateways");
        var write = await client.PostAnswerAsync("ai-gateway/gateways", GatewayBody("never-made"));
        var other = await client.GetAnswerAsync("secrets_store/stores");

        Assert.Equal(HttpStatusCode.OK, read.Status);
        Assert.Equal((HttpStatusCode.Forbidden, "10000 Authentication error"), (write.Status, Assert.Single(write.Errors)));
        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        Assert.Null(_emulator.Account.FindGateway("never-made"));
    }

    [Fact]
    public async Task Token_WithWrite_ReadsToo()
    {
        using var client = await ClientAsync(_emulator, Permission.AiGatewayWrite);

        Assert.Equal(HttpStatusCode.OK, (await client.PostAnswerAsync("ai-gateway/gateways", GatewayBody("made-by-writer"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAnswerAsync("ai-gateway/gateways/made-by-writer")).Status);
    }

    [Theory]
    [InlineData("com.cloudflare.api.account.*", "*", true)]
    [InlineData("com.cloudflare.api.account.dev-account", "*", true)]
    [InlineData("com.cloudflare.api.account.dev-account", "com.cloudflare.api.account.zone.*", false)]
    [InlineData("com.cloudflare.api.account.dev-account", "com.cloudflare.api.account.dev-account", true)]
    [InlineData("com.cloudflare.api.account.zone.*", "*", false)]
    [InlineData("com.cloudflare.api.account.other", "*", false)]
    [InlineData("com.cloudflare.api.account.dev", "*", false)]
    public async Task Token_Resources_GrantWhatTheyNameOnly(string resource, string inner, bool granted)
    {
        object resources = inner == "*"
            ? new Dictionary<string, object> { [resource] = "*" }
            : new Dictionary<string, object> { [resource] = new Dictionary<string, object> { [inner] = "*" } };
        var created = await CreateAsync(_emulator, new { name = "r", policies = new[] { Policy("allow", resources, Permission.AiGatewayRead) } }, "/client/v4/user/tokens");
        using var client = ClientOf(_emulator, created.Result.GetProperty("value").GetString()!);

        Assert.Equal(granted ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await client.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _emulator.Management.CallAsync(HttpMethod.Delete, $"/client/v4/user/tokens/{created.Result.GetProperty("id")}")).Status);
    }

    [Fact]
    public async Task Token_AllowAndDeny_DenyWinsWhateverTheOrder()
    {
        var (allow, deny) = (Policy("allow", Account, Permission.AiGatewayWrite), Policy("deny", Account, Permission.AiGatewayRead));
        using var first = await ClientAsync(_emulator, allow, deny);
        using var second = await ClientAsync(_emulator, deny, allow);
        using var unwritten = await ClientAsync(_emulator, Policy("allow", Account, Permission.AiGatewayRead, Permission.AiGatewayWrite), Policy("deny", Account, Permission.AiGatewayWrite));

        Assert.Equal(HttpStatusCode.Forbidden, (await first.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await second.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.OK, (await unwritten.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await unwritten.PostAnswerAsync("ai-gateway/gateways", GatewayBody("denied"))).Status);
    }

    [Fact]
    public async Task Token_PoliciesChanged_CountFromTheNextRequest()
    {
        var created = await CreateAsync(_emulator, new { name = "changing", policies = new[] { Policy("allow", Account, Permission.AiGatewayRead) } });
        using var client = ClientOf(_emulator, created.Result.GetProperty("value").GetString()!);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAnswerAsync("ai-gateway/gateways")).Status);

        await _emulator.Management.CallAsync(HttpMethod.Put, $"tokens/{created.Result.GetProperty("id")}", new { name = "changing", policies = new[] { Policy("allow", Account, Permission.SecretsStoreRead) } });

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAnswerAsync("ai-gateway/gateways")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAnswerAsync("secrets_store/stores")).Status);
    }

    [Fact]
    public async Task Token_MetadataRead_ListsLogsAndSeesNoBody()
    {
        await _emulator.CreateGatewayAsync("logged");
        var gateway = _emulator.Account.FindGateway("logged")!;
        var row = SampleLog.Row(gateway.Logs, 1) with { RequestBody = [1], ResponseBody = [2] };
        gateway.AddLog(row);
        using var client = await ClientAsync(_emulator, Permission.AiGatewayMetadataRead);

        var list = await client.GetAnswerAsync("ai-gateway/gateways/logged/logs");
        Assert.Equal(row.Id, list.Result[0].GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAnswerAsync($"ai-gateway/gateways/logged/logs/{row.Id}/request")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAnswerAsync($"ai-gateway/gateways/logged/logs/{row.Id}/response")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.CallAsync(HttpMethod.Delete, "ai-gateway/gateways/logged/logs")).Status);
        Assert.NotEmpty(gateway.Logs.Visible());
    }

    [Fact]
    public async Task ProviderConfig_Creation_NeedsSecretsStoreWriteToo()
    {
        using var half = await ClientAsync(_emulator, Permission.AiGatewayWrite);
        using var whole = await ClientAsync(_emulator, Permission.AiGatewayWrite, Permission.SecretsStoreWrite);
        var body = new { provider_slug = "openai", alias = "default", default_config = true, secret_id = "s" };

        Assert.Equal(HttpStatusCode.OK, (await half.GetAnswerAsync("ai-gateway/gateways/nobody/provider_configs")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await half.PostAnswerAsync("ai-gateway/gateways/nobody/provider_configs", body)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await whole.PostAnswerAsync("ai-gateway/gateways/nobody/provider_configs", body)).Status);
    }

    [Fact]
    public async Task UserEndpoints_AccountOwnedToken_IsRefused()
    {
        using var client = await ClientAsync(_emulator, Permission.AccountTokensWrite);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAnswerAsync("tokens")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAnswerAsync("/client/v4/user/tokens")).Status);
    }

    [Fact]
    public async Task Gateway_WithAuthentication_TakesTokensWithRunOnly()
    {
        await using var gateway = await TestGateway.StartAsync(new { authentication = true });
        var emulator = gateway.Emulator;
        async Task<string> ValueAsync(params object[] policies) =>
            (await CreateAsync(emulator, new { name = "t", policies })).Result.GetProperty("value").GetString()!;
        var run = await ValueAsync(Policy("allow", Account, Permission.AiGatewayRun));
        var read = await ValueAsync(Policy("allow", Account, Permission.AiGatewayRead));
        var denied = await ValueAsync(Policy("allow", Account, Permission.AiGatewayRun), Policy("deny", Account, Permission.AiGatewayRun));

        Assert.Equal(200, (await gateway.ChatAsync("x", $"cf-aig-authorization: Bearer {run}")).Status);
        Assert.Equal(401, (await gateway.ChatAsync("x", $"cf-aig-authorization: Bearer {read}")).Status);
        Assert.Equal(401, (await gateway.ChatAsync("x", $"cf-aig-authorization: Bearer {denied}")).Status);
        using var manager = ClientOf(emulator, run);
        Assert.Equal(HttpStatusCode.Forbidden, (await manager.GetAnswerAsync("ai-gateway/gateways")).Status);
    }

    [Fact]
    public async Task Gateway_CloudflareTokenInAuthorization_NeverReachesTheProvider()
    {
        await using var gateway = await TestGateway.StartAsync();
        var value = (await CreateAsync(gateway.Emulator, new { name = "t", policies = new[] { Policy("allow", Account, Permission.AiGatewayRead) } }))
            .Result.GetProperty("value").GetString()!;

        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), value);

        foreach (var recorded in (await gateway.Emulator.UpstreamAsync("openai")).GetProperty("recorded").EnumerateArray())
            Assert.DoesNotContain(value, recorded.GetRawText());
    }
}
