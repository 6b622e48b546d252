using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Gateways;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Cloudflare.Tokens;

namespace GatewayOps.Tests.Cloudflare;

public sealed class CloudflareClientTests
{
    [Fact]
    public async Task ReadModifyWrite_WhatIsNotTouched_KeepsItsText()
    {
        // Number texts, unknown members, escapes, and a lone surrogate that no .NET string can carry.
        const string unknown = """
            "ratio":1.50,"huge":123456789012345678901234567890,"exp":1e3,"neg":-0,"unknown":{"nested":[1.0,{"a":null}],"text":"é 漢字 \u00e9 \/ \ud83d\ude00 <b>&'"},"lone":"\ud800","cache_ttl":300
            """;
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok($$"""{"id":"gw","created_at":"2026-01-01T00:00:00Z",{{unknown}}}"""));
        var client = stub.Client(held: false);

        var gateway = await client.Gateways.FindAsync("gw", CancellationToken.None);
        gateway!.Fields["collect_logs"] = true;
        gateway.Fields["unknown"]!["added"] = "ü";
        await client.Gateways.UpdateAsync("gw", gateway.Fields, CancellationToken.None);

        var changed = unknown.Replace("""<b>&'"}""", """<b>&'","added":"ü"}""", StringComparison.Ordinal);
        Assert.Equal($$"""{{{changed}},"collect_logs":true}""", stub.Requests[1].Body);
        Assert.Equal("PUT /client/v4/accounts/acc/ai-gateway/gateways/gw", $"{stub.Requests[1].Method} {stub.Requests[1].Target}");
        // The caller's object is not changed by what is left out on the wire.
        Assert.Equal("gw", (string?)gateway.Fields["id"]);
    }

    [Fact]
    public async Task List_TotalPagesMissing_EndsAtTheEmptyPage()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""[{"id":"a"},{"id":"b"}]"""), Answer.Ok("""[{"id":"c"}]"""), Answer.Ok("[]"));
        Assert.Equal(["a", "b", "c"], await IdsAsync(stub.Client().Gateways.ListAsync(CancellationToken.None)));
        Assert.Equal(["?page=1&per_page=100", "?page=2&per_page=100", "?page=3&per_page=100"], stub.Requests.Select(seen => seen.Target[seen.Target.IndexOf('?')..]));
    }

    [Fact]
    public async Task List_ServerKnowsNoPages_EndsInsteadOfTurningForEver()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""[{"id":"a"}]"""));
        Assert.Equal(["a"], await IdsAsync(stub.Client().Gateways.ListAsync(CancellationToken.None)));
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a?b=c", "a%3Fb%3Dc")]
    [InlineData("%2e%2e", "%252e%252e")]
    [InlineData("é", "%C3%A9")]
    public async Task Ids_InPaths_AreEscaped(string id, string escaped)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"x"}"""));
        await stub.Client(held: false).Gateways.FindAsync(id, CancellationToken.None);
        Assert.Equal($"/client/v4/accounts/acc/ai-gateway/gateways/{escaped}", stub.Requests.Single().Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task Ids_ThatWouldChangeThePath_AreRefused(string id)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("null"));
        await Assert.ThrowsAsync<ArgumentException>(() => stub.Client().Gateways.DeleteAsync(id, CancellationToken.None));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task Call_Header_CarriesTheToken()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"x"}"""));
        await stub.Client().Gateways.FindAsync("x", CancellationToken.None);
        Assert.Equal("Bearer " + StubCloudflare.Token, stub.Requests.Single().Authorization);
    }

    [Fact]
    public async Task Logs_List_SendsTheJsonFormOfFiltersAndReadsEveryShape()
    {
        const string rows = """
            [{"id":"01A","created_at":"2026-11-21T10:00:00.123Z","cached":0,"duration":812.4,"model":"gpt-4o","path":"chat/completions","provider":"openai","success":1,
              "tokens_in":null,"tokens_out":7,"cost":1.2e-05,"metadata":"{\"team\":\"a\",\"n\":1.50,\"b\":true}","status_code":200,"timings":{"x":1}},
             {"id":"01B","created_at":"2026-11-21T10:00:01Z","cached":true,"duration":1,"model":null,"path":"","provider":"unknown","success":false,"metadata":"not json"}]
            """;
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(rows), Answer.Ok("[]"));
        var query = new LogQuery { Since = new(2026, 11, 21, 11, 0, 0, TimeSpan.FromHours(2)), Until = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero) };
        var entries = new List<LogEntry>();
        await foreach (var entry in stub.Client().Logs.ListAsync("gw", query, CancellationToken.None)) entries.Add(entry);

        var first = entries[0];
        Assert.Equal((812L, null, 7L, 0.000012m, 200), (first.DurationMs, first.TokensIn, first.TokensOut, first.Cost, first.StatusCode));
        Assert.Equal((true, false, "gpt-4o"), (first.Success, first.Cached, first.Model));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "a", ["n"] = "1.50", ["b"] = "true" }, first.Metadata);
        Assert.Equal((true, false, "", 0), (entries[1].Cached, entries[1].Success, entries[1].Model, entries[1].Metadata.Count));

        var target = Uri.UnescapeDataString(stub.Requests[0].Target);
        Assert.EndsWith("""logs?page=1&per_page=50&order_by=created_at&order_by_direction=asc&filters=[{"key":"created_at","operator":"gt","value":["2026-11-21T09:00:00.000Z"]},{"key":"created_at","operator":"lt","value":["2026-11-21T10:00:00.000Z"]}]""",
            target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_Bodies_AreRawWhateverTheyHold()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"success":false}"""), new Answer(200, "data: x\n\n"), Answer.Error(404, 7002, "Not Found"));
        var logs = stub.Client().Logs;
        Assert.Equal("""{"success":false}"""u8.ToArray(), await logs.RequestBodyAsync("gw", "01", CancellationToken.None));
        Assert.Equal("data: x\n\n"u8.ToArray(), await logs.ResponseBodyAsync("gw", "01", CancellationToken.None));
        Assert.Null(await logs.ResponseBodyAsync("gw", "01", CancellationToken.None));
    }

    [Fact]
    public async Task Secrets_Create_SendsAnArrayWithSortedScopesAndReadsOne()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""[{"id":"s1","name":"gw_openai_default","status":"pending","scopes":["ai_gateway"],"comment":"c"}]"""));
        var secret = await stub.Client().Secrets.CreateSecretAsync("st", new("gw_openai_default", "sk-1", ["workers", "ai_gateway"], "c"), CancellationToken.None);
        Assert.Equal(("s1", "pending", "st", "c"), (secret.Id, secret.Status, secret.StoreId, secret.Comment));
        Assert.Equal("""[{"name":"gw_openai_default","value":"sk-1","scopes":["ai_gateway","workers"],"comment":"c"}]""", stub.Requests.Single().Body);
    }

    [Fact]
    public async Task Secrets_ReplaceValue_Patches()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""{"id":"s1","name":"n"}"""));
        await stub.Client().Secrets.ReplaceValueAsync("st", "s1", "sk-2", CancellationToken.None);
        Assert.Equal(("PATCH", "/client/v4/accounts/acc/secrets_store/stores/st/secrets/s1", """{"value":"sk-2"}"""),
            (stub.Requests.Single().Method, stub.Requests.Single().Target, stub.Requests.Single().Body));
    }

    [Fact]
    public async Task ProviderConfigs_SecretStillPending_TriesAgain()
    {
        await using var stub = await StubCloudflare.StartAsync(
            Answer.Error(400, 7001, "Secret gw_openai_default was not found"),
            Answer.Ok("""{"id":"p","provider_slug":"openai","alias":"default","default_config":1,"gateway_id":"gw","secret_id":"s1","secret_preview":"..."}"""));
        var config = await stub.Clock.RunAsync(stub.Client().ProviderConfigs.CreateAsync("gw", new("openai", "default", true, "s1"), CancellationToken.None));
        Assert.Equal(new ProviderConfig("p", "openai", "default", true, "s1") { GatewayId = "gw" }, config);
        Assert.Equal("""{"provider_slug":"openai","alias":"default","default_config":true,"secret_id":"s1"}""", stub.Requests[1].Body);
    }

    [Fact]
    public async Task Tokens_NotTheAccounts_IsVerifiedAsTheUsers()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Target.EndsWith("/user/tokens/verify", StringComparison.Ordinal)
            ? new Answer(200, """{"success":true,"messages":[{"code":10000,"message":"This API Token is valid and active"}],"result":{"id":"t","status":"active"}}""")
            : Answer.Error(401, 1000, "Invalid API Token"));
        Assert.Equal(new TokenStatus("t", "active"), await stub.Client().Tokens.VerifyAsync(CancellationToken.None));
    }

    private static async Task<List<string>> IdsAsync(IAsyncEnumerable<Gateway> gateways)
    {
        var ids = new List<string>();
        await foreach (var gateway in gateways) ids.Add(gateway.Id);
        return ids;
    }
}
