using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management.Gateways;

public sealed class GatewayEndpointsTests : IAsyncLifetime
{
    private const string Gateways = "ai-gateway/gateways";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createGateway")]
    public async Task Create_SmallestBody_AnswersTheGatewayWithDefaults()
    {
        var answer = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True(answer.Body.GetProperty("success").GetBoolean());
        Assert.Empty(answer.Body.GetProperty("errors").EnumerateArray());
        Assert.Equal("prod", answer.Result.GetProperty("id").GetString());
        Assert.Equal("fixed", answer.Result.GetProperty("rate_limiting_technique").GetString());
        Assert.Equal("postpaid", answer.Result.GetProperty("workers_ai_billing_mode").GetString());
        Assert.False(answer.Result.GetProperty("is_default").GetBoolean());
        Assert.Equal(JsonValueKind.String, answer.Result.GetProperty("internal_id").ValueKind);
        Assert.Equal(answer.Result.ToString(), (await _emulator.Management.GetAnswerAsync($"{Gateways}/prod")).Result.ToString());
    }

    [Fact, Operation("createGateway")]
    public async Task Create_SameIdTwice_Is7001AlreadyExists()
    {
        await _emulator.CreateGatewayAsync("prod");

        var again = await _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"));

        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Equal(["7001 body.id Gateway 'prod' already exists"], again.Errors);
    }

    [Fact, Operation("createGateway")]
    public async Task Create_SameIdFromManyClients_MakesOne()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _emulator.Management.PostAnswerAsync(Gateways, GatewayBody("prod"))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Create_NullsWhereTheContractAllowsThem_AreKept()
    {
        var result = await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["cache_ttl"] = null, ["retry_backoff"] = null });

        Assert.Equal(JsonValueKind.Null, result.GetProperty("cache_ttl").ValueKind);
        Assert.Equal(0, _emulator.Account.FindGateway("prod")!.Settings.CacheTtl);
    }

    [Fact, Operation("createGateway")]
    public async Task Create_TooManyGateways_IsRefused()
    {
        await using var small = await TestEmulator.StartAsync(new EmulatorOptions { MaxGateways = 1 });
        await small.CreateGatewayAsync("one");

        var second = await small.Management.PostAnswerAsync(Gateways, GatewayBody("two"));

        Assert.Equal(HttpStatusCode.BadRequest, second.Status);
        Assert.Contains("Maximum number of gateways", Assert.Single(second.Errors));
    }

    [Fact, Operation("updateGateway", "getGateway")]
    public async Task Update_FieldNotSent_RevertsToItsDefault()
    {
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["authentication"] = true, ["retry_max_attempts"] = 3, ["cache_ttl"] = 60 });

        var answer = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, ("cache_ttl", 300)));

        Assert.Equal(300, answer.Result.GetProperty("cache_ttl").GetInt32());
        Assert.False(answer.Result.GetProperty("authentication").GetBoolean());
        Assert.Equal(JsonValueKind.Null, answer.Result.GetProperty("retry_max_attempts").ValueKind);
    }

    [Fact, Operation("updateGateway")]
    public async Task Update_WholeGatewayReadBefore_ChangesNothingButItsTime()
    {
        var before = await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["future_setting"] = new { depth = 1.50m }, ["cache_ttl"] = 60 });
        await _emulator.AdvanceClockAsync(TimeSpan.FromMinutes(1));

        var after = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", before);

        Assert.NotEqual(before.GetProperty("modified_at").GetString(), after.Result.GetProperty("modified_at").GetString());
        Assert.Equal(WithoutTime(before), WithoutTime(after.Result));
        Assert.Equal("{\"depth\":1.50}", after.Result.GetProperty("future_setting").GetRawText());
        static string[] WithoutTime(JsonElement gateway) => [.. gateway.EnumerateObject().Where(member => member.Name != "modified_at").Select(member => member.ToString())];
    }

    [Fact, Operation("updateGateway")]
    public async Task Update_UnknownFieldNotSent_IsLost()
    {
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["future_setting"] = true });

        var answer = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null));

        Assert.False(answer.Result.TryGetProperty("future_setting", out _));
    }

    [Fact]
    public async Task Create_UnknownFieldsNotKept_DropsThem()
    {
        await using var strict = await TestEmulator.StartAsync(new EmulatorOptions { KeepUnknownFields = false });

        var gateway = await strict.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["future_setting"] = true });

        Assert.False(gateway.TryGetProperty("future_setting", out _));
    }

    [Fact, Operation("updateGateway")]
    public async Task Update_ReadOnlyMembersSent_AreIgnored()
    {
        var before = await _emulator.CreateGatewayAsync("prod");

        var after = await _emulator.Management.CallAsync(
            HttpMethod.Put, $"{Gateways}/prod", GatewayBody("other", ("created_at", "1999-01-01T00:00:00Z"), ("is_default", true), ("internal_id", "x")));

        foreach (var name in new[] { "id", "created_at", "is_default", "internal_id" })
            Assert.Equal(before.GetProperty(name).ToString(), after.Result.GetProperty(name).ToString());
    }

    [Fact]
    public async Task Update_PartOfTheFields_IsStrictUnlessLenient()
    {
        await using var lenient = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new() { GatewayUpdatesMayBePartial = true } });
        await lenient.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["cache_ttl"] = 60 });
        await _emulator.CreateGatewayAsync("prod");

        var kept = await lenient.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", new { byok_only = true });
        var refused = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", new { byok_only = true });

        Assert.True(kept.Result.GetProperty("byok_only").GetBoolean());
        Assert.Equal(60, kept.Result.GetProperty("cache_ttl").GetInt32());
        Assert.Equal(5, refused.Errors.Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Update_CacheInvalidateOnUpdate_BeginsACacheGeneration(bool invalidate, int generations)
    {
        await _emulator.CreateGatewayAsync("prod");
        var gateway = _emulator.Account.FindGateway("prod")!;
        var before = gateway.CacheGeneration;

        await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, ("cache_invalidate_on_update", invalidate)));

        Assert.Equal(before + generations, gateway.CacheGeneration);
    }

    [Fact]
    public async Task Create_SpendRuleAndClassification_AreSettledByTheServer()
    {
        var gateway = await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?>
        {
            ["collect_logs"] = false,
            ["log_classification"] = true,
            ["otel"] = new[] { new { url = "https://otel.example", headers = new { } } },
            ["spend_limits"] = new { enabled = true, rules = new[] { new { limit = 50, limitType = "cost", window = 86400, metadata = new { user = new { mode = "partition" } } } } },
        });

        var rule = gateway.GetProperty("spend_limits").GetProperty("rules")[0];
        Assert.Matches("^[0-9a-f]{8}$", rule.GetProperty("id").GetString());
        Assert.Equal("sliding", rule.GetProperty("technique").GetString());
        Assert.Equal("json", gateway.GetProperty("otel")[0].GetProperty("content_type").GetString());
        Assert.False(gateway.GetProperty("log_classification").GetBoolean());
    }

    [Theory, Operation("getGateway", "updateGateway", "deleteGateway", "getGatewayUrl")]
    [InlineData("GET", "ai-gateway/gateways/nowhere")]
    [InlineData("PUT", "ai-gateway/gateways/nowhere")]
    [InlineData("DELETE", "ai-gateway/gateways/nowhere")]
    [InlineData("GET", "ai-gateway/gateways/nowhere/url/openai")]
    [InlineData("GET", "ai-gateway/gateways/nowhere/logs")]
    public async Task Any_UnknownGateway_Is7002(string method, string path)
    {
        var answer = await _emulator.Management.CallAsync(new HttpMethod(method), path, method == "PUT" ? GatewayBody(null) : null);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(["7002 Not Found"], answer.Errors);
    }

    [Fact, Operation("deleteGateway")]
    public async Task Delete_Gateway_AnswersItAndTakesItsLogs()
    {
        await _emulator.CreateGatewayAsync("prod");
        var logs = _emulator.Account.FindGateway("prod")!.Logs;
        _emulator.Account.FindGateway("prod")!.AddLog(SampleLog.Row(logs));

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Gateways}/prod");
        await _emulator.CreateGatewayAsync("prod");

        Assert.Equal("prod", deleted.Result.GetProperty("id").GetString());
        Assert.Empty((await _emulator.Management.GetAnswerAsync($"{Gateways}/prod/logs")).Result.EnumerateArray());
    }

    [Fact, Operation("listGateways")]
    public async Task List_SevenGateways_PagesUntilEmpty()
    {
        foreach (var number in Enumerable.Range(1, 7))
            await _emulator.CreateGatewayAsync($"gw{number}");

        var first = await _emulator.Management.GetAnswerAsync($"{Gateways}?per_page=5");
        var second = await _emulator.Management.GetAnswerAsync($"{Gateways}?per_page=5&page=2");
        var third = await _emulator.Management.GetAnswerAsync($"{Gateways}?per_page=5&page=3");

        Assert.Equal("""{"page":1,"per_page":5,"count":5,"total_count":7}""", first.Body.GetProperty("result_info").GetRawText());
        Assert.Equal(["gw6", "gw7"], second.Result.EnumerateArray().Select(gateway => gateway.GetProperty("id").GetString()));
        Assert.Empty(third.Result.EnumerateArray());
    }

    [Fact, Operation("listGateways")]
    public async Task List_Search_FindsPartsOfIds()
    {
        await _emulator.CreateGatewayAsync("prod-eu");
        await _emulator.CreateGatewayAsync("dev");

        var answer = await _emulator.Management.GetAnswerAsync($"{Gateways}?search=PROD");

        Assert.Equal("prod-eu", Assert.Single(answer.Result.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact, Operation("getGatewayUrl")]
    public async Task Url_Provider_PointsAtTheDataPlane()
    {
        await _emulator.CreateGatewayAsync("prod");

        var answer = await _emulator.Management.GetAnswerAsync($"{Gateways}/prod/url/openai");

        Assert.Equal(new Uri(_emulator.BaseUrl, "/v1/dev-account/prod/openai").ToString(), answer.Result.GetString());
    }
}
