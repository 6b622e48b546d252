using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator;

/// <summary>`POST /_emulator/gateways/{gateway}/logs`, and the log API over a few thousand rows; a million are proved in GatewayOps.Long.Tests.</summary>
public sealed class LogFillTests : IAsyncLifetime
{
    private const int Rows = 5_000;
    private static readonly object Day = new { count = Rows, from = "2026-11-19T00:00:00Z", to = "2026-11-20T00:00:00Z", seed = 7 };
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { MaxLogRows = 8_000 });
        await _emulator.CreateGatewayAsync("one");
        await _emulator.CreateGatewayAsync("two");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private async Task<JsonElement> FillAsync(string gateway, object body)
    {
        using var response = await _emulator.Admin.PostAsJsonAsync($"gateways/{gateway}/logs", body);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private string[] Ids(string gateway) => [.. _emulator.Account.FindGateway(gateway)!.Logs.Read().Select(row => $"{row.Id} {row.Model} {row.Cost}")];

    [Fact]
    public async Task Fill_SameArguments_GiveTheSameRowsAndNoneTwice()
    {
        Assert.Equal(Rows, (await FillAsync("one", Day)).GetProperty("added").GetInt32());
        Assert.Equal(0, (await FillAsync("one", Day)).GetProperty("added").GetInt32());
        var first = Ids("one");
        await _emulator.Admin.PostAsync("reset", content: null);
        await _emulator.CreateGatewayAsync("one");
        await FillAsync("one", Day);

        Assert.Equal(Rows, first.Length);
        Assert.Equal(first, Ids("one"));
    }

    [Fact]
    public async Task Fill_BeyondTheAccountsBound_TakesTheOldestOfTheFullest()
    {
        await FillAsync("one", Day);
        var oldest = Ids("one");
        await FillAsync("two", Day);

        Assert.Equal(8_000, _emulator.Account.Logs.Budget.Rows);
        Assert.Equal(oldest[^Ids("one").Length..], Ids("one"));
        Assert.Equal(4_000, Ids("one").Length);
    }

    [Fact]
    public async Task Fill_ManyRows_PagesThroughAllInOrder()
    {
        await FillAsync("one", Day);
        var seen = new List<string>();
        foreach (var page in Enumerable.Range(1, Rows / 50 + 1))
        {
            var answer = await _emulator.Management.GetAnswerAsync($"ai-gateway/gateways/one/logs?per_page=50&page={page}");
            seen.AddRange(answer.Result.EnumerateArray().Select(row => row.GetProperty("id").GetString()!));
            Assert.Equal(Rows, answer.Body.GetProperty("result_info").GetProperty("total_count").GetInt32());
        }
        Assert.Equal(_emulator.Account.FindGateway("one")!.Logs.Read().Select(row => row.Id).Reverse(), seen);
    }

    [Theory]
    [InlineData("""{"count":0}""", "count: 1 to 8000.")]
    [InlineData("""{"count":8001}""", "count: 1 to 8000.")]
    [InlineData("""{"count":1,"from":"2026-11-20T00:00:00Z","to":"2026-11-20T00:00:00Z"}""", "from: since 1970, and before to.")]
    [InlineData("""{"count":1,"from":"1960-01-01T00:00:00Z"}""", "from: since 1970, and before to.")]
    [InlineData("""{"rows":1}""", null)]
    [InlineData("""{}""", null)]
    public async Task Fill_BadBody_Is400(string body, string? error)
    {
        using var response = await _emulator.Admin.PostAsync("gateways/one/logs", new StringContent(body));
        var told = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.True(error is null || error == told, told);
        Assert.Equal(HttpStatusCode.NotFound, (await _emulator.Admin.PostAsJsonAsync("gateways/none/logs", new { count = 1 })).StatusCode);
    }
}
