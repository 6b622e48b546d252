using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>Rules and fallback at the endpoints beside chat.</summary>
public sealed class EndpointFallbackTests
{
    [Fact]
    public async Task Completions_FallBack_BetweenChatAndTheProvidersOwn()
    {
        await using var stage = await ProxyStage.StartAsync("""
            { "providers": [ { "name": "groq", "priority": 1 }, { "name": "openai", "priority": 2, "model": "gpt-3.5-turbo-instruct" } ], "fallback": { "enabled": true, "retry_count": 1 } }
            """);
        await stage.Emulator.SetUpstreamFaultAsync("groq", new { status = 503 });

        var answer = await stage.PostAsync("""{"model":"llama-3-70b","prompt":"Hello there"}""", path: "/v1/completions");
        var ofMany = await stage.PostAsync("""{"model":"llama-3-70b","prompt":["a","b"]}""", path: "/v1/completions");

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal(("openai", "2", "text_completion"), (answer["x-gatewayops-provider"], answer["x-gatewayops-attempts"], answer.Json.GetProperty("object").GetString()));
        Assert.Equal(["/openai/v1/chat/completions", "/v1/completions"], new[] { await PathAsync(stage, "groq"), await PathAsync(stage, "openai") });
        // What chat cannot answer goes to who can, at once.
        Assert.Equal((200, "openai", "1"), (ofMany.Status, ofMany["x-gatewayops-provider"], ofMany["x-gatewayops-attempts"]));
    }

    [Fact]
    public async Task Embeddings_RuleOfTheirPath_CachesThemAndSkipsWhoHasNone()
    {
        await using var stage = await ProxyStage.StartAsync("""
            { "rules": [ { "name": "vectors", "pattern": "/embeddings", "cache": { "enabled": true, "ttl": 3600, "key": ["input"] } } ],
              "providers": [ { "name": "anthropic", "priority": 1 }, { "name": "openai", "priority": 2 } ], "fallback": { "enabled": true } }
            """);
        const string body = """{"model":"text-embedding-3-small","input":"Hello there"}""";

        var first = await stage.PostAsync(body, path: "/v1/embeddings");
        var second = await stage.PostAsync(body, path: "/v1/embeddings");

        Assert.Equal((200, "openai", "1", "miss"), (first.Status, first["x-gatewayops-provider"], first["x-gatewayops-attempts"], first["x-gatewayops-cache"]));
        Assert.Equal(("hit", first.Text), (second["x-gatewayops-cache"], second.Text));
        var record = await stage.RecordAsync(second);
        Assert.Equal(("vectors", 0m), (record.GetProperty("rule").GetString(), record.GetProperty("costUsd").GetDecimal()));
        Assert.Equal(1, await stage.CallsAsync());
    }

    [Fact]
    public async Task Messages_ProviderErrorInAnotherShape_KeepsItsWords()
    {
        var status = 0;
        await using var upstream = await StubGateway.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync("""{"error":{"message":"model is full","code":7}}"""u8.ToArray());
        });
        await using var service = await TestService.StartAsync(settings: upstream.Settings);
        foreach (var (code, type) in new[] { (400, "invalid_request_error"), (413, "request_too_large"), (403, "permission_error") })
        {
            status = code;

            var answer = await Answer.PostAsync(service.Caller, """{"model":"openrouter/x/y","max_tokens":1,"messages":[{"role":"user","content":"x"}]}""", "/v1/messages");

            Assert.Equal((code, $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"model is full"}}"""), (answer.Status, answer.Text));
        }
    }

    private static async Task<string> PathAsync(ProxyStage stage, string provider) => (await stage.LastCallAsync(provider)).GetProperty("path").GetString()!;
}
