using System.Net;
using System.Text;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.SecretsStore;

/// <summary>The way of a secret from pending to deleted, the order of lists, and what a deletion takes.</summary>
public sealed class SecretLifeTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private string _store = "";

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { SecretActivationDelay = TimeSpan.FromSeconds(3) });
        _store = $"secrets_store/stores/{(await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "main" })).Result.GetProperty("id").GetString()}";
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private async Task<string> AddAsync(string name, string? comment = null, params string[] scopes)
    {
        var answer = await _emulator.Management.PostAnswerAsync($"{_store}/secrets", new[] { new { name, value = "v", comment, scopes = scopes.Length == 0 ? ["workers"] : scopes } });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Result[0].GetProperty("id").GetString()!;
    }

    private Task<ManagementAnswer> GetAsync(string path = "") => _emulator.Management.GetAnswerAsync($"{_store}/secrets{path}");

    private static string Names(ManagementAnswer answer) => string.Concat(answer.Result.EnumerateArray().Select(secret => secret.GetProperty("name").GetString()));

    [Fact]
    [Operation("createSecrets", "getSecret", "deleteSecret", "listSecrets")]
    public async Task Secret_IsPendingThenActiveThenDeletedThenGone()
    {
        var id = await AddAsync("a");
        Assert.Equal("pending", (await GetAsync($"/{id}")).Result.GetProperty("status").GetString());
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(3));
        Assert.Equal("active", (await GetAsync($"/{id}")).Result.GetProperty("status").GetString());
        Assert.Equal("active", (await GetAsync()).Result[0].GetProperty("status").GetString());
        Assert.Equal("deleted", (await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}/secrets/{id}")).Result.GetProperty("status").GetString());
        Assert.Equal(["1001 secret_not_found"], (await GetAsync($"/{id}")).Errors);
        // Its name is free again.
        await AddAsync("a");
    }

    [Theory]
    [InlineData("", "cab")]
    [InlineData("?direction=desc", "bac")]
    [InlineData("?order=name", "abc")]
    [InlineData("?order=name&direction=desc", "cba")]
    [InlineData("?order=comment", "bca")]
    [InlineData("?order=modified", "cba")]
    [InlineData("?order=created", "cab")]
    [InlineData("?order=status&direction=desc", "cab")]
    [InlineData("?order=status", "bca")]
    [InlineData("?scopes=dex", "a")]
    [InlineData("?scopes=dex&scopes=access&order=name", "ac")]
    [InlineData("?search=B", "b")]
    [InlineData("?per_page=2&page=2", "b")]
    [InlineData("?page=9", "")]
    [Operation("listSecrets")]
    public async Task List_OrderedAndFiltered_IsAsAsked(string query, string expected)
    {
        await AddAsync("c", "x", "access", "workers");
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(1));
        var a = await AddAsync("a", "y", "dex");
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(2));
        // The third is still pending when the others are active.
        await AddAsync("b");
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(1));
        await _emulator.Management.CallAsync(HttpMethod.Patch, $"{_store}/secrets/{a}", new { comment = "z" });

        Assert.Equal(expected, Names(await GetAsync(query)));
    }

    [Theory]
    [InlineData("secrets?order=value", "order")]
    [InlineData("secrets?direction=up", "direction")]
    [InlineData("secrets?scopes=everything", "scopes")]
    [InlineData("secrets?per_page=0", "per_page")]
    [InlineData("secrets?per_page=101", "per_page")]
    [InlineData("?order=comment", "order")]
    [InlineData("?direction=up", "direction")]
    [InlineData("?page=0", "page")]
    [Operation("listStores", "listSecrets")]
    public async Task List_BadParameter_IsNamed(string query, string parameter)
    {
        var path = query.StartsWith('?') ? $"secrets_store/stores{query}" : $"{_store}/{query}";
        Assert.StartsWith($"7001 query.{parameter} ", Assert.Single((await _emulator.Management.GetAnswerAsync(path)).Errors));
    }

    [Fact]
    [Operation("editSecret")]
    public async Task Patch_EachMember_KeepsTheOthers()
    {
        var id = await AddAsync("a", "before", "workers");
        var before = (await GetAsync($"/{id}")).Result;
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(1));
        async Task<string> PatchAsync(object body) => (await _emulator.Management.CallAsync(HttpMethod.Patch, $"{_store}/secrets/{id}", body)).Result.GetProperty("comment").GetString()!;

        Assert.Equal("after", await PatchAsync(new { comment = "after" }));
        Assert.Equal("after", await PatchAsync(new { scopes = new[] { "workers", "ai_gateway", "workers" } }));
        Assert.Equal("after", await PatchAsync(new { value = "w", name = "other" }));

        var after = (await GetAsync($"/{id}")).Result;
        Assert.Equal(("a", """["ai_gateway","workers"]"""), (after.GetProperty("name").GetString(), after.GetProperty("scopes").GetRawText()));
        Assert.Equal("w", _emulator.Account.Store!.Find(id)!.Value);
        Assert.Equal(before.GetProperty("created").GetString(), after.GetProperty("created").GetString());
        Assert.NotEqual(before.GetProperty("modified").GetString(), after.GetProperty("modified").GetString());
    }

    [Theory]
    [InlineData("""{"scopes":[]}""", "secret_scopes_empty")]
    [InlineData("""{"scopes":"workers"}""", "secret_scopes_empty")]
    [InlineData("""{"scopes":["workers",7]}""", "secret_scope_invalid")]
    [InlineData("""{"value":""}""", "secret_value_empty")]
    [InlineData("""{"value":7}""", "secret_value_empty")]
    [InlineData("""{"comment":7}""", "invalid_json_body")]
    [InlineData("""[]""", "invalid_json_body")]
    [InlineData("""{""", "invalid_json_body")]
    [Operation("editSecret")]
    public async Task Patch_BadBody_ChangesNothing(string body, string error)
    {
        var id = await AddAsync("a", "c");
        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{_store}/secrets/{id}", new StringContent(body));

        Assert.Equal((HttpStatusCode.BadRequest, $"1001 {error}"), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Equal(("v", "c"), (_emulator.Account.Store!.Find(id)!.Value, _emulator.Account.Store.Find(id)!.Comment));
    }

    [Theory]
    [InlineData(65_536, HttpStatusCode.OK)]
    [InlineData(65_537, HttpStatusCode.BadRequest)]
    public async Task Create_LongestValue_CountsBytes(int bytes, HttpStatusCode status)
    {
        var value = new string('é', bytes / 2) + new string('a', bytes % 2);
        Assert.Equal(bytes, Encoding.UTF8.GetByteCount(value));
        Assert.Equal(status, (await _emulator.Management.PostAnswerAsync($"{_store}/secrets", new[] { new { name = "a", value, scopes = new[] { "workers" } } })).Status);
    }

    [Fact]
    [Operation("getSecretsQuota", "createSecrets")]
    public async Task Quota_Full_TakesNoMoreAndCountsDownAgain()
    {
        async Task<string> QuotaAsync() => (await _emulator.Management.GetAnswerAsync("secrets_store/quota")).Result.GetRawText();
        var answer = await _emulator.Management.PostAnswerAsync($"{_store}/secrets", Enumerable.Range(1, 100).Select(number => new { name = $"s{number}", value = "v", scopes = new[] { "dex" } }));
        Assert.Equal(100, answer.Result.GetArrayLength());
        Assert.Equal("""{"secrets":{"quota":100,"usage":100}}""", await QuotaAsync());

        var one = new[] { new { name = "more", value = "v", scopes = new[] { "dex" } } };
        Assert.Equal(["1003 maximum_secrets_exceeded"], (await _emulator.Management.PostAnswerAsync($"{_store}/secrets", one)).Errors);
        var copied = answer.Result[0].GetProperty("id").GetString();
        Assert.Equal(["1003 maximum_secrets_exceeded"], (await _emulator.Management.PostAnswerAsync($"{_store}/secrets/{copied}/duplicate", new { name = "copy", scopes = new[] { "dex" } })).Errors);
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}/secrets/{copied}");
        Assert.Equal("""{"secrets":{"quota":100,"usage":99}}""", await QuotaAsync());
        Assert.Equal(HttpStatusCode.OK, (await _emulator.Management.PostAnswerAsync($"{_store}/secrets", one)).Status);
    }

    [Fact]
    [Operation("bulkDeleteSecrets")]
    public async Task BulkDelete_ByIdsOrAll_AndNothingWhenItIsNotUnderstood()
    {
        var a = await AddAsync("a");
        await AddAsync("b");
        await AddAsync("c");
        Task<ManagementAnswer> DeleteAsync(string? body) =>
            _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}/secrets", body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"));

        foreach (var body in new[] { "{", "{}", "null", "[7]", """[{"name":"a"}]""", """[{"id":7}]""" })
            Assert.Equal(["1001 invalid_json_body"], (await DeleteAsync(body)).Errors);
        Assert.Equal("abc", Names(await GetAsync("?order=name")));
        Assert.Equal("a", Names(await DeleteAsync($$"""[{"id":"{{a}}"},{"id":"unknown"}]""")));
        Assert.Equal("bc", Names(await DeleteAsync(null)));
        Assert.Empty((await GetAsync()).Result.EnumerateArray());
    }

    [Fact]
    [Operation("deleteStore", "createStore", "getStore")]
    public async Task Store_OfWhichOneIs_MayBeMadeAnew()
    {
        await AddAsync("a");
        Assert.Equal(["7001 query.force Expected boolean, received string"], (await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}?force=please")).Errors);
        Assert.Equal(["1003 store_not_empty"], (await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}?force=false")).Errors);
        Assert.Equal(HttpStatusCode.OK, (await _emulator.Management.CallAsync(HttpMethod.Delete, $"{_store}?force=true")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "1001 store_not_found"), ((await _emulator.Management.GetAnswerAsync(_store)).Status, Assert.Single((await GetAsync()).Errors)));

        var made = await _emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "next" });
        Assert.Equal("next", (await _emulator.Management.GetAnswerAsync($"secrets_store/stores/{made.Result.GetProperty("id").GetString()}")).Result.GetProperty("name").GetString());
        Assert.Equal("""{"secrets":{"quota":100,"usage":0}}""", (await _emulator.Management.GetAnswerAsync("secrets_store/quota")).Result.GetRawText());
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("GET", "/secrets")]
    [InlineData("POST", "/secrets")]
    [InlineData("DELETE", "/secrets")]
    [InlineData("GET", "/secrets/x")]
    [InlineData("PATCH", "/secrets/x")]
    [InlineData("DELETE", "/secrets/x")]
    [InlineData("POST", "/secrets/x/duplicate")]
    public async Task Any_UnknownStore_Is1001(string method, string path)
    {
        var answer = await _emulator.Management.CallAsync(new HttpMethod(method), $"secrets_store/stores/unknown{path}", method is "GET" or "DELETE" ? null : Array.Empty<object>());
        Assert.Equal((HttpStatusCode.NotFound, "1001 store_not_found"), (answer.Status, Assert.Single(answer.Errors)));
    }
}
