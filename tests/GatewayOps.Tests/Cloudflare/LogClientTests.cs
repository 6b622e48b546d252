using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Logs;

namespace GatewayOps.Tests.Cloudflare;

public sealed class LogClientTests
{
    [Fact]
    public async Task List_EveryFilter_GoesAsOneJsonArray()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        var query = new LogQuery
        {
            Filters = [LogFilter.Is("provider", "openai", "grok"), new("cost", "gt", JsonValue.Create(0.5)), new("cached", "eq", JsonValue.Create(true)), new("feedback", "neq", [null])],
            Search = "needle",
            OrderBy = "model",
            Ascending = false,
        };
        Assert.Empty(await stub.Client().Logs.ListAsync("gw", query, CancellationToken.None).AllAsync());
        Assert.Equal("GET ai-gateway/gateways/gw/logs?page=1&per_page=50&order_by=model&order_by_direction=desc&search=needle&filters="
            + """[{"key":"provider","operator":"eq","value":["openai","grok"]},{"key":"cost","operator":"gt","value":[0.5]},{"key":"cached","operator":"eq","value":[true]},{"key":"feedback","operator":"neq","value":[null]}]""", stub.Asked);
    }

    [Fact]
    public async Task List_AssumptionTurned_FiltersGoAsTheSdkSendsThem()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"));
        var logs = stub.Client(options => options with { Assumptions = new() { FiltersAsJson = false } }).Logs;
        await logs.ListAsync("gw", new LogQuery { Filters = [LogFilter.Is("model", "a", "b"), new("cached", "eq", JsonValue.Create(true))] }, CancellationToken.None).AllAsync();
        Assert.EndsWith("&filters.key=model&filters.operator=eq&filters.value=a&filters.value=b&filters.key=cached&filters.operator=eq&filters.value=true", stub.Requests[0].Target, StringComparison.Ordinal);
    }

    /// <summary>Callers choose models: half of a surrogate pair hides no row beside it.</summary>
    [Fact]
    public async Task Page_HalfOfASurrogatePair_IsAReplacementCharacter()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""
            [{"id":"a","created_at":"2026-01-01T00:00:00Z","model":"m\ud83d\\\\ud83d"},{"id":"b","created_at":"2026-01-01T00:00:00Z","model":"\ud83d\ude00\uDE00"}]
            """));
        var page = await stub.Client().Logs.PageAsync("gw", new LogQuery(), 1, CancellationToken.None);
        Assert.Equal(["m\uFFFD\\\\ud83d", "\U0001F600\uFFFD"], page.Entries.Select(entry => entry.Model));
    }

    [Fact]
    public async Task Summarise_Query_IsReadFromTheInfoBesideTheRows()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200,
            """{"success":true,"result":[],"result_info":{"total_count":12,"min_cost":0,"max_cost":1.25,"min_duration":3,"max_duration":900,"min_tokens_in":1,"max_tokens_in":2,"max_total_tokens":7}}"""));
        var summary = await stub.Client().Logs.SummariseAsync("gw", new LogQuery(), CancellationToken.None);
        Assert.Equal(new LogSummary(12, new(0, 1.25m), new(3, 900), new(1, 2), new(null, null), new(null, 7)), summary);
        Assert.Equal("GET ai-gateway/gateways/gw/logs?page=1&per_page=5&order_by=created_at&order_by_direction=asc&meta_info=true", stub.Asked);
    }

    [Fact]
    public async Task Delete_ByFilterLimitAndOrder_AnswersWithoutResult()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"success":true}"""));
        await stub.Client().Logs.DeleteAsync("gw", new() { Filters = [LogFilter.Before(DateTimeOffset.UnixEpoch)], Limit = 10, OrderBy = "cost", Ascending = false }, CancellationToken.None);
        Assert.Equal("""DELETE ai-gateway/gateways/gw/logs?order_by=cost&order_by_direction=desc&limit=10&filters=[{"key":"created_at","operator":"lt","value":["1970-01-01T00:00:00.000Z"]}]""", stub.Asked);
    }

    [Fact]
    public async Task Delete_NothingSaid_IsRefusedUnlessEverythingIsMeant()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, """{"success":true}"""));
        await Assert.ThrowsAsync<ArgumentException>(() => stub.Client().Logs.DeleteAsync("gw", new LogDeletion(), CancellationToken.None));
        Assert.Empty(stub.Requests);
        await stub.Client().Logs.DeleteAsync("gw", LogDeletion.Everything, CancellationToken.None);
        Assert.Single(stub.Requests);
    }

    [Fact]
    public async Task Delete_AnswerLost_IsNotRepeated()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped);
        var failure = await stub.Client().Logs.DeleteAsync("gw", new LogDeletion { Limit = 10 }, CancellationToken.None).FailureAsync();
        Assert.True(failure.IsAmbiguous);
        Assert.Single(stub.Requests);
    }

    [Theory]
    [InlineData(LogMarks.None, """{"feedback":-1,"metadata":{"team":"a","n":2,"ok":true}}""")]
    [InlineData(LogMarks.Score, """{"feedback":-1,"score":null,"metadata":{"team":"a","n":2,"ok":true}}""")]
    [InlineData(LogMarks.Feedback | LogMarks.Metadata, """{"feedback":null,"metadata":null}""")]
    public async Task Update_Marks_SendsWhatIsSetAndNullsWhatIsCleared(LogMarks clear, string body)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("{}"));
        var patch = new LogPatch
        {
            Feedback = -1,
            Metadata = new Dictionary<string, JsonValue> { ["team"] = JsonValue.Create("a"), ["n"] = JsonValue.Create(2), ["ok"] = JsonValue.Create(true) },
            Clear = clear,
        };
        await stub.Client().Logs.UpdateAsync("gw", "01A", patch, CancellationToken.None);
        Assert.Equal($"PATCH ai-gateway/gateways/gw/logs/01A {body}", stub.Asked);
    }

    [Fact]
    public async Task Find_Entry_HasTheHeadsOfItsBodies()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("""
            {"id":"01A","created_at":"2026-11-21T10:00:00Z","cached":false,"duration":5,"model":"m","path":"p","provider":"openai","success":true,"tokens_in":1,"tokens_out":2,"step":1,"custom_cost":true,
             "feedback":1,"score":0.5,"event_id":"e","user_agent":"curl","request_head":"{\"a\"","request_head_complete":false,"request_size":1000,"response_head":"{}","response_head_complete":true,"response_size":2}
            """));
        var detail = await stub.Client().Logs.FindAsync("gw", "01A", CancellationToken.None);
        Assert.Equal(("{\"a\"", false, 1000L, "{}", true, 2L), (detail!.RequestHead, detail.RequestHeadComplete, detail.RequestSize, detail.ResponseHead, detail.ResponseHeadComplete, detail.ResponseSize));
        Assert.Equal((1, true, 1m, 0.5m, "e", "curl"), (detail.Entry.Step, detail.Entry.CustomCost, detail.Entry.Feedback, detail.Entry.Score, detail.Entry.EventId, detail.Entry.UserAgent));
    }
}
