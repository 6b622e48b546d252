using System.Text.Json;
using System.Text.RegularExpressions;

namespace GatewayOps.Interop.Tests;

/// <summary>`wrangler`, pointed at the emulator by CLOUDFLARE_API_BASE_URL.</summary>
public sealed partial class WranglerTests
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

    [NodeFact]
    public async Task SecretsStore_StoreAndSecret_AreMadeListedAndDeleted()
    {
        await using var emulator = await InteropEmulator.StartAsync();
        async Task<string> RunAsync(params string[] arguments)
        {
            var output = await Node.RunPackageAsync("wrangler", emulator.Environment, ["secrets-store", .. arguments, "--remote"]);
            Assert.True(output.ExitCode == 0, output.ToString());
            return output.Output;
        }

        var store = Id().Match(await RunAsync("store", "create", "keys")).Value;
        Assert.Contains(store, await RunAsync("store", "list"), StringComparison.Ordinal);
        await RunAsync("secret", "create", store, "--name", "prod_openai_default", "--value", "sk-canary", "--scopes", "workers");
        var listed = await RunAsync("secret", "list", store);
        Assert.Contains("prod_openai_default", listed, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-canary", listed, StringComparison.Ordinal);

        var secret = Id().Matches(listed).Select(match => match.Value).First(id => id != store);
        await RunAsync("secret", "update", store, "--secret-id", secret, "--scopes", "workers", "--comment", "rotated");
        Assert.Contains("rotated", await RunAsync("secret", "get", store, "--secret-id", secret), StringComparison.Ordinal);
        await RunAsync("secret", "delete", store, "--secret-id", secret);
        await RunAsync("store", "delete", store);
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", emulator.Environment["CLOUDFLARE_API_TOKEN"]) } };
        using var stores = JsonDocument.Parse(await http.GetStringAsync($"{emulator.Environment["CLOUDFLARE_BASE_URL"]}/accounts/{emulator.Environment["CLOUDFLARE_ACCOUNT_ID"]}/secrets_store/stores"));
        Assert.Empty(stores.RootElement.GetProperty("result").EnumerateArray());
    }

    [GeneratedRegex(@"\b[0-9a-f]{32}\b")]
    private static partial Regex Id();
}
