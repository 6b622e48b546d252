using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Cloudflare.EmulatorContract.EmulatedAccount;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

/// <summary>Client and emulator, written from the contract by different hands, understand each other about gateways.</summary>
public sealed class GatewayContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createGateway", "getGateway", "updateGateway", "deleteGateway")]
    public async Task FromCreateToDelete_EachStep_IsWhatTheNextOneFinds()
    {
        var gateways = _emulator.Client().Gateways;
        Assert.Null(await gateways.FindAsync("gw", CancellationToken.None));
        var created = await gateways.CreateAsync(NewGateway("gw"), CancellationToken.None);
        Assert.Equal(("gw", 300), (created.Id, (int?)created.Fields["cache_ttl"]));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await gateways.CreateAsync(NewGateway("gw"), CancellationToken.None).KindAsync());

        var read = await gateways.FindAsync("gw", CancellationToken.None);
        read!.Fields["cache_ttl"] = 600;
        Assert.Equal(600, (int?)(await gateways.UpdateAsync("gw", read.Fields, CancellationToken.None)).Fields["cache_ttl"]);
        read.Fields["cache_ttl"] = -1;
        Assert.Equal(CloudflareErrorKind.Validation, await _emulator.Client(held: false).Gateways.UpdateAsync("gw", read.Fields, CancellationToken.None).KindAsync());
        Assert.Equal(600, (int?)(await gateways.FindAsync("gw", CancellationToken.None))!.Fields["cache_ttl"]);

        Assert.True(await gateways.DeleteAsync("gw", CancellationToken.None));
        Assert.False(await gateways.DeleteAsync("gw", CancellationToken.None));
        read.Fields["cache_ttl"] = 600;
        Assert.Equal(CloudflareErrorKind.NotFound, await gateways.UpdateAsync("gw", read.Fields, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("updateGateway")]
    public async Task ReadModifyWrite_OfOneField_LeavesAllOthers()
    {
        var gateways = _emulator.Client().Gateways;
        var wish = NewGateway("gw");
        foreach (var (name, value) in JsonObject.Create(SampleRequest.All.Single(sample => sample.Operation.Id == "updateGateway").Body!.Value)!)
            if (name != "store_id") wish[name] = value?.DeepClone();
        await gateways.CreateAsync(wish, CancellationToken.None);

        var read = await gateways.FindAsync("gw", CancellationToken.None);
        read!.Fields["collect_logs"] = false;
        await gateways.UpdateAsync("gw", read.Fields, CancellationToken.None);
        var after = await gateways.FindAsync("gw", CancellationToken.None);
        foreach (var fields in (JsonObject[])[read.Fields, after!.Fields]) fields.Remove("modified_at");
        Assert.Equal(read.Fields.ToJsonString(), after.Fields.ToJsonString());
        Assert.Equal("1a2b3c4d", (string?)after.Fields["spend_limits"]!["rules"]![0]!["id"]);
    }

    [Fact, Operation("listGateways")]
    public async Task List_AllAndBySearch_GoesToTheEnd()
    {
        for (var i = 0; i < 7; i++) await _emulator.CreateGatewayAsync($"gw-{i}");
        var gateways = _emulator.Client().Gateways;
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"gw-{i}"), (await gateways.ListAsync(CancellationToken.None).AllAsync()).Select(gateway => gateway.Id).Order());
        Assert.Equal("gw-3", Assert.Single(await gateways.ListAsync("w-3", CancellationToken.None).AllAsync()).Id);
        Assert.Empty(await gateways.ListAsync("none", CancellationToken.None).AllAsync());
    }

    [Fact, Operation("getGatewayUrl")]
    public async Task Url_OfAProvider_IsWhereTheGatewayAnswers()
    {
        await _emulator.CreateGatewayAsync("gw");
        var gateways = _emulator.Client().Gateways;
        var url = await gateways.UrlAsync("gw", "openai", CancellationToken.None);
        Assert.EndsWith("/gw/openai", url.AbsolutePath, StringComparison.Ordinal);
        using var http = new HttpClient { DefaultRequestHeaders = { { "Authorization", "Bearer sk-test" } } };
        using var answer = await http.PostAsync(new Uri(_emulator.BaseUrl, url.AbsolutePath + "/chat/completions"),
            new StringContent("""{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal(CloudflareErrorKind.NotFound, await gateways.UrlAsync("none", "openai", CancellationToken.None).KindAsync());
    }

    [Fact, Operation("createGateway")]
    public async Task Create_DoneButTheAnswerLost_IsLookedUpAndReturned()
    {
        await _emulator.SetManagementFaultAsync(new { path = "*/gateways", method = "POST", dropResponse = true, times = 1 });
        Assert.Equal("gw", (await _emulator.Client().Gateways.CreateAsync(NewGateway("gw"), CancellationToken.None)).Id);
        Assert.Single(await _emulator.ManagementRequestsAsync(), request => request.GetProperty("method").GetString() == "POST");
    }

    [Fact, Operation("createGateway")]
    public async Task Create_DoneBut504_IsLookedUpAndReturned()
    {
        await _emulator.SetManagementFaultAsync(new { path = "*/gateways", method = "POST", status = 504, effect = true, times = 1 });
        Assert.Equal("gw", (await _emulator.Client().Gateways.CreateAsync(NewGateway("gw"), CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Call_Throttled_IsRepeatedAfterTheWait()
    {
        await _emulator.CreateGatewayAsync("gw");
        await _emulator.SetManagementFaultAsync(new { path = "*/gateways/gw", status = 429, retryAfter = "1", times = 1 });
        Assert.NotNull(await _emulator.Client().Gateways.FindAsync("gw", CancellationToken.None));
    }

    [Fact]
    public async Task Account_Unknown_IsNeverAnAbsentGateway()
    {
        var stranger = _emulator.Client(options => options with { AccountId = "another-account" });
        Assert.NotEqual(CloudflareErrorKind.NotFound, await stranger.Gateways.FindAsync("gw", CancellationToken.None).KindAsync());
    }

    [Fact]
    public async Task Failure_FromTheEmulator_HasARay()
    {
        var failure = await _emulator.Client().Gateways.UrlAsync("none", "openai", CancellationToken.None).FailureAsync();
        Assert.False(string.IsNullOrEmpty(failure.Ray));
        Assert.Equal(404, failure.Status);
        Assert.Contains(7002, failure.Codes);
    }

    [Fact]
    public async Task OlderKey_InThePlaceOfAToken_OpensTheAccount()
    {
        await _emulator.CreateGatewayAsync("gw");
        var client = _emulator.Client(options => options with { ApiToken = "", ApiEmail = "dev@example.com", ApiKey = "0123456789abcdef0123456789abcdef01234" });
        Assert.NotNull(await client.Gateways.FindAsync("gw", CancellationToken.None));
    }
}
