using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;

namespace GatewayOps.Tests.Cloudflare;

public sealed class SecretClientTests
{
    private const string Secret = """{"id":"s1","name":"n","status":"active","store_id":"st","created":"2026-01-01T00:00:00Z","modified":"2026-01-02T00:00:00Z","scopes":["ai_gateway"]}""";

    [Fact]
    public async Task CreateSecrets_Several_GoAsOneArrayAndComeBackInOrder()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok($$"""[{{Secret}},{"id":"s2","name":"m"}]"""));
        var made = await stub.Client().Secrets.CreateSecretsAsync("st", [new("n", "v1", ["ai_gateway"]), new("m", "v2", ["workers", "access"])], CancellationToken.None);
        Assert.Equal(["s1", "s2"], made.Select(secret => secret.Id));
        Assert.Equal("""POST secrets_store/stores/st/secrets [{"name":"n","value":"v1","scopes":["ai_gateway"]},{"name":"m","value":"v2","scopes":["access","workers"]}]""", stub.Asked);
    }

    [Fact]
    public async Task CreateSecrets_FewerComeBack_IsAProtocolFailure()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        var failure = await stub.Client().Secrets.CreateSecretAsync("st", new("n", "v1", ["ai_gateway"]), CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Protocol, true), (failure.Kind, failure.IsAmbiguous));
    }

    [Fact]
    public async Task Find_Secret_HasItsTimes()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Secret), Answer.Error(404, 1001, "secret_not_found"));
        var secret = await stub.Client().Secrets.FindSecretAsync("st", "s1", CancellationToken.None);
        Assert.Equal((new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero), "active"), (secret!.Modified, secret.Status));
        Assert.Null(await stub.Client().Secrets.FindSecretAsync("st", "s1", CancellationToken.None));
        Assert.Equal("GET secrets_store/stores/st/secrets/s1", stub.Requests[1].ToString());
    }

    [Fact]
    public async Task List_Query_RepeatsTheScopes()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        await stub.Client().Secrets.ListSecretsAsync("st", new SecretQuery { OrderBy = "name", Ascending = false, Search = "gw", Scopes = ["ai_gateway", "dex"] }, CancellationToken.None).AllAsync();
        Assert.Equal("GET secrets_store/stores/st/secrets?page=1&per_page=50&order=name&direction=desc&search=gw&scopes=ai_gateway&scopes=dex", stub.Asked);
    }

    [Fact]
    public async Task Update_ScopesAndComment_SendsThemAlone()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Secret));
        await stub.Client().Secrets.UpdateAsync("st", "s1", new SecretChange { Scopes = ["workers", "ai_gateway"], Comment = "" }, CancellationToken.None);
        Assert.Equal("""PATCH secrets_store/stores/st/secrets/s1 {"scopes":["ai_gateway","workers"],"comment":""}""", stub.Asked);
        Assert.DoesNotContain("canary", new SecretChange { Value = "canary" }.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Duplicate_Secret_NeverHoldsTheValue()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Secret));
        Assert.Equal("s1", (await stub.Client().Secrets.DuplicateAsync("st", "s0", "n", ["ai_gateway"], "copy", CancellationToken.None)).Id);
        Assert.Equal("""POST secrets_store/stores/st/secrets/s0/duplicate {"name":"n","scopes":["ai_gateway"],"comment":"copy"}""", stub.Asked);
    }

    [Fact]
    public async Task DeleteAll_And_Quota_HaveNoBody()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("null"), Answer.Ok("""{"secrets":{"quota":100,"usage":3}}"""));
        await stub.Client().Secrets.DeleteAllAsync("st", CancellationToken.None);
        Assert.Equal(new SecretQuota(100, 3), await stub.Client().Secrets.QuotaAsync(CancellationToken.None));
        Assert.Equal(["DELETE secrets_store/stores/st/secrets", "GET secrets_store/quota"], stub.Requests.Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task Stores_FindAndDelete_AreAsTheContractSays()
    {
        await using var stub = await StubCloudflare.StartAsync(
            Answer.Ok("""{"id":"st","name":"keys","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","account_id":"acc"}"""),
            Answer.Error(409, 1003, "store is not empty"), Answer.Ok("null"), Answer.Error(404, 1001, "store_not_found"));
        var secrets = stub.Client(options => options with { MaxRetries = 0 }).Secrets;
        Assert.Equal("keys", (await secrets.FindStoreAsync("st", CancellationToken.None))!.Name);
        Assert.Equal(CloudflareErrorKind.Conflict, (await secrets.DeleteStoreAsync("st", force: false, CancellationToken.None).FailureAsync()).Kind);
        Assert.True(await secrets.DeleteStoreAsync("st", force: true, CancellationToken.None));
        Assert.False(await secrets.DeleteStoreAsync("st", force: true, CancellationToken.None));
        Assert.Equal(["GET secrets_store/stores/st", "DELETE secrets_store/stores/st", "DELETE secrets_store/stores/st?force=true", "DELETE secrets_store/stores/st?force=true"],
            stub.Requests.Select(seen => seen.ToString()));
    }
}
