using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.ManagementCalls;

namespace GatewayOps.Tests.Emulator.Management.Gateways;

/// <summary>Every field of a gateway through create, update and read, and the rules between fields (contract section 2).</summary>
public sealed class GatewayFieldTests : IAsyncLifetime
{
    private const string Gateways = "ai-gateway/gateways";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    // One value that is not the default, for every settable member of the document.
    private const string Set = """
        {
          "cache_invalidate_on_update": true, "cache_ttl": 300, "collect_logs": false, "rate_limiting_interval": 60, "rate_limiting_limit": 50,
          "rate_limiting_technique": "sliding", "authentication": true, "byok_only": true,
          "dlp": {"enabled":true,"action":"BLOCK","profiles":["11111111-2222-4333-8444-555555555555"]},
          "guardrails": {"prompt":{"P1":"BLOCK","S1":"FLAG"},"response":{"S13":"BLOCK"}},
          "log_classification": false, "log_management": 20000, "log_management_strategy": "DELETE_OLDEST", "logpush": true,
          "logpush_public_key": "-----BEGIN PUBLIC KEY-----", "otel": [{"url":"https://otel.example/v1/traces","headers":{"x":"y"},"authorization":"ref","content_type":"protobuf"}],
          "retry_max_attempts": 5, "retry_delay": 60000, "retry_backoff": "linear",
          "spend_limits": {"enabled":true,"rules":[{"limit":50,"limitType":"cost","window":86400,"id":"1a2b3c4d","enabled":true,"technique":"fixed",
            "model":{"mode":"filter","values":["gpt-5"]},"provider":{"mode":"filter","values":["openai"]},"metadata":{"user_id":{"mode":"partition"},"team":{"mode":"filter","values":["eng"]}}}]},
          "store_id": "a1b2", "stripe": {"authorization":"ref","usage_events":[{"payload":"{}"}]}, "workers_ai_billing_mode": "unified", "zdr": true
        }
        """;

    [Fact]
    public void Set_HasEverySettableMember() => Assert.Equal(
        OpenApiDocument.Source()["components"]!["schemas"]!["GatewayUpdate"]!["properties"]!.AsObject().Select(property => property.Key).Order(),
        JsonNode.Parse(Set)!.AsObject().Select(member => member.Key).Order());

    [Fact]
    [Operation("createGateway", "getGateway", "updateGateway")]
    public async Task Fields_AllSet_ComeBackAsSentAndAPutWithoutThemResetsEach()
    {
        var body = JsonNode.Parse(Set)!.AsObject();
        body["id"] = "full";
        var plain = await _emulator.CreateGatewayAsync("plain");
        var created = (await _emulator.Management.PostAnswerAsync(Gateways, body)).Result;
        Assert.All(body, member => Assert.True(
            JsonNode.DeepEquals(member.Value, JsonNode.Parse(created.GetProperty(member.Key).GetRawText())), $"{member.Key}: {created.GetProperty(member.Key)}"));
        Assert.Equal(created.GetRawText(), (await _emulator.Management.GetAnswerAsync($"{Gateways}/full")).Result.GetRawText());

        var reset = (await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/full", GatewayBody(null))).Result;
        string[] own = ["id", "internal_id", "created_at", "modified_at"];
        Assert.Equal(
            plain.EnumerateObject().Where(member => !own.Contains(member.Name)).Select(member => member.ToString()).Order(),
            reset.EnumerateObject().Where(member => !own.Contains(member.Name)).Select(member => member.ToString()).Order());
        Assert.Equal(created.GetProperty("created_at").GetString(), reset.GetProperty("created_at").GetString());
    }

    [Fact]
    [Operation("updateGateway")]
    public async Task Fields_NullWhereTheDocumentAllowsIt_AreNull()
    {
        var properties = OpenApiDocument.Source()["components"]!["schemas"]!["GatewayUpdate"]!["properties"]!.AsObject();
        string[] nullable = [.. properties.Where(property => property.Value!.ToJsonString().Contains("\"null\"", StringComparison.Ordinal)).Select(property => property.Key)];
        await _emulator.CreateGatewayAsync("prod");

        var answer = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, [.. nullable.Select(name => (name, (object?)null))]));

        Assert.True(nullable.Length >= 14, $"{nullable.Length}");
        Assert.All(nullable, name => Assert.Equal(JsonValueKind.Null, answer.Result.GetProperty(name).ValueKind));
        Assert.Equal((0, 0, 0), (Settings.CacheTtl, Settings.RateLimitingInterval, Settings.RateLimitingLimit));
    }

    private GatewayOps.Emulator.State.GatewaySettings Settings => _emulator.Account.FindGateway("prod")!.Settings;

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [Operation("updateGateway")]
    public async Task CollectLogs_Off_TurnsClassificationOff(bool logs, bool classification, bool expected)
    {
        await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["log_classification"] = true });

        var answer = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, ("collect_logs", logs), ("log_classification", classification)));

        Assert.Equal(expected, answer.Result.GetProperty("log_classification").GetBoolean());
    }

    [Fact]
    [Operation("updateGateway")]
    public async Task SpendRules_KeepTheirIdsAndNeverShareOne()
    {
        var rules = Enumerable.Range(0, 20).Select(number => new { limit = 1 + number, limitType = "cost", window = 60 }).ToArray();
        var created = await _emulator.CreateGatewayAsync("prod", new Dictionary<string, object?> { ["spend_limits"] = new { enabled = true, rules } });
        string[] ids = Ids(created);
        var again = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", created);
        var twice = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, ("spend_limits", new
        {
            enabled = true,
            rules = new[] { new { id = ids[0], limit = 1, limitType = "cost", window = 1 }, new { id = ids[0], limit = 2, limitType = "cost", window = 1 } },
        })));

        Assert.Equal(20, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{8}$", id));
        Assert.Equal(ids, Ids(again.Result));
        Assert.Equal(ids[0], Ids(twice.Result)[0]);
        Assert.NotEqual(ids[0], Ids(twice.Result)[1]);
        var tooMany = await _emulator.Management.CallAsync(HttpMethod.Put, $"{Gateways}/prod", GatewayBody(null, ("spend_limits", new { enabled = true, rules = rules.Append(rules[0]) })));
        Assert.Equal(["7001 body.spend_limits.rules Array must contain at most 20 element(s)"], tooMany.Errors);

        static string[] Ids(JsonElement gateway) => [.. gateway.GetProperty("spend_limits").GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()!)];
    }

    [Fact]
    [Operation("getGatewayUrl")]
    public async Task Url_OfEveryProvider_IsWhereTheDataPlaneAnswers()
    {
        await _emulator.CreateGatewayAsync("prod");
        foreach (var slug in GatewayProvider.All.Select(provider => provider.Slug).Append("custom-mine").Append("compat"))
        {
            var url = (await _emulator.Management.GetAnswerAsync($"{Gateways}/prod/url/{slug}")).Result.GetString();
            Assert.Equal(new Uri(_emulator.BaseUrl, $"/v1/{_emulator.Options.AccountId}/prod/{slug}").ToString(), url);
        }
        var openai = (await _emulator.Management.GetAnswerAsync($"{Gateways}/prod/url/openai")).Result.GetString();
        using var http = _emulator.NewClient();
        http.DefaultRequestHeaders.Add("Authorization", "Bearer sk-1");
        using var chat = await http.PostAsync($"{openai}/chat/completions", new StringContent("""{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"""));
        Assert.Equal(HttpStatusCode.OK, chat.StatusCode);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    [Operation("createGateway")]
    public async Task Create_BeyondThePlan_IsRefusedAndDefaultDoesNotComeIntoBeing(int most)
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxGateways = most });
        foreach (var number in Enumerable.Range(1, most))
            await emulator.CreateGatewayAsync($"gw-{number}");

        Assert.Equal([$"7001 body Maximum number of gateways ({most}) reached"], (await emulator.Management.PostAnswerAsync(Gateways, GatewayBody("more"))).Errors);
        Assert.Null(emulator.Account.FindOrCreateDefault("default"));
        await emulator.Management.CallAsync(HttpMethod.Delete, $"{Gateways}/gw-1");
        Assert.NotNull(emulator.Account.FindOrCreateDefault("default"));
        Assert.Equal(most, emulator.Account.Gateways.Count);
    }

    [Fact]
    [Operation("getGateway", "listGateways")]
    public async Task Default_NamedByAnAuthenticatedRequest_HasTheAutomaticSettings()
    {
        using var http = _emulator.NewClient($"/v1/{_emulator.Options.AccountId}/default/");
        using var stranger = await http.PostAsync("openai/chat/completions", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.NotFound, (await _emulator.Management.GetAnswerAsync($"{Gateways}/default")).Status);

        http.DefaultRequestHeaders.Add("cf-aig-authorization", $"Bearer {_emulator.Options.ApiToken}");
        using var request = await http.PostAsync("openai/chat/completions", new StringContent("""{"model":"gpt-4o","messages":[]}"""));
        var gateway = (await _emulator.Management.GetAnswerAsync($"{Gateways}/default")).Result;

        Assert.True(gateway.GetProperty("is_default").GetBoolean());
        Assert.Equal(
            """true true 0 0 0 "postpaid" """.TrimEnd(),
            string.Join(' ', new[] { "authentication", "collect_logs", "cache_ttl", "rate_limiting_limit", "rate_limiting_interval", "workers_ai_billing_mode" }.Select(name => gateway.GetProperty(name).GetRawText())));
    }

    [Fact]
    [Operation("listGateways")]
    public async Task List_SearchAndPages_CountWhatWasFound()
    {
        foreach (var number in Enumerable.Range(1, 9))
            await _emulator.CreateGatewayAsync(number % 3 == 0 ? $"dev-{number}" : $"prod-{number}");

        var second = await _emulator.Management.GetAnswerAsync($"{Gateways}?search=prod&per_page=5&page=2");
        var none = await _emulator.Management.GetAnswerAsync($"{Gateways}?search=%25");

        Assert.Equal("prod-8", Assert.Single(second.Result.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("""{"page":2,"per_page":5,"count":1,"total_count":6}""", second.Body.GetProperty("result_info").GetRawText());
        Assert.Equal(0, none.Body.GetProperty("result_info").GetProperty("total_count").GetInt32());
    }
}
