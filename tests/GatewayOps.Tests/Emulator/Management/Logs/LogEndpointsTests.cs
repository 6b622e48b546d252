using System.Net;
using System.Text;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Logs;

public sealed class LogEndpointsTests : IAsyncLifetime
{
    private const string Logs = "ai-gateway/gateways/prod/logs";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        await _emulator.CreateGatewayAsync("prod");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private GatewayState Gateway => _emulator.Account.FindGateway("prod")!;

    private LogRow Add(int second, Func<LogRow, LogRow>? change = null)
    {
        var row = SampleLog.Row(Gateway.Logs, second);
        row = change?.Invoke(row) ?? row;
        Assert.True(Gateway.AddLog(row));
        return row;
    }

    [Fact]
    public async Task List_ManyRows_NewestFirstInPages()
    {
        var rows = Enumerable.Range(1, 7).Select(second => Add(second)).ToArray();

        var first = await _emulator.Management.GetAnswerAsync($"{Logs}?per_page=5");
        var second = await _emulator.Management.GetAnswerAsync($"{Logs}?per_page=5&page=2&order_by_direction=asc");

        Assert.Equal(rows.Reverse().Take(5).Select(row => row.Id), Ids(first));
        Assert.Equal(rows.Skip(5).Select(row => row.Id), Ids(second));
        Assert.Equal(7, first.Body.GetProperty("result_info").GetProperty("total_count").GetInt32());
        Assert.Equal("2026-11-20T12:00:07.000Z", first.Result[0].GetProperty("created_at").GetString());
    }

    [Fact]
    public async Task List_MetaInfo_AddsTheExtremes()
    {
        Add(1);
        Add(3, row => row with { TokensIn = 100 });

        var info = (await _emulator.Management.GetAnswerAsync($"{Logs}?meta_info=true")).Body.GetProperty("result_info");

        Assert.Equal(10, info.GetProperty("min_duration").GetInt32());
        Assert.Equal(108, info.GetProperty("max_total_tokens").GetInt32());
    }

    [Fact]
    public async Task List_BeforeTheVisibilityDelay_DoesNotShowTheRow()
    {
        await using var slow = await TestEmulator.StartAsync(new EmulatorOptions { LogVisibilityDelay = TimeSpan.FromSeconds(45) });
        await slow.CreateGatewayAsync("prod");
        var gateway = slow.Account.FindGateway("prod")!;
        gateway.AddLog(SampleLog.Row(gateway.Logs) with { Id = gateway.Logs.NewId() });

        var before = await slow.Management.GetAnswerAsync(Logs);
        await slow.AdvanceClockAsync(TimeSpan.FromSeconds(45));
        var after = await slow.Management.GetAnswerAsync(Logs);

        Assert.Empty(before.Result.EnumerateArray());
        Assert.Single(after.Result.EnumerateArray());
    }

    [Fact]
    public async Task Get_Row_ShowsTheHeadsAndTheRawBodies()
    {
        var row = Add(1);

        var detail = await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}");
        using var request = await _emulator.Management.GetAsync($"{Logs}/{row.Id}/request");
        var response = await _emulator.Management.GetStringAsync($"{Logs}/{row.Id}/response");

        Assert.Equal("not json", detail.Result.GetProperty("response_head").GetString());
        Assert.True(detail.Result.GetProperty("response_head_complete").GetBoolean());
        Assert.Equal("application/json", request.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"model":"gpt-4o-mini"}""", await request.Content.ReadAsStringAsync());
        Assert.Equal("not json", response);
    }

    [Fact]
    public async Task Get_RowWithoutPayload_IsListedAndItsBodies404()
    {
        var row = Add(1, row => row with { RequestBody = null, ResponseBody = null });

        Assert.Equal(HttpStatusCode.OK, (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}")).Status);
        Assert.Equal(["7002 Not Found"], (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}/request")).Errors);
        Assert.Equal(["7002 Not Found"], (await _emulator.Management.GetAnswerAsync($"{Logs}/01ARZ3NDEKTSV4RRFFQ69G5FAV")).Errors);
    }

    [Fact]
    public async Task Patch_FeedbackScoreAndMetadata_AreKeptEachByItself()
    {
        var row = Add(1);

        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new { feedback = 1, metadata = new { team = "core" } });
        await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new { score = 70 });
        var after = (await _emulator.Management.GetAnswerAsync($"{Logs}/{row.Id}")).Result;

        Assert.Equal("{}", answer.Result.GetRawText());
        Assert.Equal((1, 70), (after.GetProperty("feedback").GetInt32(), after.GetProperty("score").GetInt32()));
        Assert.Equal("""{"team":"core"}""", after.GetProperty("metadata").GetString());
    }

    [Fact]
    public async Task Patch_OutOfRange_Is7001()
    {
        var row = Add(1);

        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Logs}/{row.Id}", new { score = 101, metadata = new { a = new { } } });

        Assert.Equal(2, answer.Errors.Count);
    }

    [Fact]
    public async Task Delete_WithFiltersAndLimit_TakesThoseRowsOnly()
    {
        var rows = Enumerable.Range(1, 4).Select(second => Add(second)).ToArray();

        var answer = await _emulator.Management.CallAsync(HttpMethod.Delete,
            $"{Logs}?limit=2&order_by=duration&order_by_direction=asc&{Escaped("""filters=[{"key":"created_at","operator":"lt","value":["2026-11-20T12:00:04Z"]}]""")}");

        Assert.Equal("""{"success":true}""", answer.Body.GetRawText());
        Assert.Equal([rows[3].Id, rows[2].Id], Ids(await _emulator.Management.GetAnswerAsync(Logs)));
    }

    internal static IEnumerable<string?> Ids(ManagementAnswer answer) => answer.Result.EnumerateArray().Select(row => row.GetProperty("id").GetString());

    internal static string Escaped(string query) =>
        string.Join('&', query.Split('&').Select(pair => pair.Split('=', 2)).Select(pair => $"{pair[0]}={Uri.EscapeDataString(pair[1])}"));
}
