using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.Analytics;

/// <summary>What the datasets count: contract section 15.</summary>
public sealed class DatasetTests
{
    [Fact]
    public async Task Requests_GroupedByMinuteGatewayAndModel_AddUpTheRowsOfEach()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        world.Log("gw-a", world.Noon.AddSeconds(1));
        world.Log("gw-a", world.Noon.AddSeconds(59));
        world.Log("gw-a", world.Noon.AddSeconds(61), row => row with { Model = "gpt-4o" });
        world.Log("gw-b", world.Noon.AddSeconds(2), row => row with { Success = false, StatusCode = 500, Cost = 0, TokensIn = null, TokensOut = null });
        world.Log("gw-b", world.Noon.AddSeconds(3), row => row with { Cached = true, Cost = 0 });

        var groups = await world.GroupsAsync(
            "limit: 100, orderBy: [datetimeMinute_ASC, gateway_ASC]",
            "count sum { cost cachedRequests erroredRequests cachedTokensIn uncachedTokensOut } dimensions { datetimeMinute gateway model }");

        Assert.Equal(
            [
                $$$"""{"count":2,"sum":{"cost":1.0,"cachedRequests":0,"erroredRequests":0,"cachedTokensIn":0,"uncachedTokensOut":40},"dimensions":{"datetimeMinute":"{{{world.Noon:yyyy-MM-ddTHH:mm:ssZ}}}","gateway":"gw-a","model":"gpt-4o-mini"}}""",
                $$$"""{"count":2,"sum":{"cost":0,"cachedRequests":1,"erroredRequests":1,"cachedTokensIn":10,"uncachedTokensOut":0},"dimensions":{"datetimeMinute":"{{{world.Noon:yyyy-MM-ddTHH:mm:ssZ}}}","gateway":"gw-b","model":"gpt-4o-mini"}}""",
                $$$"""{"count":1,"sum":{"cost":0.5,"cachedRequests":0,"erroredRequests":0,"cachedTokensIn":0,"uncachedTokensOut":20},"dimensions":{"datetimeMinute":"{{{world.Noon.AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}}}","gateway":"gw-a","model":"gpt-4o"}}""",
            ],
            groups.Select(group => group.GetRawText()));
    }

    [Theory]
    [InlineData("""model: "gpt-4o" """, 1)]
    [InlineData("""model_neq: "gpt-4o" """, 3)]
    [InlineData("""model_in: ["gpt-4o", "o3"]""", 2)]
    [InlineData("""model_notin: ["gpt-4o", "o3"]""", 2)]
    [InlineData("""model_like: "gpt-%" """, 3)]
    [InlineData("""model_like: "%4o%" """, 3)]
    [InlineData("""model_notlike: "gpt-%" """, 1)]
    [InlineData("statusCode_geq: 429", 1)]
    [InlineData("statusCode_lt: 429", 3)]
    [InlineData("rateLimited: 1", 1)]
    [InlineData("cached: true", 1)]
    [InlineData("""metadataKeys_has: "team" """, 2)]
    [InlineData("""metadataValues_hasall: ["red"]""", 1)]
    [InlineData("""metadataValues_hasany: ["red", "blue"]""", 2)]
    [InlineData("""OR: [{model: "o3"}, {AND: [{model: "gpt-4o"}, {gateway: "gw-a"}]}]""", 2)]
    [InlineData("""gateway: "gw-b", cached: 0""", 1)]
    [InlineData("""gateway: "gone" """, 0)]
    public async Task Filter_EachOperator_LetsThroughWhatItSays(string filter, int count)
    {
        await using var world = await AnalyticsWorld.StartAsync();
        world.Log("gw-a", world.Noon, row => row with { Model = "gpt-4o", Metadata = """{"team":"red"}""" });
        world.Log("gw-a", world.Noon, row => row with { Model = "o3", StatusCode = 429, Success = false });
        world.Log("gw-b", world.Noon, row => row with { Cached = true, Metadata = """{"team":"blue"}""" });
        world.Log("gw-b", world.Noon);

        var groups = await world.GroupsAsync($"limit: 1, filter: {{{filter}}}", "count");

        Assert.Equal(count, groups.Select(group => group.GetProperty("count").GetInt32()).SingleOrDefault());
    }

    [Fact]
    public async Task TimeFilter_OnATruncatedTime_ComparesTheTruncatedTime()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        world.Log("gw-a", world.Noon.AddMinutes(-1));
        world.Log("gw-a", world.Noon.AddMinutes(59));
        world.Log("gw-a", world.Noon.AddMinutes(60));

        var noon = world.Noon.ToString("yyyy-MM-ddTHH:mm:ssZ");
        Assert.Equal(1, (await world.GroupsAsync($$"""limit: 1, filter: {datetimeHour_geq: "{{noon}}", datetimeHour_leq: "{{noon}}"}""", "count"))[0].GetProperty("count").GetInt32());
        Assert.Equal(2, (await world.GroupsAsync($$"""limit: 1, filter: {datetime_geq: "{{noon}}"}""", "count"))[0].GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Quantiles_AreNearestRanks()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        foreach (var duration in Enumerable.Range(1, 100).Reverse())
            world.Log("gw-a", world.Noon, row => row with { Duration = duration });

        var group = Assert.Single(await world.GroupsAsync("limit: 1", "quantiles { durationMsP50 durationMsP90 durationMsP99 }"));

        Assert.Equal("""{"quantiles":{"durationMsP50":50,"durationMsP90":90,"durationMsP99":99}}""", group.GetRawText());
    }

    [Fact]
    public async Task OrderBy_AFigureDescending_AndTheLimitCutsTheRest()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        foreach (var (model, cost) in new[] { ("a", 1m), ("b", 3m), ("c", 2m) })
            world.Log("gw-a", world.Noon, row => row with { Model = model, Cost = cost });

        var groups = await world.GroupsAsync("limit: 2, orderBy: [sum_cost_DESC]", "dimensions { model }");

        Assert.Equal(["b", "c"], groups.Select(group => group.GetProperty("dimensions").GetProperty("model").GetString()));
    }

    [Fact]
    public async Task OtherDatasets_CountHitsErrorsRowsAndInference()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        world.Log("gw-a", world.Noon, row => row with { Cached = true });
        world.Log("gw-a", world.Noon, row => row with { Success = false, StatusCode = 502 });
        world.Log("gw-a", world.Noon, row => row with { Provider = "workers-ai", Model = "@cf/meta/llama-3.1-8b-instruct" });

        Assert.Equal("""{"count":1,"dimensions":{"cacheStatus":"hit"}}""", (await world.GroupsAsync("limit: 1", "count dimensions { cacheStatus }", "aiGatewayCacheAdaptiveGroups"))[0].GetRawText());
        Assert.Equal("""{"count":1}""", (await world.GroupsAsync("limit: 1", "count", "aiGatewayErrorsAdaptiveGroups"))[0].GetRawText());
        Assert.Equal(
            ["""{"max":{"rows":3},"dimensions":{"gateway":"gw-a"}}""", """{"max":{"rows":0},"dimensions":{"gateway":"gw-b"}}"""],
            (await world.GroupsAsync("limit: 9, orderBy: [gateway_ASC]", "max { rows } dimensions { gateway }", "aiGatewaySizeAdaptiveGroups")).Select(group => group.GetRawText()));
        Assert.Equal(
            """{"count":1,"sum":{"totalInputTokens":10},"dimensions":{"modelId":"@cf/meta/llama-3.1-8b-instruct"}}""",
            (await world.GroupsAsync("limit: 1", "count sum { totalInputTokens } dimensions { modelId }", "aiInferenceAdaptiveGroups"))[0].GetRawText());
    }

    [Fact]
    public async Task Delay_RowsAppearWhenTheyAreIngested()
    {
        await using var world = await AnalyticsWorld.StartAsync(new EmulatorOptions { AnalyticsDelay = TimeSpan.FromMinutes(14) });
        world.Log("gw-a", TimeProvider.System.GetUtcNow().AddSeconds(-1));

        Assert.Empty(await world.GroupsAsync("limit: 1", "count"));
        await world.Emulator.AdvanceClockAsync(TimeSpan.FromMinutes(14));
        Assert.Single(await world.GroupsAsync("limit: 1", "count"));
    }

    [Fact]
    public async Task Settings_SayTheLimits_WhichAreEnforced()
    {
        await using var world = await AnalyticsWorld.StartAsync();
        var (_, body) = await world.AskAsync(new
        {
            query = """
                { viewer { accounts(filter: {accountTag: "dev-account"}) { settings { aiGatewayRequestsAdaptiveGroups {
                    enabled notOlderThan maxDuration maxPageSize maxNumberOfFields availableFields } } } } }
                """,
        });
        var settings = body.GetProperty("data").GetProperty("viewer").GetProperty("accounts")[0].GetProperty("settings").GetProperty("aiGatewayRequestsAdaptiveGroups");
        Assert.Equal((true, 5_356_800, 2_764_800, 30), (
            settings.GetProperty("enabled").GetBoolean(), settings.GetProperty("notOlderThan").GetInt32(), settings.GetProperty("maxDuration").GetInt32(), settings.GetProperty("maxNumberOfFields").GetInt32()));

        // Every field that it lists can be asked for.
        foreach (var field in settings.GetProperty("availableFields").EnumerateArray().Select(field => field.GetString()!))
            await world.GroupsAsync("limit: 1", field.Split('.') is [var node, var leaf] ? $"{node} {{ {leaf} }}" : field);

        var now = TimeProvider.System.GetUtcNow();
        await Beyond($$"""limit: 1, filter: {datetime_geq: "{{now.AddSeconds(-5_356_800 - 60):O}}", datetime_leq: "{{now.AddDays(-61):O}}"}""", "count", "cannot request data older than 5356800s");
        await Beyond($$"""limit: 1, filter: {datetime_geq: "{{now.AddDays(-50):O}}", datetime_leq: "{{now.AddDays(-10):O}}"}""", "count", "query time range is too large");
        await Beyond("limit: 1", string.Join(' ', Enumerable.Range(0, 31).Select(n => $"c{n}: count")), "number of fields cannot be more than 30");

        async Task Beyond(string arguments, string selection, string message)
        {
            var (status, error) = await world.FailAsync(AnalyticsWorld.Query(arguments, selection));
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.StartsWith(message, error.GetProperty("message").GetString());
            Assert.Equal("authz", error.GetProperty("extensions").GetProperty("code").GetString());
            Assert.Equal(JsonValueKind.String, error.GetProperty("extensions").GetProperty("timestamp").ValueKind);
        }
    }
}
