using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class LogContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private LogClient _logs = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _logs = _emulator.Client().Logs;
        await _emulator.CreateGatewayAsync("gw");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("listLogs")]
    public async Task List_MoreThanAPage_IsWholeInOrderAndNarrowedByFilters()
    {
        await FillAsync(130);
        var all = await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync();
        Assert.Equal(130, all.Select(entry => entry.Id).Distinct().Count());
        Assert.Equal(all.OrderBy(entry => entry.CreatedAt).Select(entry => entry.CreatedAt), all.Select(entry => entry.CreatedAt));
        Assert.Equal(all.Select(entry => entry.Id).Order(), (await _logs.ListAsync("gw", new LogQuery { Ascending = false }, CancellationToken.None).AllAsync()).Select(entry => entry.Id).Order());

        var (provider, median) = (all[0].Provider, all.Select(entry => entry.DurationMs).Order().ElementAt(65));
        var filtered = await _logs.ListAsync("gw", new LogQuery { Filters = [LogFilter.Is("provider", provider), new("duration", "gt", JsonValue.Create(median))] }, CancellationToken.None).AllAsync();
        Assert.Equal(all.Where(entry => entry.Provider == provider && entry.DurationMs > median).Select(entry => entry.Id), filtered.Select(entry => entry.Id));

        var half = await _logs.ListAsync("gw", new LogQuery { Since = all[50].CreatedAt, Until = all[100].CreatedAt }, CancellationToken.None).AllAsync();
        Assert.Equal(all.Where(entry => entry.CreatedAt > all[50].CreatedAt && entry.CreatedAt < all[100].CreatedAt).Select(entry => entry.Id), half.Select(entry => entry.Id));
        Assert.Empty(await _logs.ListAsync("gw", new LogQuery { Search = "no such text anywhere" }, CancellationToken.None).AllAsync());
    }

    [Fact, Operation("listLogs")]
    public async Task Filters_InTheSdksForm_MeanTheSame()
    {
        await FillAsync(60);
        var query = new LogQuery { Filters = [new("success", "eq", JsonValue.Create(true)), new("tokens_in", "gt", JsonValue.Create(10))] };
        // The document describes the JSON form alone.
        var sdk = _emulator.Client(options => options with { Assumptions = new() { FiltersAsJson = false } }, held: false).Logs;
        var expected = (await _logs.ListAsync("gw", query, CancellationToken.None).AllAsync()).Select(entry => entry.Id).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, (await sdk.ListAsync("gw", query, CancellationToken.None).AllAsync()).Select(entry => entry.Id));
    }

    [Fact, Operation("listLogs")]
    public async Task Summary_CountsWhatTheListHas()
    {
        await FillAsync(60);
        var query = new LogQuery { Filters = [new("cached", "eq", JsonValue.Create(false))] };
        var entries = await _logs.ListAsync("gw", query, CancellationToken.None).AllAsync();
        var summary = await _logs.SummariseAsync("gw", query, CancellationToken.None);
        Assert.Equal(entries.Count, summary.Count);
        Assert.Equal((entries.Min(entry => entry.DurationMs), entries.Max(entry => entry.DurationMs)), ((long)summary.DurationMs.Least!, (long)summary.DurationMs.Most!));
        Assert.Equal((entries.Min(entry => entry.Cost), entries.Max(entry => entry.Cost)), (summary.Cost.Least, summary.Cost.Most));
        Assert.Equal(entries.Max(entry => entry.TokensOut), (long?)summary.TokensOut.Most);
    }

    [Fact, Operation("getLog", "patchLog", "getLogRequest", "getLogResponse")]
    public async Task Entry_OfARequest_IsReadMarkedAndHasItsBodies()
    {
        await AskAsync("hello there");
        var entry = Assert.Single(await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync());
        Assert.Equal(("openai", "gpt-4o", true, 200), (entry.Provider, entry.Model, entry.Success, entry.StatusCode));
        Assert.Equal(new Dictionary<string, string> { ["team"] = "core", ["seats"] = "3" }, entry.Metadata);
        Assert.Contains("hello there", Encoding.UTF8.GetString((await _logs.RequestBodyAsync("gw", entry.Id, CancellationToken.None))!), StringComparison.Ordinal);
        Assert.Contains("choices", Encoding.UTF8.GetString((await _logs.ResponseBodyAsync("gw", entry.Id, CancellationToken.None))!), StringComparison.Ordinal);
        Assert.True((await _logs.FindAsync("gw", entry.Id, CancellationToken.None))!.RequestSize > 10);

        await _logs.UpdateAsync("gw", entry.Id, new LogPatch { Feedback = 1, Score = 90, Metadata = new Dictionary<string, JsonValue> { ["team"] = JsonValue.Create("other") } }, CancellationToken.None);
        var marked = (await _logs.FindAsync("gw", entry.Id, CancellationToken.None))!.Entry;
        Assert.Equal((1m, 90m, "other"), (marked.Feedback, marked.Score, marked.Metadata["team"]));
        await _logs.UpdateAsync("gw", entry.Id, new LogPatch { Clear = LogMarks.Feedback }, CancellationToken.None);
        var cleared = (await _logs.FindAsync("gw", entry.Id, CancellationToken.None))!.Entry;
        Assert.Equal((null, 90m), (cleared.Feedback, cleared.Score));
    }

    [Fact, Operation("deleteLogs")]
    public async Task Delete_ByFilterOrLimit_TakesThoseAndNoOthers()
    {
        await FillAsync(60);
        var all = await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync();
        var provider = all[0].Provider;
        await _logs.DeleteAsync("gw", new LogDeletion { Filters = [LogFilter.Is("provider", provider)] }, CancellationToken.None);
        var left = await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync();
        Assert.Equal(all.Where(entry => entry.Provider != provider).Select(entry => entry.Id), left.Select(entry => entry.Id));

        await _logs.DeleteAsync("gw", new LogDeletion { Limit = 5 }, CancellationToken.None);
        Assert.Equal(left.Skip(5).Select(entry => entry.Id), (await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync()).Select(entry => entry.Id));
        await _logs.DeleteAsync("gw", LogDeletion.Everything, CancellationToken.None);
        Assert.Empty(await _logs.ListAsync("gw", new LogQuery(), CancellationToken.None).AllAsync());
    }

    [Fact, Operation("listLogs", "getLog", "patchLog", "deleteLogs", "getLogRequest", "getLogResponse")]
    public async Task OfNothing_EmptyAndAbsent_AreTold()
    {
        const string none = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        Assert.Empty(await _logs.ListAsync("gw", new LogQuery { Since = DateTimeOffset.UnixEpoch }, CancellationToken.None).AllAsync());
        Assert.Null(await _logs.FindAsync("gw", none, CancellationToken.None));
        Assert.Null(await _logs.RequestBodyAsync("gw", none, CancellationToken.None));
        Assert.Null(await _logs.ResponseBodyAsync("gw", none, CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await _logs.UpdateAsync("gw", none, new LogPatch { Feedback = 1 }, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.NotFound, await _logs.ListAsync("nowhere", new(), CancellationToken.None).AllAsync().KindAsync());
        Assert.Equal(CloudflareErrorKind.NotFound, await _logs.DeleteAsync("nowhere", LogDeletion.Everything, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.Validation, await _emulator.Client(held: false).Logs.ListAsync("gw", new LogQuery { OrderBy = "colour" }, CancellationToken.None).AllAsync().KindAsync());
    }

    private async Task FillAsync(int count)
    {
        using var response = await _emulator.Admin.PostAsJsonAsync("gateways/gw/logs", new { count, seed = 7 });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task AskAsync(string text)
    {
        using var http = _emulator.NewClient($"/v1/{_emulator.Options.AccountId}/gw/");
        using var request = new HttpRequestMessage(HttpMethod.Post, "openai/chat/completions")
        {
            Content = JsonContent.Create(new { model = "gpt-4o", messages = new[] { new { role = "user", content = text } } }),
            Headers = { { "Authorization", "Bearer sk-test" }, { "cf-aig-metadata", """{"team":"core","seats":3}""" } },
        };
        using var response = await http.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
