using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Long.Tests.Emulator;

/// <summary>The heap is measured: nothing else may run in the process.</summary>
[CollectionDefinition(nameof(MillionLogsTests), DisableParallelization = true)]
public sealed class MillionLogsCollection;

/// <summary>
/// One million log rows over twenty gateways, listed, filtered, aggregated and deleted by the public API, in bounded memory. The bounds are those of
/// controlplane/docs/emulator.md; times are a multiple of what a small machine needs, so that only a change of order breaks them.
/// </summary>
[Collection(nameof(MillionLogsTests))]
public sealed class MillionLogsTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int Gateways = 20;
    private const int RowsEach = 50_000;
    private const int Rows = Gateways * RowsEach;
    private const int MostBytesEach = 512;

    private readonly EmulatorOptions _options = new() { Url = "http://127.0.0.1:0", RequestsPerFiveMinutes = int.MaxValue, GraphQlRequestsPerFiveMinutes = int.MaxValue };
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _app = EmulatorHost.Build(_options);
        await _app.StartAsync();
        _http = ClientOf(_app.Urls.First(), _options.ApiToken);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task MillionRows_ListedFilteredAggregatedAndDeleted_InBoundedMemory()
    {
        var (heapBefore, residentBefore) = (Heap(), Resident());
        var filling = await TimedAsync("fill 1,000,000 rows", FillAsync);
        var (heap, resident) = (Heap() - heapBefore, Resident());
        var bytesEach = (heap - Budget.BodyBytes) / Rows;
        output.WriteLine($"managed heap: {Mebibytes(heap)}, of it bodies {Mebibytes(Budget.BodyBytes)}, rows {bytesEach} bytes each; resident: {Mebibytes(residentBefore)} before, {Mebibytes(resident)} after");

        Assert.True(bytesEach <= MostBytesEach, $"a row takes {bytesEach} bytes");
        Assert.True(filling < TimeSpan.FromMinutes(2));

        await TimedAsync("first page, newest first", () => ListAsync("per_page=50", RowsEach, 50), 1);
        await TimedAsync("last page", () => ListAsync($"per_page=50&page={RowsEach / 50}", RowsEach, 50), 1);
        await TimedAsync("filter by model and status, ordered by model", () => ListAsync(
            "order_by=model&per_page=50&filters=" + Uri.EscapeDataString("""[{"key":"model","operator":"contains","value":["gpt"]},{"key":"success","operator":"eq","value":[false]}]"""), total: null, 50), 2);
        await TimedAsync("filter by metadata", () => ListAsync(
            "per_page=50&filters=" + Uri.EscapeDataString("""[{"key":"metadata.key","operator":"eq","value":["user_id"]},{"key":"metadata.value","operator":"eq","value":["77"]}]"""), total: null, 50), 2);
        await TimedAsync("search and extremes", () => ListAsync("search=claude&meta_info=true&per_page=50", total: null, 50), 3);
        await TimedAsync("a page of each gateway", async () =>
        {
            foreach (var gateway in Enumerable.Range(0, Gateways))
                await ListAsync("cached=true&per_page=50", total: null, 50, gateway);
        }, 20);
        await TimedAsync("aggregate a million rows by GraphQL", AggregateAsync, 60);

        var peak = Resident();
        output.WriteLine($"resident after the reads: {Mebibytes(peak)}; managed heap: {Mebibytes(Heap() - heapBefore)}");
        Assert.True(peak - residentBefore <= (long)MostBytesEach * Rows + (512L << 20), $"resident {Mebibytes(peak)}");

        await TimedAsync("one more row than the bound takes the oldest", OverflowAsync, 5);
        await TimedAsync("delete half of a log", DeleteAsync, 5);
    }

    private static HttpClient ClientOf(string url, string token)
    {
        var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        return http;
    }

    private Task<TimeSpan> TimedAsync(string what, Func<Task> work, int seconds) => TimedAsync(what, work).ContinueWith(done =>
    {
        Assert.True(done.GetAwaiter().GetResult() < TimeSpan.FromSeconds(seconds), $"{what}: {done.GetAwaiter().GetResult()}");
        return done.GetAwaiter().GetResult();
    }, TaskScheduler.Default);

    private async Task<TimeSpan> TimedAsync(string what, Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{what}: {elapsed.TotalMilliseconds:F0} ms");
        return elapsed;
    }

    private async Task FillAsync()
    {
        foreach (var gateway in Enumerable.Range(0, Gateways))
        {
            await PostAsync($"{Account}/ai-gateway/gateways", new
            {
                id = $"gw-{gateway}",
                cache_invalidate_on_update = false,
                cache_ttl = 0,
                collect_logs = true,
                rate_limiting_interval = 0,
                rate_limiting_limit = 0,
            });
            var filled = await PostAsync($"/_emulator/gateways/gw-{gateway}/logs", new { count = RowsEach, seed = gateway, bodies = true });
            Assert.Equal(RowsEach, filled.GetProperty("added").GetInt32());
        }
        Assert.Equal(Rows, Budget.Rows);
        Assert.InRange(Budget.BodyBytes, _options.MaxLogBodyBytes - 10_000, _options.MaxLogBodyBytes);
    }

    private async Task ListAsync(string query, int? total, int count, int gateway = 7)
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>($"{Account}/ai-gateway/gateways/gw-{gateway}/logs?{query}");
        Assert.Equal(count, answer.GetProperty("result").GetArrayLength());
        var found = answer.GetProperty("result_info").GetProperty("total_count").GetInt32();
        Assert.True(total is { } all ? found == all : found is > 50 and < RowsEach, $"{found} rows");
    }

    private async Task AggregateAsync()
    {
        var answer = await PostAsync("/client/v4/graphql", new
        {
            query = "query($acct:String!){viewer{accounts(filter:{accountTag:$acct}){aiGatewayRequestsAdaptiveGroups(limit:1000){count sum{cost cachedRequests} dimensions{gateway model}}}}}",
            variables = new { acct = _options.AccountId },
        });
        var groups = answer.GetProperty("data").GetProperty("viewer").GetProperty("accounts")[0].GetProperty("aiGatewayRequestsAdaptiveGroups");
        Assert.Equal(Gateways * 5, groups.GetArrayLength());
        Assert.Equal(Rows, groups.EnumerateArray().Sum(group => group.GetProperty("count").GetInt32()));
    }

    private async Task OverflowAsync()
    {
        var filled = await PostAsync("/_emulator/gateways/gw-3/logs", new { count = 1_000, seed = 99 });
        Assert.Equal(1_000, filled.GetProperty("added").GetInt32());
        Assert.Equal(Rows, Budget.Rows);
    }

    private async Task DeleteAsync()
    {
        using var answer = await _http.DeleteAsync($"{Account}/ai-gateway/gateways/gw-7/logs?limit={RowsEach / 2}&order_by=cost");
        Assert.True(answer.IsSuccessStatusCode);
        await ListAsync("per_page=50", RowsEach / 2, 50);
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync(path, body);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer;
    }

    private string Account => $"/client/v4/accounts/{_options.AccountId}";

    private LogBudget Budget => _app.Services.GetRequiredService<EmulatorState>().FindAccount(_options.AccountId)!.Logs.Budget;

    private static long Heap() => GC.GetTotalMemory(forceFullCollection: true);

    private static long Resident() => Environment.WorkingSet;

    private static string Mebibytes(long bytes) => $"{bytes >> 20} MiB";
}
