using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace GatewayOps.Tests.Emulator.Analytics;

/// <summary>Workers Observability over AI Gateway's log rows, in the shapes of npm cloudflare 7.3.</summary>
public sealed class TelemetryTests(TelemetryTests.Rows rows) : IClassFixture<TelemetryTests.Rows>
{
    /// <summary>Six requests of two gateways in six minutes.</summary>
    public sealed class Rows : IAsyncLifetime
    {
        internal AnalyticsWorld World { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            World = await AnalyticsWorld.StartAsync();
            foreach (var minute in Enumerable.Range(0, 6))
                World.Log(minute < 4 ? "gw-a" : "gw-b", World.Noon.AddMinutes(minute), row => row with
                {
                    Model = minute % 2 == 0 ? "gpt-4o" : "claude-sonnet-4-5",
                    Duration = 100 * (minute + 1),
                    Success = minute != 5,
                    StatusCode = minute == 5 ? 502 : 200,
                    Cost = minute,
                    EventId = $"event-{minute}",
                    Metadata = minute < 2 ? """{"team":"crimson","seat":7,"trial":true}""" : null,
                });
        }

        public async Task DisposeAsync() => await World.DisposeAsync();
    }

    private object Timeframe => new { from = rows.World.Noon.ToUnixTimeMilliseconds(), to = rows.World.Noon.AddMinutes(6).ToUnixTimeMilliseconds() };

    [Fact]
    public async Task Events_AreNewestFirstAndPagedByTheirId()
    {
        var first = (await QueryAsync(new { queryId = "q", timeframe = Timeframe, view = "events", limit = 4 })).GetProperty("events");
        Assert.Equal(6, first.GetProperty("count").GetInt32());
        Assert.Equal(["event-5", "event-4", "event-3", "event-2"], Ids(first));
        var last = first.GetProperty("events")[3].GetProperty("$metadata").GetProperty("id").GetString();

        var second = (await QueryAsync(new { queryId = "q", timeframe = Timeframe, limit = 4, offset = last })).GetProperty("events");
        Assert.Equal(["event-1", "event-0"], Ids(second));
        var back = (await QueryAsync(new { queryId = "q", timeframe = Timeframe, limit = 2, offset = last, offsetDirection = "prev" })).GetProperty("events");
        Assert.Equal(["event-4", "event-3"], Ids(back));

        var newest = first.GetProperty("events")[0];
        Assert.Equal(
            ("cloudflare-ai-gateway", "gw-b", "error", 502, "claude-sonnet-4-5", 5m),
            (newest.GetProperty("dataset").GetString(), newest.GetProperty("$metadata").GetProperty("service").GetString(), newest.GetProperty("$metadata").GetProperty("level").GetString(),
                newest.GetProperty("$metadata").GetProperty("statusCode").GetInt32(), newest.GetProperty("source").GetProperty("model").GetString(), newest.GetProperty("source").GetProperty("cost").GetDecimal()));
        Assert.Equal(rows.World.Noon.AddMinutes(5).ToUnixTimeMilliseconds(), newest.GetProperty("timestamp").GetInt64());
    }

    [Theory]
    [InlineData("""[{"key":"model","operation":"eq","type":"string","value":"gpt-4o"}]""", "and", "420")]
    [InlineData("""[{"key":"model","operation":"=","type":"string","value":"gpt-4o"},{"key":"cost","operation":">","type":"number","value":3}]""", "and", "4")]
    [InlineData("""[{"key":"model","operation":"eq","type":"string","value":"gpt-4o"},{"key":"cost","operation":"gte","type":"number","value":5}]""", "or", "5420")]
    [InlineData("""[{"key":"model","operation":"starts_with","type":"string","value":"claude"}]""", "and", "531")]
    [InlineData("""[{"key":"model","operation":"DOES_NOT_INCLUDE","type":"string","value":"4o"}]""", "and", "531")]
    [InlineData("""[{"key":"event_id","operation":"regex","type":"string","value":"[0-2]$"}]""", "and", "210")]
    [InlineData("""[{"key":"metadata.team","operation":"exists","type":"string"}]""", "and", "10")]
    [InlineData("""[{"key":"metadata.team","operation":"is_null","type":"string"}]""", "and", "5432")]
    [InlineData("""[{"key":"$metadata.statusCode","operation":"in","type":"number","value":"500, 502"}]""", "and", "5")]
    [InlineData("""[{"key":"success","operation":"eq","type":"boolean","value":false}]""", "and", "5")]
    [InlineData("""[{"kind":"group","filterCombination":"or","filters":[{"key":"cost","operation":"lt","type":"number","value":1},{"key":"cost","operation":"eq","type":"number","value":4}]}]""", "and", "40")]
    public async Task Filters_MeanWhatTheySay(string filters, string combination, string expected)
    {
        var answer = await QueryAsync(new { queryId = "q", timeframe = Timeframe, parameters = new { filters = JsonSerializer.Deserialize<JsonElement>(filters), filterCombination = combination } });
        Assert.Equal(expected, string.Concat(Ids(answer.GetProperty("events")).Select(id => id["event-".Length..])));
    }

    [Fact]
    public async Task Calculations_GroupedHavingOrdered_AndTheirSeries()
    {
        var answer = await QueryAsync(new
        {
            queryId = "q",
            timeframe = Timeframe,
            view = "calculations",
            granularity = 3,
            parameters = new
            {
                calculations = new object[]
                {
                    new { @operator = "count" }, new { @operator = "p90", key = "duration", keyType = "number", alias = "slow" }, new { @operator = "COUNT_DISTINCT", key = "model", keyType = "string" },
                },
                groupBys = new[] { new { type = "string", value = "gateway" } },
                orderBy = new { value = "slow", order = "asc" },
                havings = new[] { new { key = "count", operation = "gte", value = 2 } },
            },
        });
        var calculations = answer.GetProperty("calculations");
        Assert.Equal(["count", "p90", "uniq"], calculations.EnumerateArray().Select(calculation => calculation.GetProperty("calculation").GetString()));
        Assert.Equal([("gw-a", 4d), ("gw-b", 2d)], Aggregates(calculations[0]));
        Assert.Equal([("gw-a", 400d), ("gw-b", 600d)], Aggregates(calculations[1]));
        Assert.Equal("slow", calculations[1].GetProperty("alias").GetString());
        Assert.Equal([("gw-a", 2d), ("gw-b", 2d)], Aggregates(calculations[2]));
        // Three buckets of two minutes, two requests in each.
        Assert.Equal([2, 2, 2], calculations[0].GetProperty("series").EnumerateArray().Select(point => point.GetProperty("data").EnumerateArray().Sum(data => data.GetProperty("value").GetInt32())));
    }

    [Fact]
    public async Task Needle_FindsTextAnywhere_AndInvocationsGroupByRequest()
    {
        var answer = await QueryAsync(new { queryId = "q", timeframe = Timeframe, view = "invocations", parameters = new { needle = new { value = "CRIMSON" } } });
        Assert.Equal(["event-1", "event-0"], answer.GetProperty("invocations").EnumerateObject().Select(request => request.Name));
        var exact = await QueryAsync(new { queryId = "q", timeframe = Timeframe, parameters = new { needle = new { value = "CRIMSON", matchCase = true } } });
        Assert.Equal(0, exact.GetProperty("events").GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task KeysAndValues_AreThoseOfTheEvents()
    {
        var keys = await PostAsync("keys", new { keyNeedle = new { value = "metadata." } });
        Assert.Contains(keys.EnumerateArray(), key => (key.GetProperty("key").GetString(), key.GetProperty("type").GetString()) == ("metadata.seat", "number"));
        Assert.Contains(keys.EnumerateArray(), key => (key.GetProperty("key").GetString(), key.GetProperty("lastSeenAt").GetInt64()) == ("metadata.team", rows.World.Noon.AddMinutes(1).ToUnixTimeMilliseconds()));
        var values = await PostAsync("values", new { datasets = Array.Empty<string>(), key = "model", type = "string", timeframe = Timeframe });
        Assert.Equal(["claude-sonnet-4-5", "gpt-4o"], values.EnumerateArray().Select(value => value.GetProperty("value").GetString()));
        Assert.Empty((await PostAsync("values", new { datasets = new[] { "cloudflare-workers" }, key = "model", type = "string", timeframe = Timeframe })).EnumerateArray());
    }

    [Theory]
    [InlineData("""{"queryId":"q"}""", """["body","timeframe"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":2,"to":1}}""", """["body","timeframe"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":1,"to":2},"view":"pie"}""", """["body","view"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":1,"to":2},"limit":2001}""", """["body","limit"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":1,"to":2},"parameters":{"filters":[{"key":"a","operation":"near","type":"string"}]}}""", """["body","parameters","filters",0,"operation"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":1,"to":2},"parameters":{"filters":[{"key":"a","operation":"regex","type":"string","value":"(?=x)"}]}}""", """["body","parameters","filters",0,"value"]""")]
    [InlineData("""{"queryId":"q","timeframe":{"from":1,"to":2},"parameters":{"calculations":[{"operator":"sum"}]}}""", """["body","parameters","calculations",0,"key"]""")]
    public async Task Query_Malformed_Is400WithThePath(string body, string path)
    {
        using var response = await rows.World.Emulator.Management.PostAsync("workers/observability/telemetry/query", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = Assert.Single((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray());
        Assert.Equal((7001, path), (error.GetProperty("code").GetInt32(), error.GetProperty("path").GetRawText()));
    }

    private Task<JsonElement> QueryAsync(object body) => PostAsync("query", body);

    private async Task<JsonElement> PostAsync(string operation, object body)
    {
        using var response = await rows.World.Emulator.Management.PostAsJsonAsync($"workers/observability/telemetry/{operation}", body);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer.GetProperty("result");
    }

    private static IEnumerable<string> Ids(JsonElement events) =>
        events.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("$metadata").GetProperty("requestId").GetString()!);

    private static IEnumerable<(string, double)> Aggregates(JsonElement calculation) => calculation.GetProperty("aggregates").EnumerateArray()
        .Select(aggregate => (aggregate.GetProperty("groups")[0].GetProperty("value").GetString()!, aggregate.GetProperty("value").GetDouble()));
}
