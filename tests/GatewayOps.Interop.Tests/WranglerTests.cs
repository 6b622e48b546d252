using System.Text.Json;

namespace GatewayOps.Interop.Tests;

/// <summary>`wrangler`, pointed at the emulator by CLOUDFLARE_API_BASE_URL.</summary>
public sealed class WranglerTests
{
    [NodeFact]
    public async Task AiModels_OfTheEmulator_AreListed()
    {
        await using var emulator = await InteropEmulator.StartAsync();

        var output = await Node.RunPackageAsync("wrangler", emulator.Environment, "ai", "models", "--json");

        Assert.True(output.ExitCode == 0, output.ToString());
        using var models = JsonDocument.Parse(output.Output);
        Assert.Contains("@cf/meta/llama-3.1-8b-instruct", models.RootElement.EnumerateArray().Select(model => model.GetProperty("name").GetString()));
    }
}
