using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;

namespace GatewayOps.Interop.Tests;

/// <summary>Clients of model providers, unmodified, that were given the proxy's address and a token of it, and nothing else.</summary>
public sealed class ProxyClientTests
{
    [NodeTheory]
    [InlineData("proxy-openai")]
    [InlineData("proxy-anthropic")]
    [InlineData("proxy-langchain")]
    [InlineData("proxy-ai-sdk")]
    public async Task ProviderClient_AtTheProxy_FindsItsProvider(string script)
    {
        await using var stage = await ProxyStage.StartAsync();

        await Node.CompletesAsync(script, new Dictionary<string, string>
        {
            ["PROXY_URL"] = $"{stage.Service.BaseUrl.ToString().TrimEnd('/')}/v1",
            ["PROXY_TOKEN"] = TestService.ProxyToken,
            ["OPERATOR_TOKEN"] = TestService.OperatorToken,
            ["EMULATOR_URL"] = stage.Emulator.BaseUrl.ToString().TrimEnd('/'),
        });
    }
}
