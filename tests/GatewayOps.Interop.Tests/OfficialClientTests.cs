namespace GatewayOps.Interop.Tests;

/// <summary>Official clients, unmodified, against the emulator: a script of scripts/ for each area, which fails with what was not as expected.</summary>
public sealed class OfficialClientTests
{
    /// <summary>The TypeScript SDK of Cloudflare: create, read, list to the end, update, delete, and refusals as its typed errors.</summary>
    [NodeTheory]
    [InlineData("gateways")]
    [InlineData("settings")]
    [InlineData("logs")]
    [InlineData("keys")]
    [InlineData("custom-providers")]
    [InlineData("routes")]
    [InlineData("evaluations")]
    [InlineData("billing")]
    [InlineData("tokens")]
    [InlineData("telemetry")]
    [InlineData("workers-ai")]
    [InlineData("client-behaviour")]
    public Task CloudflareSdk_OfAnArea_FindsTheContract(string script) => RunsAsync(script);

    /// <summary>The clients of model providers, on the data plane.</summary>
    [NodeTheory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    [InlineData("langchain")]
    public Task ProviderClient_OnTheGateway_FindsItsProvider(string script) => RunsAsync(script);

    private static async Task RunsAsync(string script)
    {
        await using var emulator = await InteropEmulator.StartAsync();

        await Node.CompletesAsync(script, emulator.Environment);
    }
}
