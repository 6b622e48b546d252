using System.Net.Http.Json;

namespace GatewayOps.Tests.Proxy;

/// <summary>Providers that an account adds itself, as upstreams of the proxy.</summary>
public sealed class CustomProviderTests
{
    private const string Declared = """
        { "custom_providers": [ { "slug": "in-house", "name": "In house", "base_url": "https://llm.example/v1" } ],
          "rules": [ { "name": "ours", "pattern": "/chat/completions", "match": { "provider": "custom-*" } } ] }
        """;

    [Fact]
    public async Task Custom_DeclaredByTheRules_IsAskedBelowItsBaseUrl()
    {
        await using var stage = await ProxyStage.StartAsync(Declared);
        using var made = await stage.Emulator.Management.PostAsJsonAsync("ai-gateway/custom-providers", new { name = "In house", slug = "in-house", base_url = "https://llm.example/v1", enable = true });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        stage.StoreKey("custom-in-house");

        var answer = await stage.ChatAsync(more: new { model = "custom-in-house/llama-4" });

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal("custom-in-house", answer["x-gatewayops-provider"]);
        Assert.Equal("https://llm.example/v1/chat/completions", (await stage.LastCallAsync("custom-in-house")).GetProperty("url").GetString());
        Assert.Equal(("ours", "llama-4"), ((await stage.RecordAsync(answer)).GetProperty("rule").GetString(), (await stage.RecordAsync(answer)).GetProperty("model").GetString()));
    }

    [Fact]
    public async Task Custom_NotDeclared_IsTheCallersFault()
    {
        await using var stage = await ProxyStage.StartAsync();

        var answer = await stage.ChatAsync(more: new { model = "custom-in-house/llama-4" });

        Assert.Contains("custom_providers", answer.IsError(400, "unsupported_provider").Text, StringComparison.Ordinal);
    }
}
