using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare;

/// <summary>Client and emulator, written from the contract by different hands, understand each other.</summary>
public sealed class EmulatorContractTests
{
    private static readonly HttpClient Http = new(new ContractHandler(Held.Both));

    // For calls that the document does not allow, made on purpose.
    private static readonly HttpClient Free = new(new ContractHandler(Held.Answers));

    private static CloudflareClient ClientOf(TestEmulator emulator, Func<CloudflareOptions, CloudflareOptions>? change = null, bool held = true)
    {
        var options = new CloudflareOptions { AccountId = emulator.Options.AccountId, ApiToken = emulator.Options.ApiToken, BaseUrl = emulator.ApiUrl };
        return new CloudflareClient(held ? Http : Free, change?.Invoke(options) ?? options, TimeProvider.System);
    }

    private static JsonObject NewGateway(string id) => new()
    {
        ["id"] = id,
        ["cache_invalidate_on_update"] = false,
        ["cache_ttl"] = 300,
        ["collect_logs"] = true,
        ["rate_limiting_interval"] = 0,
        ["rate_limiting_limit"] = 0,
    };

    [Fact]
    public async Task Gateways_FromCreateToDelete_AreAsTheContractSays()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var gateways = ClientOf(emulator).Gateways;

        Assert.Null(await gateways.FindAsync("gw", CancellationToken.None));
        var created = await gateways.CreateAsync(NewGateway("gw"), CancellationToken.None);
        Assert.Equal(("gw", 300), (created.Id, (int?)created.Fields["cache_ttl"]));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await KindAsync(() => gateways.CreateAsync(NewGateway("gw"), CancellationToken.None)));

        var read = await gateways.FindAsync("gw", CancellationToken.None);
        read!.Fields["cache_ttl"] = 600;
        Assert.Equal(600, (int?)(await gateways.UpdateAsync("gw", read.Fields, CancellationToken.None)).Fields["cache_ttl"]);
        read.Fields["cache_ttl"] = -1;
        Assert.Equal(CloudflareErrorKind.Validation, await KindAsync(() => ClientOf(emulator, held: false).Gateways.UpdateAsync("gw", read.Fields, CancellationToken.None)));
        Assert.Equal(600, (int?)(await gateways.FindAsync("gw", CancellationToken.None))!.Fields["cache_ttl"]);

        Assert.True(await gateways.DeleteAsync("gw", CancellationToken.None));
        Assert.False(await gateways.DeleteAsync("gw", CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await KindAsync(() => ClientOf(emulator, held: false).Gateways.UpdateAsync("gw", read.Fields, CancellationToken.None)));
    }

    [Fact]
    public async Task Gateways_List_IsAllOfThem()
    {
        await using var emulator = await TestEmulator.StartAsync();
        for (var i = 0; i < 7; i++) await emulator.CreateGatewayAsync($"gw-{i}");
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"gw-{i}"), (await ListAsync(ClientOf(emulator).Gateways.ListAsync(CancellationToken.None))).Select(gateway => gateway.Id).Order());
    }

    [Fact]
    public async Task Gateways_CreatedButTheAnswerLost_IsLookedUpAndReturned()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var gateways = ClientOf(emulator).Gateways;
        await emulator.SetManagementFaultAsync(new { path = "*/gateways", method = "POST", dropResponse = true, times = 1 });
        Assert.Equal("gw", (await gateways.CreateAsync(NewGateway("gw"), CancellationToken.None)).Id);
        Assert.Single(await emulator.ManagementRequestsAsync(), request => request.GetProperty("method").GetString() == "POST");
    }

    [Fact]
    public async Task Call_Throttled_IsRepeatedAfterTheWait()
    {
        await using var emulator = await TestEmulator.StartAsync();
        await emulator.CreateGatewayAsync("gw");
        await emulator.SetManagementFaultAsync(new { path = "*/gateways/gw", status = 429, retryAfter = "1", times = 1 });
        Assert.NotNull(await ClientOf(emulator).Gateways.FindAsync("gw", CancellationToken.None));
    }

    [Fact]
    public async Task StoredKeys_FromStoreToConfig_AreAsTheContractSays()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var client = ClientOf(emulator);
        await emulator.CreateGatewayAsync("gw");

        // An account may come with its one store, or without.
        var store = (await ListAsync(client.Secrets.ListStoresAsync(CancellationToken.None))).SingleOrDefault() ?? await client.Secrets.CreateStoreAsync("keys", CancellationToken.None);
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await KindAsync(() => client.Secrets.CreateStoreAsync("second", CancellationToken.None)));

        var secret = await client.Secrets.CreateSecretAsync(store.Id, new("gw_openai_default", "sk-1", ["ai_gateway"], "note"), CancellationToken.None);
        Assert.Equal(("gw_openai_default", store.Id, "note"), (secret.Name, secret.StoreId, secret.Comment));
        Assert.Equal(["ai_gateway"], secret.Scopes);
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await KindAsync(() => client.Secrets.CreateSecretAsync(store.Id, new("gw_openai_default", "sk-1", ["ai_gateway"]), CancellationToken.None)));
        Assert.Equal(secret.Id, Assert.Single(await ListAsync(client.Secrets.ListSecretsAsync(store.Id, CancellationToken.None))).Id);
        Assert.Equal(secret.Id, (await client.Secrets.ReplaceValueAsync(store.Id, secret.Id, "sk-2", CancellationToken.None)).Id);

        var gateway = await client.Gateways.FindAsync("gw", CancellationToken.None);
        gateway!.Fields["store_id"] = store.Id;
        await client.Gateways.UpdateAsync("gw", gateway.Fields, CancellationToken.None);
        var config = await client.ProviderConfigs.CreateAsync("gw", new("openai", "default", true, secret.Id), CancellationToken.None);
        Assert.Equal(("openai", "default", true, secret.Id), (config.ProviderSlug, config.Alias, config.DefaultConfig, config.SecretId));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await KindAsync(() => client.ProviderConfigs.CreateAsync("gw", new("openai", "default", true, secret.Id), CancellationToken.None)));
        Assert.Equal(config, Assert.Single(await ListAsync(client.ProviderConfigs.ListAsync("gw", CancellationToken.None))));
        Assert.Empty(await ListAsync(client.ProviderConfigs.ListAsync("nowhere", CancellationToken.None)));

        Assert.True(await client.ProviderConfigs.DeleteAsync("gw", config.Id, CancellationToken.None));
        Assert.False(await client.ProviderConfigs.DeleteAsync("gw", config.Id, CancellationToken.None));
        Assert.True(await client.Secrets.DeleteAsync(store.Id, secret.Id, CancellationToken.None));
        Assert.False(await client.Secrets.DeleteAsync(store.Id, secret.Id, CancellationToken.None));
    }

    [Fact]
    public async Task ProviderConfigs_UnknownSecret_IsNotFoundAndTransient()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var client = ClientOf(emulator, options => options with { MaxRetries = 0, Assumptions = new() { SecretActivation = TimeSpan.Zero } });
        var store = (await ListAsync(client.Secrets.ListStoresAsync(CancellationToken.None))).SingleOrDefault() ?? await client.Secrets.CreateStoreAsync("keys", CancellationToken.None);
        await emulator.CreateGatewayAsync("gw", new Dictionary<string, object?> { ["store_id"] = store.Id });
        var failure = await Assert.ThrowsAsync<CloudflareException>(() => client.ProviderConfigs.CreateAsync("gw", new("openai", "default", true, "no-such-secret"), CancellationToken.None));
        Assert.Equal((CloudflareErrorKind.NotFound, true), (failure.Kind, failure.IsTransient));
    }

    [Fact]
    public async Task Tokens_RightAndWrong_AreTold()
    {
        await using var emulator = await TestEmulator.StartAsync();
        Assert.Equal("active", (await ClientOf(emulator).Tokens.VerifyAsync(CancellationToken.None)).Status);
        var wrong = ClientOf(emulator, options => options with { ApiToken = "wrong" });
        Assert.Equal(CloudflareErrorKind.Authentication, await KindAsync(() => wrong.Tokens.VerifyAsync(CancellationToken.None)));
        Assert.Contains(await KindAsync(() => wrong.Gateways.FindAsync("gw", CancellationToken.None)), new[] { CloudflareErrorKind.Authentication, CloudflareErrorKind.Permission });
    }

    [Fact]
    public async Task Account_Unknown_IsNeverAnAbsentGateway()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var stranger = ClientOf(emulator, options => options with { AccountId = "another-account" });
        await Assert.ThrowsAsync<CloudflareException>(() => stranger.Gateways.FindAsync("gw", CancellationToken.None));
    }

    [Fact]
    public async Task Logs_OfAnEmptyGateway_AreEmptyAndOfNoGatewayAbsent()
    {
        await using var emulator = await TestEmulator.StartAsync();
        var logs = ClientOf(emulator).Logs;
        await emulator.CreateGatewayAsync("gw");
        Assert.Empty(await ListAsync(logs.ListAsync("gw", new LogQuery { Since = DateTimeOffset.UnixEpoch }, CancellationToken.None)));
        Assert.Null(await logs.FindAsync("gw", "01ARZ3NDEKTSV4RRFFQ69G5FAV", CancellationToken.None));
        Assert.Null(await logs.RequestBodyAsync("gw", "01ARZ3NDEKTSV4RRFFQ69G5FAV", CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await KindAsync(() => ListAsync(logs.ListAsync("nowhere", new(), CancellationToken.None))));
    }

    private static async Task<CloudflareErrorKind> KindAsync<T>(Func<Task<T>> call) => (await Assert.ThrowsAsync<CloudflareException>(call)).Kind;

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }
}
