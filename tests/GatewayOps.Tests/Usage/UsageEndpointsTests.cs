using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Usage;

public sealed class UsageEndpointsTests(UsageEndpointsTests.Stage stage) : IClassFixture<UsageEndpointsTests.Stage>
{
    private readonly TestService _service = stage.Service;

    [Fact, Trait("checklist", "S1-05"), Trait("checklist", "S2-22"), Trait("checklist", "S3-05")]
    public async Task Usage_ByProvider_AddsUp()
    {
        var usage = await GetAsync("/api/v1/usage?by=provider&since=2026-11-21T00:00:00Z");

        var openai = usage.GetProperty("groups").EnumerateArray().First();
        Assert.Equal(("openai", 4), (openai.GetProperty("group").GetString(), openai.GetProperty("requests").GetInt32()));
        Assert.Equal((30, 15, 0.000369m), (openai.GetProperty("tokensIn").GetInt32(), openai.GetProperty("tokensOut").GetInt32(), openai.GetProperty("costUsd").GetDecimal()));
        Assert.Equal(
            (1, 2, 1, 1, 1, 1, 6),
            (Count("cacheHits"), Count("errors"), Count("streams"), Count("truncated"), Count("rateLimited"), Count("fallbacks"), Count("attempts")));
        Assert.Equal(7, usage.GetProperty("total").GetProperty("requests").GetInt32());

        int Count(string name) => openai.GetProperty(name).GetInt32();
    }

    [Fact, Trait("checklist", "S0-21")]
    public async Task Usage_Compared_IsWhatTheSameTokensWouldHaveCost()
    {
        var usage = await GetAsync("/api/v1/usage?since=2026-11-21T00:00:00Z&compare=openai/gpt-4");

        var (total, other) = (usage.GetProperty("total"), usage.GetProperty("comparison"));
        var cost = ((total.GetProperty("tokensIn").GetInt64() * 30m) + (total.GetProperty("tokensOut").GetInt64() * 60m)) / 1_000_000m;
        Assert.Equal(("openai/gpt-4", cost, Math.Round(cost / total.GetProperty("costUsd").GetDecimal(), 1)), (other.GetProperty("model").GetString(), other.GetProperty("costUsd").GetDecimal(), other.GetProperty("ratio").GetDecimal()));
        using var unknown = await _service.Operator.GetAsync("/api/v1/usage?compare=gpt-nothing");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Theory]
    [InlineData("model", 3)]
    [InlineData("key", 1)]
    [InlineData("gateway", 1)]
    public async Task Usage_ByOther_Groups(string by, int groups) =>
        Assert.Equal(groups, (await GetAsync($"/api/v1/usage?by={by}&since=2026-11-21T00:00:00Z")).GetProperty("groups").GetArrayLength());

    [Fact]
    public async Task Usage_Since_LeavesOutWhatIsOlder() =>
        Assert.Equal(3, (await GetAsync("/api/v1/usage?since=2026-11-21T12:00:04Z")).GetProperty("total").GetProperty("requests").GetInt32());

    /// <summary>Those that a provider answered: no cache hits. Whatever `since` says.</summary>
    [Theory, Trait("checklist", "S0-20")]
    [InlineData("2026-11-21T23:00:00Z", 6, "today: 6/7 requests")]
    [InlineData("2026-11-22T00:00:00Z", 0, "today: 0/7 requests")]
    public async Task Usage_Today_IsCountedAgainstTheFreeTier(string now, int requests, string message)
    {
        await using var service = await TestService.StartAsync(
            _service.Database, settings: new Dictionary<string, string> { ["GatewayOps:Usage:FreeRequestsPerDay"] = "7" }, time: new TestClock(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)));
        var usage = JsonSerializer.Deserialize<JsonElement>(await service.Operator.GetStringAsync("/api/v1/usage?since=1m"));
        var told = await CliRun.AgainstAsync(service.BaseUrl, "usage");

        Assert.Equal((requests, 7), (usage.GetProperty("today").GetProperty("requests").GetInt32(), usage.GetProperty("today").GetProperty("free").GetInt32()));
        Assert.Equal(0, told.ExitCode);
        Assert.Contains(message, told.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", told.Errors, StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S0-20")]
    public async Task Usage_FreeTierUsedUp_IsWarnedOf()
    {
        await using var service = await TestService.StartAsync(
            _service.Database, settings: new Dictionary<string, string> { ["GatewayOps:Usage:FreeRequestsPerDay"] = "6" },
            time: new TestClock(new DateTimeOffset(2026, 11, 21, 23, 0, 0, TimeSpan.Zero)));

        Assert.Contains("warning: the free tier of today is used up", (await CliRun.AgainstAsync(service.BaseUrl, "usage")).Errors, StringComparison.Ordinal);
    }

    [Theory, Trait("checklist", "S1-05")]
    [InlineData("by=hour", "2026-11-21T12:00:00Z")]
    [InlineData("by=day", "2026-11-21")]
    public async Task Usage_ByTime_NamesWhereItBegins(string by, string group)
    {
        var usage = await GetAsync($"/api/v1/usage?{by}&since=2026-11-21T00:00:00Z&until=2026-11-22T00:00:00Z&gateway=gw");
        var only = Assert.Single(usage.GetProperty("groups").EnumerateArray());
        Assert.Equal((group, 7), (only.GetProperty("group").GetString(), only.GetProperty("requests").GetInt32()));
        Assert.Equal((0.1429, 12.5), (only.GetProperty("hitRatio").GetDouble(), Math.Round(only.GetProperty("p50Ms").GetDouble() / 12 * 12.5, 1)));
    }

    [Theory]
    [InlineData("provider=anthropic", 3)]
    [InlineData("model=m1", 2)]
    [InlineData("outcome=truncated", 1)]
    [InlineData("status=2xx&gateway=gw", 7)]
    [InlineData("status=500", 0)]
    [InlineData("since=2026-11-21T12:00:02Z&until=2026-11-21T12:00:04Z", 2)]
    [InlineData("requestId=r3", 1)]
    [InlineData("session=none", 0)]
    [InlineData("key=a%00b", 0)]
    public async Task Requests_Filtered_AreThose(string filter, int count) =>
        Assert.Equal(count, (await GetAsync($"/api/v1/requests?{filter}")).GetProperty("requests").GetArrayLength());

    [Fact, Trait("checklist", "S0-21"), Trait("checklist", "S3-05")]
    public async Task Usage_OnTheCommandLine_HasItsCourse_ButNotForPrograms()
    {
        var table = await CliRun.AgainstAsync(_service.BaseUrl, "usage", "--by", "provider", "--since", "2026-11-21T00:00:00Z", "--compare", "openai/gpt-4");
        var json = await CliRun.AgainstAsync(_service.BaseUrl, "usage", "--by", "provider", "--since", "2026-11-21T00:00:00Z", "-o", "json");

        Assert.Equal(0, table.ExitCode);
        Assert.Matches("(?m)^openai +4 .* 0.000369 ", table.Output);
        Assert.Matches(@"with openai/gpt-4: 0\.\d+ US dollars, \d+(\.\d)? times what it cost", table.Errors);
        Assert.Contains("requests by provider", table.Output, StringComparison.Ordinal);
        Assert.Contains('█', table.Output);
        Assert.DoesNotContain('\e', table.Output);
        Assert.All(table.Output.Split('\n').SkipWhile(line => line != "requests by provider"), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("price (of 2026-11-21): 30.00 in, 60.00 out per million tokens", table.Errors, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, JsonSerializer.Deserialize<JsonElement>(json.Output).ValueKind);
        Assert.DoesNotContain('█', json.Output);
    }

    [Fact, Trait("checklist", "S1-06")]
    public async Task Logs_OfTheProxy_AreFiltered()
    {
        var run = await CliRun.AgainstAsync(_service.BaseUrl, "logs", "--source", "proxy", "--provider", "anthropic", "--tail", "2", "-o", "name");
        Assert.Equal((0, 2), (run.ExitCode, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        var none = await CliRun.AgainstAsync(_service.BaseUrl, "logs", "--source", "proxy", "--status", "418");
        Assert.Equal((0, "", true), (none.ExitCode, none.Output, none.Errors.StartsWith("No log row is like that", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Requests_Pages_GiveEachOnceNewestFirst()
    {
        var seen = new List<string>();
        for (var url = "/api/v1/requests?limit=3"; url is not null;)
        {
            var page = await GetAsync(url);
            seen.AddRange(page.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("requestId").GetString()!));
            url = page.GetProperty("next").GetString() is { } next ? $"/api/v1/requests?limit=3&cursor={next}" : null;
        }

        Assert.Equal(["r6", "r5", "r4", "r3", "r2", "r1", "r0"], seen);
    }

    [Theory]
    [InlineData("/api/v1/usage?by=prompt")]
    [InlineData("/api/v1/usage?since=yesterday")]
    [InlineData("/api/v1/usage?since=9d9")]
    [InlineData("/api/v1/usage?since=1h&until=2h")]
    [InlineData("/api/v1/usage?until=never")]
    [InlineData("/api/v1/usage?by=hour&since=40d")]
    [InlineData("/api/v1/usage?by=hour&since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z")]
    [InlineData("/api/v1/usage?since=9999-12-31T23:59:59Z")]
    [InlineData("/api/v1/usage?until=0001-01-01T00:00:00Z")]
    [InlineData("/api/v1/usage?since=1970-01-01T00:00:00%2B01:00")]
    [InlineData("/api/v1/logs?status=500&until=0001-01-01T00:00:00Z")]
    [InlineData("/api/v1/analytics?until=0001-01-01T00:00:00Z")]
    [InlineData("/api/v1/requests?status=abc")]
    [InlineData("/api/v1/requests?outcome=fine")]
    [InlineData("/api/v1/requests?since=x")]
    [InlineData("/api/v1/logs?status=4x")]
    [InlineData("/api/v1/logs?until=x")]
    [InlineData("/api/v1/requests?limit=0")]
    [InlineData("/api/v1/requests?cursor=!")]
    [InlineData("/api/v1/requests?cursor=YQ")]
    public async Task Query_OutOfRange_IsAProblem(string url)
    {
        using var answer = await _service.Operator.GetAsync(url);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("/api/v1/usage?since=1970-01-01T00:00:00Z&until=9998-12-31T23:59:59.9999999Z")]
    [InlineData("/api/v1/usage?since=9998-12-31T23:59:59Z")]
    [InlineData("/api/v1/usage?by=hour&since=9998-12-31T23:59:59Z")]
    [InlineData("/api/v1/usage?until=1970-01-01T00:00:01Z")]
    [InlineData("/api/v1/requests?until=1970-01-01T00:00:00Z")]
    [InlineData("/api/v1/logs?status=500&until=1970-01-01T00:00:00Z")]
    [InlineData("/api/v1/analytics?by=hour&until=1970-01-01T00:00:00Z")]
    public async Task Query_OfTheEndsOfTime_IsAnswered(string url)
    {
        using var answer = await _service.Operator.GetAsync(url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/usage")]
    [InlineData("/api/v1/requests")]
    public async Task Query_WithoutAnOperatorToken_Is401(string url)
    {
        using var answer = await _service.Caller.GetAsync(url);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<JsonElement> GetAsync(string url) => await _service.Operator.GetFromJsonAsync<JsonElement>(url);

    /// <summary>Seven records, which every test only reads.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        public TestService Service { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Service = await TestService.StartAsync();
            var records = Enumerable.Range(0, 7).Select(Records.New).ToList();
            records[0] = records[0] with { Outcome = Outcomes.Truncated, Stream = true };
            records[2] = records[2] with { Cache = "hit", CostUsd = 0m, Tokens = null };
            records[4] = records[4] with { Attempts = 3 };
            records[6] = records[6] with { Outcome = Outcomes.RateLimited };
            await new RequestRecordTable(Service.Database.DataSource).WriteAsync(records, CancellationToken.None);
        }

        public async Task DisposeAsync() => await Service.DisposeAsync();
    }
}
