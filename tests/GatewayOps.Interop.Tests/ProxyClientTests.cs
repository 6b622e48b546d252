using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Interop.Tests;

/// <summary>Clients of model providers, unmodified, that were given the proxy's address and a token of it, and nothing else.</summary>
public sealed class ProxyClientTests
{
    [NodeTheory, Trait("checklist", "S2-14")]
    [InlineData("proxy-openai")]
    [InlineData("proxy-anthropic")]
    [InlineData("proxy-langchain")]
    [InlineData("proxy-ai-sdk")]
    public async Task ProviderClient_AtTheProxy_FindsItsProvider(string script) => await CompletesAsync(script, _ => "/v1");

    /// <summary>LangChain with the base URL that it has at Cloudflare, but for the host. Source: checklist S0-01, S0-11.</summary>
    [NodeTheory, Trait("checklist", "S0-01"), Trait("checklist", "S0-11")]
    [InlineData("openai")]
    [InlineData("compat")]
    public async Task LangChain_AtTheCloudflareShape_FindsItsProvider(string segment) => await CompletesAsync("proxy-langchain", account => $"/v1/{account}/{ProxyStage.Gateway}/{segment}");

    private static async Task CompletesAsync(string script, Func<string, string> pathOf)
    {
        await using var stage = await ProxyStage.StartAsync();

        await Node.CompletesAsync(script, new Dictionary<string, string>
        {
            ["PROXY_URL"] = stage.Service.BaseUrl.ToString().TrimEnd('/') + pathOf(stage.Emulator.Options.AccountId),
            ["PROXY_TOKEN"] = TestService.ProxyToken,
            ["OPERATOR_TOKEN"] = TestService.OperatorToken,
            ["EMULATOR_URL"] = stage.Emulator.BaseUrl.ToString().TrimEnd('/'),
        });
    }
}
