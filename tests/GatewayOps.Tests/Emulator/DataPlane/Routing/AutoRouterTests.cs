namespace GatewayOps.Tests.Emulator.DataPlane.Routing;

/// <summary>`cloudflare/auto` (contract 11 and 12).</summary>
public sealed class AutoRouterTests(GatewayFixture emulator) : IClassFixture<GatewayFixture>
{
    private const string Token = "cf-aig-authorization: Bearer dev-token";

    [Fact]
    public async Task Auto_ShortAndLongRequests_GoToTheCheapestAndTheDearest()
    {
        await using var gateway = emulator.NewGateway();

        var brief = await AutoAsync(gateway, "Hi");
        var large = await AutoAsync(gateway, new string('x', 5000));

        Assert.Equal(("openai/gpt-5-mini", "cost_optimal_within_pool"), (brief.Headers["cf-aig-routed-model"], brief.Headers["cf-aig-routing-reason"]));
        Assert.Equal("anthropic/claude-sonnet-4-5", large.Headers["cf-aig-routed-model"]);
        Assert.NotEqual(brief.Headers["cf-aig-routing-decision-id"], large.Headers["cf-aig-routing-decision-id"]);
        Assert.Equal([("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5")], gateway.Logs.Select(row => (row.Provider, row.Model)));
    }

    [Fact]
    public async Task Auto_PoolOfThoseWithKeys_IsForcedWhenThereIsOne()
    {
        await using var gateway = emulator.NewGateway(new { byok_only = true });
        gateway.StoreKey("google-ai-studio", "sk-g");

        var answer = await AutoAsync(gateway, "Hi", "cf-aig-allowed-models: google-ai-studio/*flash, openai/*");

        Assert.Equal(("google-ai-studio/gemini-2.5-flash", "forced_by_candidate_pool"), (answer.Headers["cf-aig-routed-model"], answer.Headers["cf-aig-routing-reason"]));
    }

    [Theory]
    [InlineData("cf-aig-allowed-providers: anthropic", "anthropic/claude-haiku-4-5")]
    [InlineData("cf-aig-allowed-models: groq/llama-3.3", "groq/llama-3.3")]
    [InlineData("cf-aig-allowed-models: anthropic/*", "anthropic/claude-haiku-4-5")]
    public async Task Auto_Allowed_NarrowsOrNames(string header, string model)
    {
        await using var gateway = emulator.NewGateway();

        Assert.Equal(model, (await AutoAsync(gateway, "Hi", header)).Headers["cf-aig-routed-model"]);
    }

    [Fact]
    public async Task Auto_NothingLeft_404()
    {
        await using var gateway = emulator.NewGateway(new { byok_only = true });

        var answer = await AutoAsync(gateway, "Hi");

        Assert.Equal((404, 7003), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Auto_ProviderFails_NextOneAnswersAndTheSessionStaysThere()
    {
        await using var gateway = await emulator.NewGateway().RepairedAsync("openai");
        await gateway.Emulator.SetUpstreamFaultAsync("openai", new { status = 500 });

        var first = await AutoAsync(gateway, "Hi", "cf-aig-session-id: s1");
        await gateway.RepairedAsync("openai");
        var second = await AutoAsync(gateway, "Hi again", "cf-aig-session-id: s1");
        var other = await AutoAsync(gateway, "Hi again", "cf-aig-session-id: s2");
        var unbound = await AutoAsync(gateway, "Hi again", "cf-aig-session-id: s1", "cf-aig-no-session-affinity: true");

        Assert.Equal("google-ai-studio/gemini-2.5-flash", first.Headers["cf-aig-routed-model"]);
        Assert.Equal("google-ai-studio/gemini-2.5-flash", second.Headers["cf-aig-routed-model"]);
        Assert.Equal(["openai/gpt-5-mini", "openai/gpt-5-mini"], [other.Headers["cf-aig-routed-model"], unbound.Headers["cf-aig-routed-model"]]);
        Assert.Equal(("s1", 500), (gateway.Logs[0].SessionId, gateway.Logs[0].StatusCode));
    }

    private static Task<TestGateway.Answer> AutoAsync(TestGateway gateway, string text, params string[] headers) =>
        gateway.PostAsync("compat/chat/completions", TestGateway.Chat(text, "cloudflare/auto"), key: null, [Token, .. headers]);
}
