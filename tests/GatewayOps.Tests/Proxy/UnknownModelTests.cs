using GatewayOps.Rules;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy;

/// <summary>A model that the provider does not have is 404 `model_not_found`, with the names that come nearest. Source: checklist S0-17.</summary>
public sealed class UnknownModelTests
{
    [Theory, Trait("checklist", "S0-17")]
    [InlineData("openai", "gpt-4o-mimi", 404, """{"error":{"message":"The model does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", "`gpt-4o-mini`")]
    [InlineData("workers-ai", "llama-2-7b-chat-int8", 400, """{"success":false,"errors":[{"code":5007,"message":"No such model"}],"messages":[],"result":null}""", "`@cf/meta/llama-2-7b-chat-int8`")]
    [InlineData("workers-ai", "@cf/meta/llama-2-7b-chat", 404, """{"success":false,"errors":[{"code":7000,"message":"No route for that URI"}],"messages":[],"result":null}""", "GET /v1/model-options")]
    [InlineData("anthropic", "claude-sonet-4-5", 404, """{"type":"error","error":{"type":"not_found_error","message":"model: claude-sonet-4-5"}}""", "`claude-sonnet-4-5`")]
    public async Task Answer_NamesWhatIsNear(string provider, string model, int status, string body, string hint)
    {
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);

        var answer = (await Answer.PostAsync(service.Caller, ProxyStage.Chat(more: new { model, provider }))).IsError(404, "model_not_found");

        Assert.Contains(hint, answer.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("model", answer.Error.GetProperty("param").GetString());
        Assert.Equal(provider == "workers-ai" && model[0] != '@', answer.Text.Contains("in full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProvidersOther404_PassesUnchanged()
    {
        await using var gateway = await StubGateway.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("""{"error":{"message":"No such thread","type":"invalid_request_error","param":null,"code":"not_found"}}""");
        });
        await using var service = await TestService.StartAsync(settings: gateway.Settings);

        (await Answer.PostAsync(service.Caller, ProxyStage.Chat())).IsError(404, "not_found");
    }

    [Theory]
    [InlineData("gtp-4o", "gpt-4o")]
    [InlineData("llama-3.1-8b-instruct", "@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("@cf/meta/llama-3.1-8b-instruct", "@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("zzz", null)]
    public void Suggest_FindsTheNearestFirst(string model, string? first) =>
        Assert.Equal(first, ModelRouting.Suggest(model, ["gpt-4o", "gpt-4", "@cf/meta/llama-3.1-8b-instruct", "claude-opus-4"], 2) is [var nearest, ..] ? nearest : null);
}
