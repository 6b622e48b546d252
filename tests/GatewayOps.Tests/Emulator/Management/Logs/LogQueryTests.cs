using System.Net;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Logs;

/// <summary>Which rows a query finds: six rows, written once.</summary>
public sealed class LogQueryTests(LogQueryTests.SixRows fixture) : IClassFixture<LogQueryTests.SixRows>
{
    private const string Logs = "ai-gateway/gateways/prod/logs";

    public static TheoryData<string, int[]> Queries { get; } = new()
    {
        // Rows 1 to 6: see the fixture. The JSON form of filters:
        { """filters=[{"key":"provider","operator":"eq","value":["anthropic"]}]""", [2] },
        { """filters=[{"key":"provider","operator":"eq","value":["anthropic","groq"]}]""", [2, 3] },
        { """filters=[{"key":"provider","operator":"neq","value":["openai"]}]""", [2, 3] },
        { """filters=[{"key":"model","operator":"contains","value":["4o"]}]""", [1, 3, 4, 5, 6] },
        { """filters=[{"key":"created_at","operator":"gt","value":["2026-11-20T12:00:04Z"]}]""", [5, 6] },
        { """filters=[{"key":"created_at","operator":"lt","value":["2026-11-20T12:00:02Z"]}]""", [1] },
        { """filters=[{"key":"created_at","operator":"gt","value":["2026-11-20T12:00:01Z"]},{"key":"success","operator":"eq","value":[false]}]""", [4] },
        { """filters=[{"key":"tokens","operator":"gt","value":[20]}]""", [5] },
        { """filters=[{"key":"tokens_out","operator":"eq","value":[null]}]""", [4] },
        { """filters=[{"key":"cached","operator":"eq","value":[true]}]""", [6] },
        { """filters=[{"key":"metadata.key","operator":"eq","value":["team"]},{"key":"metadata.value","operator":"eq","value":["core"]}]""", [3] },
        { """filters=[{"key":"event_id","operator":"eq","value":["e-1"]}]""", [1] },
        // The SDK's form:
        { "filters.key=provider&filters.operator=eq&filters.value=anthropic&filters.value=groq", [2, 3] },
        { "filters.key=duration&filters.operator=gt&filters.value=10&filters.key=duration&filters.operator=lt&filters.value=40", [2, 3] },
        // Scalar parameters:
        { "success=false", [4] },
        { "cached=true", [6] },
        { "provider=openai&model=gpt-4o-mini&min_tokens_in=13", [5] },
        { "start_date=2026-11-20T12:00:03Z&end_date=2026-11-20T12:00:04Z", [3, 4] },
        { "min_duration=50&max_total_tokens=20", [6] },
        { "search=CLAUDE", [2] },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task List_Query_FindsExactlyTheRows(string query, int[] expected)
    {
        var answer = await fixture.Emulator.Management.GetAnswerAsync($"{Logs}?order_by_direction=asc&{LogEndpointsTests.Escaped(query)}");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(expected.Select(number => fixture.Rows[number - 1].Id), LogEndpointsTests.Ids(answer));
    }

    [Theory]
    [InlineData("per_page=100", "query.per_page")]
    [InlineData("per_page=4", "query.per_page")]
    [InlineData("order_by=cost", "query.order_by")]
    [InlineData("order_by_direction=up", "query.order_by_direction")]
    [InlineData("filters=[{]", "query.filters")]
    [InlineData("""filters=[{"key":"colour","operator":"eq","value":["a"]}]""", "query.filters.0.key")]
    [InlineData("""filters=[{"key":"model","operator":"like","value":["a"]}]""", "query.filters.0.operator")]
    [InlineData("""filters=[{"key":"model","operator":"eq","value":"a"}]""", "query.filters.0.value")]
    [InlineData("""filters=[{"key":"created_at","operator":"gt","value":["yesterday"]}]""", "query.filters.0.value.0")]
    [InlineData("filters.operator=eq&filters.value=a", "query.filters.0.key")]
    [InlineData("min_cost=cheap", "query.min_cost")]
    public async Task List_BadQuery_Is7001WithPath(string query, string path)
    {
        var answer = await fixture.Emulator.Management.GetAnswerAsync($"{Logs}?{LogEndpointsTests.Escaped(query)}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith($"7001 {path} ", Assert.Single(answer.Errors));
    }

    public sealed class SixRows : IAsyncLifetime
    {
        public TestEmulator Emulator { get; private set; } = null!;

        public IReadOnlyList<LogRow> Rows { get; private set; } = [];

        public async Task InitializeAsync()
        {
            Emulator = await TestEmulator.StartAsync();
            await Emulator.CreateGatewayAsync("prod");
            var gateway = Emulator.Account.FindGateway("prod")!;
            LogRow Row(int second) => SampleLog.Row(gateway.Logs, second);
            Rows =
            [
                Row(1) with { EventId = "e-1" },
                Row(2) with { Provider = "anthropic", Model = "claude-sonnet-4-5" },
                Row(3) with { Provider = "groq", Metadata = """{"team":"core","n":5}""" },
                Row(4) with { Success = false, StatusCode = 500, TokensOut = null, TokensIn = 0 },
                Row(5) with { TokensIn = 100 },
                Row(6) with { Cached = true },
            ];
            Assert.All(Rows, row => Assert.True(gateway.AddLog(row)));
        }

        public async Task DisposeAsync() => await Emulator.DisposeAsync();
    }
}
