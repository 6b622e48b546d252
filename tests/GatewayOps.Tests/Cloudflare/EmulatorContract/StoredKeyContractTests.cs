using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

/// <summary>The Secrets Store, and the provider configs that refer to it.</summary>
public sealed class StoredKeyContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private CloudflareClient _client = null!;
    private SecretStore _store = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _client = _emulator.Client();
        // An account may come with its one store, or without.
        _store = (await _client.Secrets.ListStoresAsync(CancellationToken.None).AllAsync()).SingleOrDefault() ?? await _client.Secrets.CreateStoreAsync("keys", CancellationToken.None);
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("listStores", "createStore", "getStore", "deleteStore")]
    public async Task Stores_OneOfAnAccount_GoesOnlyWhenItIsEmptyOrForced()
    {
        var secrets = _client.Secrets;
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await secrets.CreateStoreAsync("second", CancellationToken.None).KindAsync());
        Assert.Equal(_store.Name, (await secrets.FindStoreAsync(_store.Id, CancellationToken.None))!.Name);
        await secrets.CreateSecretAsync(_store.Id, new("a", "v", ["ai_gateway"]), CancellationToken.None);
        Assert.Equal(CloudflareErrorKind.Conflict, await _emulator.Client(options => options with { MaxRetries = 0 }).Secrets.DeleteStoreAsync(_store.Id, force: false, CancellationToken.None).KindAsync());
        Assert.True(await secrets.DeleteStoreAsync(_store.Id, force: true, CancellationToken.None));
        Assert.False(await secrets.DeleteStoreAsync(_store.Id, force: true, CancellationToken.None));
        Assert.Null(await secrets.FindStoreAsync(_store.Id, CancellationToken.None));
        Assert.Empty(await secrets.ListStoresAsync(CancellationToken.None).AllAsync());
        Assert.Equal("again", (await secrets.CreateStoreAsync("again", CancellationToken.None)).Name);
    }

    [Fact, Operation("createSecrets", "listSecrets", "getSecret", "editSecret", "deleteSecret")]
    public async Task Secrets_FromCreateToDelete_NeverGiveTheirValueBack()
    {
        var secrets = _client.Secrets;
        var made = await secrets.CreateSecretAsync(_store.Id, new("gw_openai_default", "sk-canary", ["workers", "ai_gateway"], "note"), CancellationToken.None);
        Assert.Equal(("gw_openai_default", _store.Id, "note"), (made.Name, made.StoreId, made.Comment));
        Assert.Equal(["ai_gateway", "workers"], made.Scopes);
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await secrets.CreateSecretAsync(_store.Id, new("gw_openai_default", "sk-2", ["ai_gateway"]), CancellationToken.None).KindAsync());

        var changed = await secrets.UpdateAsync(_store.Id, made.Id, new SecretChange { Value = "sk-canary-2", Scopes = ["ai_gateway"], Comment = "other" }, CancellationToken.None);
        Assert.Equal((made.Id, "other"), (changed.Id, changed.Comment));
        Assert.Equal(["ai_gateway"], (await secrets.FindSecretAsync(_store.Id, made.Id, CancellationToken.None))!.Scopes);
        Assert.Equal(CloudflareErrorKind.NotFound, await secrets.ReplaceValueAsync(_store.Id, "none", "x", CancellationToken.None).KindAsync());
        Assert.DoesNotContain("canary", made.ToString() + changed, StringComparison.Ordinal);

        Assert.True(await secrets.DeleteAsync(_store.Id, made.Id, CancellationToken.None));
        Assert.False(await secrets.DeleteAsync(_store.Id, made.Id, CancellationToken.None));
        Assert.DoesNotContain(await secrets.ListSecretsAsync(_store.Id, CancellationToken.None).AllAsync(), secret => secret.Id == made.Id && secret.Status != "deleted");
    }

    [Fact, Operation("createSecrets", "listSecrets", "getSecretsQuota", "bulkDeleteSecrets")]
    public async Task Secrets_Many_AreListedToTheEndCountedAndDeletedAtOnce()
    {
        var secrets = _client.Secrets;
        var before = await secrets.QuotaAsync(CancellationToken.None);
        await secrets.CreateSecretsAsync(_store.Id, [.. Enumerable.Range(0, 60).Select(i => new NewSecret($"n{i:00}", "v", [i % 2 == 0 ? "ai_gateway" : "workers"]))], CancellationToken.None);
        Assert.Equal(before.Usage + 60, (await secrets.QuotaAsync(CancellationToken.None)).Usage);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"n{i:00}"), (await secrets.ListSecretsAsync(_store.Id, new SecretQuery { OrderBy = "name", Ascending = true }, CancellationToken.None).AllAsync()).Select(secret => secret.Name));
        Assert.Equal(30, (await secrets.ListSecretsAsync(_store.Id, new SecretQuery { Scopes = ["workers"] }, CancellationToken.None).AllAsync()).Count);
        Assert.Equal("n07", Assert.Single(await secrets.ListSecretsAsync(_store.Id, new SecretQuery { Search = "n07" }, CancellationToken.None).AllAsync()).Name);
        await secrets.DeleteAllAsync(_store.Id, CancellationToken.None);
        Assert.DoesNotContain(await secrets.ListSecretsAsync(_store.Id, CancellationToken.None).AllAsync(), secret => secret.Status != "deleted");
    }

    [Fact, Operation("duplicateSecret")]
    public async Task Duplicate_OfASecret_IsOneOfItsOwn()
    {
        var secrets = _client.Secrets;
        var first = await secrets.CreateSecretAsync(_store.Id, new("first", "v", ["workers"]), CancellationToken.None);
        var second = await secrets.DuplicateAsync(_store.Id, first.Id, "second", ["ai_gateway"], "copy", CancellationToken.None);
        Assert.NotEqual(first.Id, second.Id);
        Assert.True(await secrets.DeleteAsync(_store.Id, first.Id, CancellationToken.None));
        Assert.Equal(("second", "copy"), ((await secrets.FindSecretAsync(_store.Id, second.Id, CancellationToken.None))!.Name, second.Comment));
        Assert.Equal(CloudflareErrorKind.NotFound, await secrets.DuplicateAsync(_store.Id, "none", "third", ["ai_gateway"], null, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("createProviderConfig", "listProviderConfigs", "deleteProviderConfig")]
    public async Task ProviderConfigs_FromCreateToDelete_AreAsTheContractSays()
    {
        await _emulator.CreateGatewayAsync("gw", new Dictionary<string, object?> { ["store_id"] = _store.Id });
        var secret = await _client.Secrets.CreateSecretAsync(_store.Id, new("gw_openai_default", "sk-1", ["ai_gateway"]), CancellationToken.None);
        var configs = _client.ProviderConfigs;
        var config = await configs.CreateAsync("gw", new("openai", "default", true, secret.Id) { RateLimit = 10, RateLimitPeriod = TimeSpan.FromMinutes(2) }, CancellationToken.None);
        Assert.Equal(("openai", "default", true, secret.Id, "gw"), (config.ProviderSlug, config.Alias, config.DefaultConfig, config.SecretId, config.GatewayId));
        Assert.Equal((10m, TimeSpan.FromMinutes(2)), (config.RateLimit, config.RateLimitPeriod));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await configs.CreateAsync("gw", new("openai", "default", true, secret.Id), CancellationToken.None).KindAsync());
        Assert.Equal(config, Assert.Single(await configs.ListAsync("gw", CancellationToken.None).AllAsync()));
        Assert.Empty(await configs.ListAsync("nowhere", CancellationToken.None).AllAsync());

        Assert.True(await configs.DeleteAsync("gw", config.Id, CancellationToken.None));
        Assert.False(await configs.DeleteAsync("gw", config.Id, CancellationToken.None));
        Assert.Empty(await configs.ListAsync("gw", CancellationToken.None).AllAsync());
    }

    [Fact, Operation("createProviderConfig")]
    public async Task ProviderConfigs_UnknownSecret_IsNotFoundAndTransient()
    {
        await _emulator.CreateGatewayAsync("gw", new Dictionary<string, object?> { ["store_id"] = _store.Id });
        var configs = _emulator.Client(options => options with { MaxRetries = 0, Assumptions = new() { SecretActivation = TimeSpan.Zero } }).ProviderConfigs;
        var failure = await configs.CreateAsync("gw", new("openai", "default", true, "no-such-secret"), CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.NotFound, true), (failure.Kind, failure.IsTransient));
    }
}
