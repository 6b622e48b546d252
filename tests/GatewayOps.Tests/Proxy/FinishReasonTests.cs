using System.Text.Json;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>Why an answer ended, in OpenAI's words: told by the gateway, which speaks each provider's dialect, and never changed by the proxy.</summary>
public sealed class FinishReasonTests(EveryKeyFixture shared) : IClassFixture<EveryKeyFixture>
{
    [Theory, Trait("checklist", "S2-35")]
    [InlineData("gpt-4o-mini")]
    [InlineData("gemini-1.5-pro")]
    [InlineData("anthropic/claude-sonnet-4-5")]
    [InlineData("@cf/meta/llama-3-8b-instruct")]
    public async Task Answer_HasOpenAisShape_AndSaysThatItWasCut(string model)
    {
        const string text = "one two three four five six seven eight";

        var whole = (await shared.Stage.ChatAsync(text, new { model })).Json;
        var cut = (await shared.Stage.ChatAsync(text, new { model, max_tokens = 2 })).Json;

        Assert.Equal("chat.completion", whole.GetProperty("object").GetString());
        Assert.Contains(model.Split('/')[^1], whole.GetProperty("model").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(whole.GetProperty("id").GetString()!);
        Assert.True(whole.GetProperty("created").GetInt64() > 0);
        Assert.Equal("assistant", whole.GetProperty("choices")[0].GetProperty("message").GetProperty("role").GetString());
        Assert.All(["prompt_tokens", "completion_tokens", "total_tokens"], count => Assert.True(whole.GetProperty("usage").GetProperty(count).GetInt64() > 0));
        Assert.Equal(("stop", "length"), (Reason(whole), Reason(cut)));

        static string? Reason(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString();
    }

    [Theory, Trait("checklist", "S2-35")]
    [InlineData("\"stop\"")]
    [InlineData("\"length\"")]
    [InlineData("\"content_filter\"")]
    [InlineData("\"tool_calls\"")]
    public async Task Reason_OfTheGateway_IsTheCallersToo(string reason)
    {
        var whole = $$"""{"id":"c","object":"chat.completion","created":1,"model":"gemini-1.5-pro","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":{{reason}}}]}""";
        var events = $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"x\"}},\"finish_reason\":null}}]}}\n\ndata: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":{reason}}}]}}\n\ndata: [DONE]\n\n";
        await using var gateway = await StubGateway.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var isStream = (await reader.ReadToEndAsync()).Contains("\"stream\":true", StringComparison.Ordinal);
            context.Response.ContentType = isStream ? "text/event-stream" : "application/json";
            await context.Response.WriteAsync(isStream ? events : whole);
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);

        Assert.Equal(whole, (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "gemini-1.5-pro" }))).Text);
        Assert.Equal(events, (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model = "gemini-1.5-pro", stream = true }))).Text);
    }
}
