using System.Net.Http.Json;
using System.Text.Json;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>Providers of the account's own, called as `custom-{slug}` (contract 4.2).</summary>
public sealed class CustomProviderTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Custom_Enabled_IsItsBaseUrlAndThePathWithItsHeaders()
    {
        await using var gateway = emulator.NewGateway();
        await AddAsync("one", enable: true, headers: """{"x-tenant":"t1","x-mine":"default"}""");

        var answer = await gateway.PostAsync("custom-one/chat/completions?a=1", TestGateway.Chat(), TestGateway.ProviderKey, "x-mine: sent");

        Assert.Equal(200, answer.Status);
        var received = await gateway.LastUpstreamRequestAsync("custom-one");
        Assert.Equal("https://api.example.com/base/v1/chat/completions?a=1", received.GetProperty("url").GetString());
        Assert.Equal(("t1", "sent"), (received.GetProperty("headers").GetProperty("x-tenant").GetString(), received.GetProperty("headers").GetProperty("x-mine").GetString()));
        Assert.Equal(("custom-one", 0m), (gateway.Logs[0].Provider, gateway.Logs[0].Cost));
    }

    [Fact]
    public async Task Custom_ByCompatModel_IsFoundByItsPrefix()
    {
        await using var gateway = emulator.NewGateway();
        await AddAsync("two", enable: true);

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: "custom-two/some/model"));

        Assert.StartsWith("[custom-two/some/model]", answer.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Custom_DisabledOrRemoved_2008()
    {
        await using var gateway = emulator.NewGateway();
        var id = await AddAsync("three", enable: false);
        Assert.Equal(2008, await CodeAsync());

        gateway.Emulator.Account.CustomProviders.Change(id, provider => provider with { Enable = true });
        Assert.Equal(200, (await gateway.PostAsync("custom-three/chat/completions", TestGateway.Chat())).Status);

        gateway.Emulator.Account.CustomProviders.Remove(id);
        Assert.Equal(2008, await CodeAsync());

        async Task<int> CodeAsync() => (await gateway.PostAsync("custom-three/chat/completions", TestGateway.Chat())).ErrorCode;
    }

    [Fact]
    public async Task Custom_Changed_CachedAnswersAreGone()
    {
        await using var gateway = emulator.NewGateway(new { cache_ttl = 600 });
        var id = await AddAsync("four", enable: true);
        Assert.Equal("MISS", (await CallAsync()).CacheStatus);
        Assert.Equal("HIT", (await CallAsync()).CacheStatus);

        gateway.Emulator.Account.CustomProviders.Change(id, provider => provider with { BaseUrl = "https://other.example.com" });

        Assert.Equal("MISS", (await CallAsync()).CacheStatus);

        Task<TestGateway.Answer> CallAsync() => gateway.PostAsync("custom-four/chat/completions", TestGateway.Chat());
    }

    [Fact]
    public async Task Custom_NoKey_IsNeverBilledByCloudflare()
    {
        await using var gateway = emulator.NewGateway();
        await AddAsync("five", enable: true);

        var answer = await gateway.PostAsync("custom-five/chat/completions", TestGateway.Chat(), key: null, "cf-aig-authorization: Bearer dev-token");

        Assert.Equal(401, answer.Status);
        Assert.False(gateway.Logs[0].Wholesale);
    }

    private async Task<string> AddAsync(string slug, bool enable, string? headers = null)
    {
        using var made = await emulator.Emulator.Management.PostAsJsonAsync(
            "ai-gateway/custom-providers", new { name = slug, slug, base_url = "https://api.example.com/base/v1", enable, headers = headers ?? "{}" });
        var answer = await made.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(made.IsSuccessStatusCode, answer.GetRawText());
        return answer.GetProperty("result").GetProperty("id").GetString()!;
    }
}
