using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Analytics;

/// <summary>An emulator with log rows put straight into it, and its GraphQL API.</summary>
internal sealed class AnalyticsWorld(TestEmulator emulator) : IAsyncDisposable
{
    /// <summary>A moment in a whole minute, lately.</summary>
    public DateTimeOffset Noon { get; } = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddHours(-12);

    public TestEmulator Emulator => emulator;

    public static async Task<AnalyticsWorld> StartAsync(EmulatorOptions? options = null)
    {
        var emulator = await TestEmulator.StartAsync(options);
        await emulator.CreateGatewayAsync("gw-a");
        await emulator.CreateGatewayAsync("gw-b");
        return new AnalyticsWorld(emulator);
    }

    public void Log(string gateway, DateTimeOffset at, Func<LogRow, LogRow>? change = null)
    {
        var state = emulator.Account.FindGateway(gateway)!;
        var row = new LogRow
        {
            Id = state.Logs.NewId(at),
            Provider = "openai",
            Model = "gpt-4o-mini",
            Path = "chat/completions",
            StatusCode = 200,
            Success = true,
            Duration = 100,
            TokensIn = 10,
            TokensOut = 20,
            Cost = 0.5m,
        };
        Assert.True(state.AddLog(change is null ? row : change(row)));
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(object request)
    {
        using var http = emulator.NewClient("/client/v4/");
        http.DefaultRequestHeaders.Authorization = emulator.Management.DefaultRequestHeaders.Authorization;
        using var response = await http.PostAsJsonAsync("graphql", request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>The groups of `aiGatewayRequestsAdaptiveGroups`, or of another dataset.</summary>
    public async Task<IReadOnlyList<JsonElement>> GroupsAsync(string arguments, string selection, string dataset = "aiGatewayRequestsAdaptiveGroups")
    {
        var (_, body) = await AskAsync(new { query = Query(arguments, selection, dataset) });
        Assert.True(body.GetProperty("data").ValueKind == JsonValueKind.Object, body.ToString());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("errors").ValueKind);
        return [.. body.GetProperty("data").GetProperty("viewer").GetProperty("accounts")[0].GetProperty(dataset).EnumerateArray()];
    }

    public async Task<(HttpStatusCode Status, JsonElement Error)> FailAsync(string query, object? variables = null)
    {
        var (status, body) = await AskAsync(new { query, variables });
        Assert.True(body.GetProperty("data").ValueKind == JsonValueKind.Null, body.ToString());
        return (status, Assert.Single(body.GetProperty("errors").EnumerateArray()));
    }

    public static string Query(string arguments, string selection, string dataset = "aiGatewayRequestsAdaptiveGroups") =>
        $$"""{ viewer { accounts(filter: {accountTag: "dev-account"}) { {{dataset}}({{arguments}}) { {{selection}} } } } }""";

    public ValueTask DisposeAsync() => emulator.DisposeAsync();
}

/// <summary>One world for the tests that only ask. It holds one row.</summary>
public sealed class AnalyticsFixture : IAsyncLifetime
{
    internal AnalyticsWorld World { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        World = await AnalyticsWorld.StartAsync();
        World.Log("gw-a", World.Noon);
    }

    public async Task DisposeAsync() => await World.DisposeAsync();
}
