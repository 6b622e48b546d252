namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("openai", "chat/completions", "/v1/chat/completions")]
    [InlineData("openai", "v1/chat/completions", "/v1/chat/completions")]
    [InlineData("groq", "chat/completions", "/openai/v1/chat/completions")]
    [InlineData("grok", "v1/chat/completions", "/v1/chat/completions")]
    [InlineData("fireworks", "chat/completions", "/inference/v1/chat/completions")]
    [InlineData("openrouter", "v1/chat/completions", "/api/v1/chat/completions")]
    [InlineData("perplexity-ai", "chat/completions?debug=1", "/chat/completions?debug=1")]
    public async Task Native_Provider_ReachesItsOwnPath(string provider, string path, string upstream)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync($"{provider}/{path}", TestGateway.Chat(model: "m1"));

        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"[{provider}/m1]", answer.Content, StringComparison.Ordinal);
        Assert.Equal(upstream, (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("nobody/chat/completions")]
    [InlineData("alibaba/chat/completions")]
    [InlineData("custom-missing/chat/completions")]
    public async Task Native_ProviderUnknown_2008(string path)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync(path, TestGateway.Chat());

        Assert.Equal(400, answer.Status);
        Assert.Equal(2008, answer.ErrorCode);
    }

    [Theory]
    [InlineData("openai/gpt-4o", "openai", "gpt-4o")]
    [InlineData("grok/grok-4", "grok", "grok-4")]
    [InlineData("workers-ai/@cf/meta/llama-3.1-8b-instruct", "workers-ai", "@cf/meta/llama-3.1-8b-instruct")]
    [InlineData("google-vertex-ai/google/gemini-2.5-pro", "google-vertex-ai", "google/gemini-2.5-pro")]
    [InlineData("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5")]
    public async Task Compat_Model_IsSplitAtTheFirstSlash(string model, string provider, string upstreamModel)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("compat/chat/completions", TestGateway.Chat(model: model));

        Assert.Equal(200, answer.Status);
        Assert.Contains($"\"model\":\"{upstreamModel}\"", (await gateway.LastUpstreamRequestAsync(provider)).GetProperty("body").GetString(), StringComparison.Ordinal);
        var row = Assert.Single(gateway.Logs);
        Assert.Equal((provider, upstreamModel, true), (row.Provider, row.Model, row.CompatibilityMode));
    }

    [Fact]
    public async Task Compat_Body_KeepsEveryOtherByte()
    {
        await using var gateway = await TestGateway.StartAsync();
        const string body = """{ "x" : 1.50e2 , "messages":[{"role":"user","content":"h\u00e9 \"model\""}], "model" : "openai/gpt-4o" , "model_":"é" }""";

        await gateway.PostAsync("compat/chat/completions", body);

        Assert.Equal(body.Replace("openai/gpt-4o", "gpt-4o", StringComparison.Ordinal), (await gateway.LastUpstreamRequestAsync()).GetProperty("body").GetString());
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[]}""", 2019)]
    [InlineData("""{"model":"/gpt-4o","messages":[]}""", 2019)]
    [InlineData("""{"model":"openai/","messages":[]}""", 2019)]
    [InlineData("""{"model":7}""", 2019)]
    [InlineData("""{"messages":[]}""", 2019)]
    [InlineData("""{"model":"openai/gpt-4o" """, 2019)]
    [InlineData("""{"model":"openai/\ud800"}""", 2019)]
    [InlineData("[]", 2019)]
    [InlineData("", 2019)]
    [InlineData("""{"model":"nobody/gpt-4o","messages":[]}""", 2008)]
    public async Task Compat_BadChat_400(string body, int code)
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("compat/chat/completions", body);

        Assert.Equal(400, answer.Status);
        Assert.Equal(code, answer.ErrorCode);
    }

    [Theory]
    [InlineData("compat/v1/chat/completions", 200)]
    [InlineData("compat/embeddings", 404)]
    public async Task Compat_Path_OnlyChat(string path, int status)
    {
        await using var gateway = await TestGateway.StartAsync();

        Assert.Equal(status, (await gateway.PostAsync(path, TestGateway.Chat(model: "openai/gpt-4o"))).Status);
    }

    [Fact]
    public async Task Native_InvalidJson_IsTheProvidersToRefuse()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("openai/chat/completions", "{\"model\":");

        Assert.Equal(400, answer.Status);
        Assert.Equal("invalid_request_error", answer.Json.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Request_BodyOver25Megabytes_413()
    {
        await using var gateway = await TestGateway.StartAsync();

        var answer = await gateway.PostAsync("openai/chat/completions", new string(' ', 25 * 1024 * 1024 + 1));

        Assert.Equal(413, answer.Status);
        Assert.Equal("AiGatewayError", answer.Json.GetProperty("name").GetString());
        Assert.Equal(0, await gateway.UpstreamRequestsAsync());
    }
}
