using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Logs;

/// <summary>Feedback, deletion, bodies and the bounds of a log.</summary>
public sealed class LogChangeTests : IAsyncLifetime
{
    private const string Logs = "ai-gateway/gateways/prod/logs";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { LogDeletionDelay = TimeSpan.FromSeconds(5) });
        await _emulator.CreateGatewayAsync("prod");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private GatewayState Gateway => _emulator.Account.FindGateway("prod")!;

    private LogRow Add(int second, Func<LogRow, LogRow>? change = null)
    {
        var row = SampleLog.Row(Gateway.Logs, second);
        Assert.True(Gateway.AddLog(change?.Invoke(row) ?? row));
        return row;
    }

    public static TheoryData<string, string> BadPatches { get; } = new()
    {
        { """{"feedback":-2}""", "feedback Number must be greater than or equal to -1" },
        { """{"feedback":2}""", "feedback Number must be less than or equal to 1" },
        { """{"feedback":"1"}""", "feedback Expected number, received string" },
        { """{"score":-1}""", "score Number must be greater than or equal to 0" },
        { """{"score":101}""", "score Number must be less than or equal to 100" },
        { """{"metadata":[]}""", "metadata Expected object, received array" },
        { """{"metadata":{"a":{}}}""", "metadata.a Expected string, received object" },
        { """{"metadata":{"a":null}}""", "metadata.a Expected string, received null" },
    };

    [Theory]
    [MemberData(nameof(BadPatches))]
    [Operation("patchLog")]
    public async Task Patch_OneStepOutside_Is7001AndChangesNothing(string body, string error)
    {
        var row = Add(1);
        var before = (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}")).Body.GetRawText();

        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new StringContent(body));

        Assert.Equal((HttpStatusCode.BadRequest, $"7001 body.{error}"), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Equal(before, (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}")).Body.GetRawText());
    }

    [Theory]
    [InlineData("""{"feedback":-1,"score":0}""", "-1", "0", "{}")]
    [InlineData("""{"feedback":1,"score":100}""", "1", "100", "{}")]
    [InlineData("""{"metadata":{"a":"b","n":1.5,"t":true}}""", "null", "null", """{"a":"b","n":1.5,"t":true}""")]
    [InlineData("""{}""", "null", "null", "{}")]
    [Operation("patchLog", "getLog")]
    public async Task Patch_AtTheEdges_IsKept(string body, string feedback, string score, string metadata)
    {
        var row = Add(1);
        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new StringContent(body));
        var after = (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}")).Result;

        Assert.Equal("{}", answer.Result.GetRawText());
        Assert.Equal((feedback, score, metadata), (after.GetProperty("feedback").GetRawText(), after.GetProperty("score").GetRawText(), after.GetProperty("metadata").GetString()));
    }

    [Fact]
    [Operation("patchLog")]
    public async Task Patch_Null_TakesTheValueAway()
    {
        var row = Add(1, row => row with { Feedback = 1, Score = 5, Metadata = """{"a":"b"}""" });
        await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new StringContent("""{"feedback":null,"score":null,"metadata":null}"""));
        var after = Gateway.Logs.Find(row.Id)!;

        Assert.Equal((null, null, null), (after.Feedback, after.Score, after.Metadata));
        Assert.Equal(HttpStatusCode.NotFound, (await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{Gateway.Logs.NewId()}", new { score = 1 })).Status);
    }

    [Fact]
    [Operation("deleteLogs")]
    public async Task Delete_IsAsynchronous_AndTheTotalIsStaleForLonger()
    {
        foreach (var second in Enumerable.Range(1, 6))
            Add(second, row => row with { Provider = second % 2 == 0 ? "groq" : "openai" });
        async Task<(int, int)> SeenAsync(string query = "")
        {
            var list = await _emulator.Management.GetAnswerAsync($"{Logs}?{query}");
            return (list.Result.GetArrayLength(), list.Body.GetProperty("result_info").GetProperty("total_count").GetInt32());
        }

        var answer = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Logs}?filters.key=provider&filters.operator=eq&filters.value=groq");
        Assert.Equal("""{"success":true}""", answer.Body.GetRawText());
        Assert.Equal((6, 6), await SeenAsync());

        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((3, 6), await SeenAsync());
        Assert.Equal((0, 3), await SeenAsync("provider=groq"));
        Assert.Equal((3, 3), await SeenAsync("provider=openai"));

        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((3, 3), await SeenAsync());
    }

    [Theory]
    [InlineData("cost", "desc", new[] { 1, 2 })]
    [InlineData("cost", "asc", new[] { 3, 4 })]
    [InlineData("tokens_in", "desc", new[] { 2, 3 })]
    [InlineData("tokens_out", "asc", new[] { 2, 3 })]
    [InlineData("duration", "asc", new[] { 3, 4 })]
    [InlineData("feedback", "desc", new[] { 1, 2 })]
    [Operation("deleteLogs")]
    public async Task Delete_LimitAndOrder_TakeTheFirst(string order, string direction, int[] left)
    {
        var added = new[]
        {
            Add(1, row => row with { TokensIn = 50, TokensOut = 1 }),
            Add(2, row => row with { TokensIn = 5, TokensOut = 20 }),
            Add(3, row => row with { TokensIn = 6, TokensOut = 30, Feedback = 0 }),
            Add(4, row => row with { TokensIn = 60, TokensOut = 2, Feedback = 1 }),
        };
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Logs}?limit=2&order_by={order}&order_by_direction={direction}");
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(left.Select(number => added[number - 1].Id), Gateway.Logs.Read().Select(row => row.Id));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=all", "limit")]
    [InlineData("order_by=tokens", "order_by")]
    [InlineData("order_by_direction=up", "order_by_direction")]
    [InlineData("filters=[", "filters")]
    [InlineData("filters=[{%22key%22:%22model%22}]", "filters.0.operator")]
    public async Task Delete_BadQuery_Is7001AndDeletesNothing(string query, string path)
    {
        Add(1);
        var answer = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Logs}?{query}");
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith($"7001 query.{path} ", answer.Errors[0]);
        Assert.Equal(1, Gateway.Logs.Read().Count);
    }

    [Fact]
    [Operation("getLog", "getLogRequest", "getLogResponse")]
    public async Task Get_BodyThatWasEvicted_HasASizeAndNoHead()
    {
        await using var small = await TestEmulator.StartAsync(new EmulatorOptions { MaxLogBodyBytes = 3_000 });
        await small.CreateGatewayAsync("prod");
        var gateway = small.Account.FindGateway("prod")!;
        LogRow[] rows = [.. Enumerable.Range(1, 2).Select(second => SampleLog.Row(gateway.Logs, second) with { RequestBody = new byte[1_500], ResponseBody = "é"u8.ToArray() })];
        Assert.All(rows, row => Assert.True(gateway.AddLog(row)));

        var evicted = (await small.Management.GetAnswerAsync($"{Logs}/{rows[0].Id}")).Result;
        var kept = (await small.Management.GetAnswerAsync($"{Logs}/{rows[1].Id}")).Result;

        Assert.Equal((1_500, false, ""), Head(evicted, "request"));
        Assert.Equal((1_500, false, new string('\0', 1_024)), Head(kept, "request"));
        Assert.Equal((2, true, "é"), Head(kept, "response"));
        Assert.Equal(HttpStatusCode.NotFound, (await small.Management.GetAnswerAsync($"{Logs}/{rows[0].Id}/request")).Status);
        Assert.Equal("é", await small.Management.GetStringAsync($"{Logs}/{rows[1].Id}/response"));

        static (int, bool, string?) Head(JsonElement row, string side) =>
            (row.GetProperty($"{side}_size").GetInt32(), row.GetProperty($"{side}_head_complete").GetBoolean(), row.GetProperty($"{side}_head").GetString());
    }

    [Theory]
    [InlineData("STOP_INSERTING", 10_000, 1)]
    [InlineData("DELETE_OLDEST", 10_000, 6)]
    [InlineData(null, 10_000, 1)]
    public async Task LogManagement_OfAFullLog_StopsOrTakesTheOldest(string? strategy, int limit, int first)
    {
        await _emulator.CreateGatewayAsync("full", new Dictionary<string, object?> { ["log_management"] = limit, ["log_management_strategy"] = strategy });
        var gateway = _emulator.Account.FindGateway("full")!;
        gateway.ImportLogs(Enumerable.Range(1, limit + 5).Select(second => SampleLog.Row(gateway.Logs, second) with { RequestBody = null, ResponseBody = null }));

        Assert.Equal(limit, gateway.Logs.Count);
        Assert.Equal(SampleLog.Start.AddSeconds(first), gateway.Logs.Read().First().CreatedAt);
    }

    [Fact]
    [Operation("listLogs")]
    public async Task List_LiveMembers_AreThereAsFarAsTheRowHasThem()
    {
        Add(1, row => row with { Latency = 4, CachedTokens = 3, ReasoningTokens = 2, DlpAction = "FLAG", DlpProfiles = """[{"check":"REQUEST"}]""" });
        var row = (await _emulator.Management.GetAnswerAsync(Logs)).Result[0];

        Assert.Equal("""{"input_tokens":12,"output_tokens":8,"total_tokens":20,"output_reasoning_tokens":2,"input_cached_tokens":3}""", row.GetProperty("usage_metadata").GetRawText());
        Assert.Equal("""{"total":10,"latency":4}""", row.GetProperty("timings").GetRawText());
        Assert.Equal(("FLAG", "", ""), (row.GetProperty("dlp_action").GetString(), row.GetProperty("request").GetString(), row.GetProperty("response").GetString()));
        Assert.Equal("REQUEST", row.GetProperty("dlp_profiles")[0].GetProperty("check").GetString());
    }
}
