using System.Text.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class CredentialTests
{
    private const string Authenticated = "cf-aig-authorization: Bearer dev-token";

    [Fact]
    public async Task Request_OwnKey_WinsOverTheStoredOne()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.StoreKey("openai", "sk-stored");

        await gateway.ChatAsync();

        Assert.Equal($"Bearer {TestGateway.ProviderKey}", await HeaderAsync(gateway, "openai", "authorization"));
        Assert.False(Assert.Single(gateway.Logs).Byok);
    }

    [Theory]
    [InlineData("openai", "chat/completions", "authorization", "Bearer sk-stored")]
    [InlineData("anthropic", "v1/chat/completions", "x-api-key", "sk-stored")]
    [InlineData("google-ai-studio", "v1beta/openai/chat/completions", "x-goog-api-key", "sk-stored")]
    [InlineData("azure-openai", "res/dep/chat/completions", "api-key", "sk-stored")]
    public async Task Request_NoKey_GetsTheStoredOneInTheProvidersHeader(string provider, string path, string header, string value)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.StoreKey(provider, "sk-stored");

        // The Cloudflare token in Authorization is consumed by the gateway: it is no provider key.
        var answer = await gateway.PostAsync($"{provider}/{path}", TestGateway.Chat(), "dev-token");

        Assert.Equal(200, answer.Status);
        Assert.Equal(value, await HeaderAsync(gateway, provider, header));
        Assert.True(Assert.Single(gateway.Logs).Byok);
    }

    [Fact]
    public async Task Alias_OnNativeAddress_ChoosesTheKey()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.StoreKey("openai", "sk-default");
        gateway.StoreKey("openai", "sk-team", "team", isDefault: false);

        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), null, "cf-aig-byok-alias: team");
        Assert.Equal("Bearer sk-team", await HeaderAsync(gateway, "openai", "authorization"));

        await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "openai/gpt-4o"), null, "cf-aig-byok-alias: team");
        Assert.Equal("Bearer sk-default", await HeaderAsync(gateway, "openai", "authorization"));
    }

    [Fact]
    public async Task Alias_Unknown_2040NamesTheConfiguredOnes()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.StoreKey("openai", "sk-b", "beta");
        gateway.StoreKey("openai", "sk-a", "alpha");

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), null, "cf-aig-byok-alias: gamma");

        Assert.Equal((400, 2040), (answer.Status, answer.ErrorCode));
        Assert.Equal(
            "Provider 'openai' has no BYOK credential named 'gamma'. Configured aliases: alpha, beta",
            answer.Json.GetProperty("error")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task StoredKey_Rotated_NextRequestSendsTheNewOne()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.StoreKey("openai", "sk-old");
        var store = gateway.Emulator.Account.Store!;
        store.Change(store.Secrets[0].Id, "sk-new", scopes: null, comment: null);

        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null);

        Assert.Equal("Bearer sk-new", await HeaderAsync(gateway, "openai", "authorization"));
    }

    [Fact]
    public async Task NoKey_Authenticated_IsBilledByCloudflare()
    {
        await using var gateway = await TestGateway.StartAsync(null, new EmulatorOptions
        {
            UpstreamKeys = new Dictionary<string, IReadOnlyList<string>> { ["openai"] = ["sk-only"] },
        });

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), null, Authenticated);

        Assert.Equal(200, answer.Status);
        Assert.True(Assert.Single(gateway.Logs).Wholesale);
    }

    [Theory]
    [InlineData(true, "x-none: 1")]
    [InlineData(false, "cf-aig-no-wholesale: true")]
    public async Task NoKey_UnifiedBillingForbidden_400(bool byokOnly, string header)
    {
        await using var gateway = await TestGateway.StartAsync(new { byok_only = byokOnly });

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), null, Authenticated, header);

        Assert.Equal(400, answer.Status);
        Assert.False(answer.Json.GetProperty("error")[0].TryGetProperty("code", out _));
        Assert.Equal(0, await gateway.UpstreamRequestsAsync());
    }

    [Fact]
    public async Task WorkersAi_ByokOnly_IsUnaffectedAndGetsTheCallersToken()
    {
        await using var gateway = await TestGateway.StartAsync(new { byok_only = true });

        var answer = await gateway.PostAsync("workers-ai/v1/chat/completions", TestGateway.Chat(model: "@cf/meta/llama-3.1-8b-instruct"), null, Authenticated);

        Assert.Equal(200, answer.Status);
        Assert.Equal("Bearer dev-token", await HeaderAsync(gateway, "workers-ai", "authorization"));
    }

    [Fact]
    public async Task NoKey_Anonymous_ProvidersOwn401()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null);

        Assert.Equal(401, answer.Status);
        Assert.Equal(JsonValueKind.Object, answer.Json.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task Key_NotAccepted_ProvidersOwn401WithoutTheKey()
    {
        await using var gateway = await TestGateway.StartAsync(null, new EmulatorOptions
        {
            UpstreamKeys = new Dictionary<string, IReadOnlyList<string>> { ["openai"] = ["sk-only"] },
        });

        var answer = await gateway.ChatAsync();

        Assert.Equal(401, answer.Status);
        Assert.Equal("invalid_api_key", answer.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain(TestGateway.ProviderKey, answer.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), "sk-only")).Status);
    }

    private static async Task<string?> HeaderAsync(TestGateway gateway, string provider, string name) =>
        (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("headers").GetProperty(name).GetString();
}
