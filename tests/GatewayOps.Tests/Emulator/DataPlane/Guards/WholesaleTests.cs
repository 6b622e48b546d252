using System.Net.Http.Json;
using GatewayOps.Emulator;

namespace GatewayOps.Tests.Emulator.DataPlane.Guards;

public sealed class WholesaleTests
{
    private const string Token = "cf-aig-authorization: Bearer dev-token";

    [Fact]
    public async Task Credits_Gone_402AndOnlyForUnifiedBilling()
    {
        await using var gateway = await TestGateway.StartAsync(options: new EmulatorOptions { Credits = 1.5m });
        const string dollar = """cf-aig-custom-cost: {"total_cost":1}""";

        Assert.Equal(200, (await WholesaleAsync(gateway, dollar)).Status);
        Assert.Equal(200, (await WholesaleAsync(gateway, dollar)).Status);
        var refused = await WholesaleAsync(gateway);

        Assert.Equal((402, 2021), (refused.Status, refused.ErrorCode));
        Assert.Equal(-0.5m, gateway.Emulator.Account.Billing.Usd);
        Assert.Equal(200, (await gateway.ChatAsync()).Status);
        Assert.Equal([true, true, true, false], gateway.Logs.Select(row => row.Wholesale));

        using var topped = await gateway.Emulator.Admin.PutAsJsonAsync("guards/credits", new { usd = 3 });
        Assert.True(topped.IsSuccessStatusCode);
        Assert.Equal(200, (await WholesaleAsync(gateway)).Status);
    }

    [Fact]
    public async Task Calls_MoreThan200InAMinute_429WithoutCodeUntilTheMinuteIsOver()
    {
        await using var gateway = await TestGateway.StartAsync(new { collect_logs = false });

        var statuses = await Task.WhenAll(Enumerable.Range(0, 205).Select(async _ => (await WholesaleAsync(gateway)).Status));
        Assert.Equal((200, 5), (statuses.Count(status => status == 200), statuses.Count(status => status == 429)));
        var refused = await WholesaleAsync(gateway);
        Assert.False(refused.Json.GetProperty("error")[0].TryGetProperty("code", out _));
        Assert.Equal(200, (await gateway.ChatAsync()).Status);

        await gateway.Emulator.AdvanceClockAsync(TimeSpan.FromSeconds(61));
        Assert.Equal(200, (await WholesaleAsync(gateway)).Status);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "cf-aig-no-wholesale: true")]
    [InlineData(true, "cf-aig-no-wholesale: false")]
    public async Task ByokOnly_WithoutCredentials_400AndWorkersAiGoesOn(bool byokOnly, string? header)
    {
        await using var gateway = await TestGateway.StartAsync(new { byok_only = byokOnly });
        string[] headers = header is null ? [Token] : [Token, header];

        var refused = await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null, headers);
        Assert.Equal(400, refused.Status);
        Assert.False(refused.Json.GetProperty("error")[0].TryGetProperty("code", out _));
        Assert.Equal(200, (await gateway.PostAsync("workers-ai/v1/chat/completions", TestGateway.Chat(model: "@cf/meta/llama-3.1-8b-instruct"), key: null, headers)).Status);
        Assert.Equal(200, (await gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), TestGateway.ProviderKey, headers)).Status);
    }

    [Fact]
    public async Task Provider_NotOffered_2047AndTheProviderSeesNothing()
    {
        await using var gateway = await TestGateway.StartAsync();

        var refused = await gateway.PostAsync("deepseek/chat/completions", TestGateway.Chat(model: "deepseek-chat"), key: null, Token);

        Assert.Equal((401, 2047), (refused.Status, refused.ErrorCode));
        Assert.Equal(0, await gateway.UpstreamRequestsAsync("deepseek"));
        Assert.Equal(200, (await gateway.PostAsync("deepseek/chat/completions", TestGateway.Chat(model: "deepseek-chat"), TestGateway.ProviderKey, Token)).Status);
    }

    [Theory]
    [InlineData("unified", 402, true)]
    [InlineData("postpaid", 200, false)]
    public async Task WorkersAi_IsPaidAsTheGatewaySays(string mode, int status, bool wholesale)
    {
        await using var gateway = await TestGateway.StartAsync(new { workers_ai_billing_mode = mode }, new EmulatorOptions { Credits = 0 });

        var answer = await gateway.PostAsync("workers-ai/v1/chat/completions", TestGateway.Chat(model: "@cf/meta/llama-3.1-8b-instruct"), key: null, Token);

        Assert.Equal(status, answer.Status);
        Assert.Equal(wholesale, Assert.Single(gateway.Logs).Wholesale);
    }

    private static Task<TestGateway.Answer> WholesaleAsync(TestGateway gateway, params string[] headers) =>
        gateway.PostAsync("openai/chat/completions", TestGateway.Chat(), key: null, [Token, .. headers]);
}
