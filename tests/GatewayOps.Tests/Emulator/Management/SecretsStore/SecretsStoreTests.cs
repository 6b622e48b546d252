using System.Net;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.SecretsStore;

public sealed class SecretsStoreTests : IAsyncLifetime
{
    private const string Canary = "sk-canary-5f1d";
    private TestEmulator _emulator = null!;
    private string _secrets = "";

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxSecrets = 3 });
        var store = await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "main" });
        _secrets = $"secrets_store/stores/{store.Result.GetProperty("id").GetString()}/secrets";
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private Task<ManagementAnswer> CreateAsync(params string[] names) =>
        _emulator.Management.PostAnswerAsync(_secrets, names.Select(name => new { name, value = Canary, scopes = new[] { "workers", "ai_gateway" } }));

    [Fact, Operation("createStore", "listStores")]
    public async Task CreateStore_Second_Is1003()
    {
        var answer = await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "other" });

        Assert.Equal((HttpStatusCode.BadRequest, "1003 maximum_stores_exceeded"), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Equal("main", Assert.Single((await _emulator.Management.GetAnswerAsync("secrets_store/stores")).Result.EnumerateArray()).GetProperty("name").GetString());
    }

    [Fact, Operation("createSecrets")]
    public async Task Create_Secret_IsShownWithoutItsValue()
    {
        var answer = await CreateAsync("key");

        var secret = answer.Result[0];
        Assert.Equal("active", secret.GetProperty("status").GetString());
        Assert.Equal("""["ai_gateway","workers"]""", secret.GetProperty("scopes").GetRawText());
        Assert.DoesNotContain(Canary, answer.Body.GetRawText());
        Assert.DoesNotContain(Canary, _emulator.Account.Store!.Secrets[0].ToString());
        Assert.Equal(Canary, _emulator.Account.Store!.Secrets[0].Value);
    }

    public static TheoryData<object, string> BadSecrets { get; } = new()
    {
        { new { name = "a", value = "v", scopes = new[] { "workers" } }, "1001 invalid_json_body" },
        { Array.Empty<object>(), "1001 invalid_json_body" },
        { new object[] { "a" }, "1001 invalid_json_body" },
        { new[] { new { name = "", value = "v", scopes = new[] { "workers" } } }, "1001 secret_name_empty" },
        { new[] { new { name = "a", value = "v", scopes = Array.Empty<string>() } }, "1001 secret_scopes_empty" },
        { new[] { new { name = "a", value = "v", scopes = new[] { "everything" } } }, "1001 secret_scope_invalid" },
        { new[] { new { name = "a", value = new string('v', 65_537), scopes = new[] { "workers" } } }, "1001 secret_value_too_long" },
    };

    [Theory]
    [MemberData(nameof(BadSecrets), DisableDiscoveryEnumeration = true)]
    public async Task Create_BadBody_NamesTheRule(object body, string error)
    {
        var answer = await _emulator.Management.PostAnswerAsync(_secrets, body);

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Fact, Operation("createSecrets", "getSecretsQuota")]
    public async Task Create_NameTakenOrQuotaFull_AddsNoneOfThem()
    {
        await CreateAsync("one");

        Assert.Equal(["1003 secret_name_already_exists"], (await CreateAsync("two", "one")).Errors);
        Assert.Equal(["1003 secret_name_already_exists"], (await CreateAsync("two", "two")).Errors);
        Assert.Equal(["1003 maximum_secrets_exceeded"], (await CreateAsync("two", "three", "four")).Errors);
        Assert.Equal("""{"quota":3,"usage":1}""", (await _emulator.Management.GetAnswerAsync("secrets_store/quota")).Result.GetProperty("secrets").GetRawText());
    }

    [Fact, Operation("editSecret")]
    public async Task Patch_Value_IsUsedAndKeepsTheRest()
    {
        var id = (await CreateAsync("key")).Result[0].GetProperty("id").GetString();

        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{_secrets}/{id}", new { value = "sk-new" });

        Assert.Equal("""["ai_gateway","workers"]""", answer.Result.GetProperty("scopes").GetRawText());
        Assert.Equal("sk-new", _emulator.Account.Store!.Find(id!)!.Value);
    }

    [Fact, Operation("duplicateSecret")]
    public async Task Duplicate_Secret_CarriesTheValueUnderTheNewName()
    {
        var id = (await CreateAsync("key")).Result[0].GetProperty("id").GetString();

        var copy = await _emulator.Management.PostAnswerAsync($"{_secrets}/{id}/duplicate", new { name = "copy", scopes = new[] { "workers" } });
        var taken = await _emulator.Management.PostAnswerAsync($"{_secrets}/{id}/duplicate", new { name = "key", scopes = new[] { "workers" } });

        Assert.Equal(Canary, _emulator.Account.Store!.Find(copy.Result.GetProperty("id").GetString()!)!.Value);
        Assert.Equal(["1003 secret_name_already_exists"], taken.Errors);
    }

    [Fact, Operation("listSecrets")]
    public async Task List_FilteredAndOrdered_PagesThem()
    {
        await CreateAsync("b_key", "a_key", "c_other");

        var answer = await _emulator.Management.GetAnswerAsync($"{_secrets}?search=key&order=name&direction=desc&scopes=workers&per_page=1&page=2");

        Assert.Equal("a_key", Assert.Single(answer.Result.EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(2, answer.Body.GetProperty("result_info").GetProperty("total_count").GetInt32());
    }

    [Fact, Operation("getSecret", "listSecrets")]
    public async Task Any_UnknownStoreOrSecret_Is1001()
    {
        Assert.Equal(["1001 store_not_found"], (await _emulator.Management.GetAnswerAsync("secrets_store/stores/nowhere/secrets")).Errors);
        var secret = await _emulator.Management.GetAnswerAsync($"{_secrets}/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "1001 secret_not_found"), (secret.Status, Assert.Single(secret.Errors)));
    }

    [Fact, Operation("getStore", "bulkDeleteSecrets")]
    public async Task DeleteSecrets_WithoutNames_EmptiesTheStore()
    {
        await CreateAsync("one", "two");
        var store = _secrets[.._secrets.LastIndexOf('/')];

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, _secrets);

        Assert.Equal(HttpStatusCode.OK, deleted.Status);
        Assert.Empty((await _emulator.Management.GetAnswerAsync(_secrets)).Result.EnumerateArray());
        Assert.Equal("main", (await _emulator.Management.GetAnswerAsync(store)).Result.GetProperty("name").GetString());
        Assert.Equal(["1001 store_not_found"], (await _emulator.Management.GetAnswerAsync("secrets_store/stores/nowhere")).Errors);
    }

    [Fact, Operation("deleteStore")]
    public async Task DeleteStore_NotEmpty_NeedsForce()
    {
        await CreateAsync("key");
        var store = _secrets[.._secrets.LastIndexOf('/')];

        var refused = await _emulator.Management.CallAsync(HttpMethod.Delete, store);
        var forced = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{store}?force=true");

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal(HttpStatusCode.OK, forced.Status);
        Assert.Empty((await _emulator.Management.GetAnswerAsync("secrets_store/stores")).Result.EnumerateArray());
    }

    [Fact, Operation("deleteSecret")]
    public async Task Delete_Secret_SaysDeletedOnce()
    {
        var id = (await CreateAsync("key")).Result[0].GetProperty("id").GetString();

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_secrets}/{id}");
        var again = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_secrets}/{id}");

        Assert.Equal("deleted", deleted.Result.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
    }
}
