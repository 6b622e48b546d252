using System.Text;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class RequestLogTests
{
    [Fact]
    public async Task Log_PlainChat_HasTokensCostAndBodies()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.ChatAsync("Hello wonderful world", "cf-aig-event-id: event-7");

        var row = Assert.Single(gateway.Logs);
        var usage = answer.Json.GetProperty("usage");
        Assert.Equal(answer.Headers["cf-aig-log-id"], row.Id);
        Assert.Equal("event-7", answer.Headers["cf-aig-event-id"]);
        Assert.NotEmpty(answer.Headers["cf-aig-request-id"]);
        Assert.Equal(("openai", "gpt-4o-mini", "chat/completions", 200, true), (row.Provider, row.Model, row.Path, row.StatusCode, row.Success));
        Assert.Equal((usage.GetProperty("prompt_tokens").GetInt64(), usage.GetProperty("completion_tokens").GetInt64()), (row.TokensIn, row.TokensOut));
        Assert.Equal((row.TokensIn * 0.15m + row.TokensOut * 0.60m) / 1_000_000m, row.Cost);
        Assert.Equal("event-7", row.EventId);
        Assert.Equal(TestGateway.Chat("Hello wonderful world"), Encoding.UTF8.GetString(row.RequestBody!));
        Assert.Equal(answer.Text, Encoding.UTF8.GetString(row.ResponseBody!));
    }

    [Fact]
    public async Task Log_StreamWithUsage_HasTokensAndTheEvents()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(more: new { stream = true, stream_options = new { include_usage = true } }));

        var row = Assert.Single(gateway.Logs);
        Assert.True(row.TokensOut > 0);
        Assert.Equal(answer.Headers["cf-aig-log-id"], row.Id);
        Assert.Equal(answer.Text, Encoding.UTF8.GetString(row.ResponseBody!));
    }

    [Fact]
    public async Task Log_StreamWithoutUsage_HasNoTokens()
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(more: new { stream = true }));

        Assert.Equal((null, null, 0m), (gateway.Logs[0].TokensIn, gateway.Logs[0].TokensOut, gateway.Logs[0].Cost));
    }

    [Fact]
    public async Task Log_Metadata_FiveEntriesWithoutTheReservedKeys()
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.ChatAsync("x", """cf-aig-metadata: {"cf.x":1,"a":"1","b":2,"c":true,"deep":{"no":1},"d":"4","e":5.50,"f":"dropped"}""");

        Assert.Equal("""{"a":"1","b":2,"c":true,"d":"4","e":5.50}""", gateway.Logs[0].Metadata);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public async Task Log_MetadataUnreadable_IsLeftOut(string header)
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Equal(200, (await gateway.ChatAsync("x", $"cf-aig-metadata: {header}")).Status);
        Assert.Null(gateway.Logs[0].Metadata);
    }

    [Theory]
    [InlineData(true, "cf-aig-collect-log: false", 0)]
    [InlineData(false, "cf-aig-collect-log: true", 1)]
    [InlineData(false, "x-none: 1", 0)]
    public async Task Log_OnOrOff_HeaderWinsOverTheGateway(bool collect, string header, int rows)
    {
        await using var gateway = await TestGateway.StartAsync(new { collect_logs = collect });

        var answer = await gateway.ChatAsync("x", header);

        Assert.Equal(rows, gateway.Logs.Count);
        Assert.Equal(rows == 1, answer.Headers.ContainsKey("cf-aig-log-id"));
    }

    [Fact]
    public async Task Log_PayloadOff_KeepsTheFiguresOnly()
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.ChatAsync("x", "cf-aig-collect-log-payload: false");

        var row = Assert.Single(gateway.Logs);
        Assert.True(row.TokensIn > 0);
        Assert.Null(row.RequestBody);
        Assert.Null(row.ResponseBody);
    }

    [Theory]
    [InlineData("""{"total_cost":1.5}""", 1.5)]
    [InlineData("""{"per_token_in":1,"per_token_out":0}""", 6)]
    public async Task Log_CustomCost_ReplacesThePublicPrice(string header, decimal cost)
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.ChatAsync("Hello there", $"cf-aig-custom-cost: {header}");

        Assert.Equal((cost, true), (gateway.Logs[0].Cost, gateway.Logs[0].CustomCost));
    }

    [Fact]
    public async Task Log_TraceSessionAndLatency_AreRecorded()
    {
        await using var gateway = await TestGateway.StartAsync();

        await gateway.ChatAsync(
            "x", "cf-aig-otel-trace-id: 0af7651916cd43dd8448eb211c80319c", "cf-aig-otel-parent-span-id: b7ad6b7169203331", "cf-aig-session-id: s", "cf-aig-turn-id: t");

        var row = Assert.Single(gateway.Logs);
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "s", "t"), (row.TraceId, row.ParentSpanId, row.SessionId, row.TurnId));
        Assert.InRange(row.Latency!.Value, 0, row.Duration);
    }
}
