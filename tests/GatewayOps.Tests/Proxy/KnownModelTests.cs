namespace GatewayOps.Tests.Proxy;

/// <summary>Every provider and model that the five systems name, through the proxy to what that provider would receive. Source: checklist S0-13, S2-01, S2-31, S2-32, S3-10, S3-11, S4-07.</summary>
public sealed class KnownModelTests(EveryKeyFixture shared) : IClassFixture<EveryKeyFixture>
{
    [Theory, Trait("checklist", "S0-13"), Trait("checklist", "S1-09"), Trait("checklist", "S2-01"), Trait("checklist", "S2-32"), Trait("checklist", "S3-01"), Trait("checklist", "S3-02"), Trait("checklist", "S3-10"), Trait("checklist", "S3-11"), Trait("checklist", "S4-07")]
    [InlineData("openai/gpt-4o", "openai", "https://api.openai.com/v1/chat/completions", "authorization", "gpt-4o")]
    [InlineData("openai/gpt-4o-mini", "openai", "https://api.openai.com/v1/chat/completions", "authorization", "gpt-4o-mini")]
    [InlineData("openai/gpt-4-turbo", "openai", "https://api.openai.com/v1/chat/completions", "authorization", "gpt-4-turbo")]
    [InlineData("gpt-4", "openai", "https://api.openai.com/v1/chat/completions", "authorization", "gpt-4")]
    [InlineData("gpt-3.5-turbo", "openai", "https://api.openai.com/v1/chat/completions", "authorization", "gpt-3.5-turbo")]
    [InlineData("anthropic/claude-sonnet-4-5", "anthropic", "https://api.anthropic.com/", "x-api-key|authorization", "claude-sonnet-4-5")]
    [InlineData("anthropic/claude-opus-4", "anthropic", "https://api.anthropic.com/", "x-api-key|authorization", "claude-opus-4")]
    [InlineData("anthropic/claude-3-haiku", "anthropic", "https://api.anthropic.com/", "x-api-key|authorization", "claude-3-haiku")]
    [InlineData("google-ai-studio/gemini-2.0-flash", "google-ai-studio", "https://generativelanguage.googleapis.com/", "x-goog-api-key|authorization", "gemini-2.0-flash")]
    [InlineData("google-ai-studio/gemini-1.5-pro", "google-ai-studio", "https://generativelanguage.googleapis.com/", "x-goog-api-key|authorization", "gemini-1.5-pro")]
    [InlineData("gemini-pro", "google-ai-studio", "https://generativelanguage.googleapis.com/", "x-goog-api-key|authorization", "gemini-pro")]
    [InlineData("gemini-1.5-pro", "google-ai-studio", "https://generativelanguage.googleapis.com/", "x-goog-api-key|authorization", "gemini-1.5-pro")]
    [InlineData("openrouter/openai/gpt-4o-mini", "openrouter", "https://openrouter.ai/api/v1/chat/completions", "authorization", "openai/gpt-4o-mini")]
    [InlineData("openrouter/anthropic/claude-3.5-sonnet", "openrouter", "https://openrouter.ai/api/v1/chat/completions", "authorization", "anthropic/claude-3.5-sonnet")]
    [InlineData("groq/llama-3-70b", "groq", "https://api.groq.com/openai/v1/chat/completions", "authorization", "llama-3-70b")]
    [InlineData("groq/mixtral-8x7b", "groq", "https://api.groq.com/openai/v1/chat/completions", "authorization", "mixtral-8x7b")]
    [InlineData("mistral/mistral-large", "mistral", "https://api.mistral.ai/v1/chat/completions", "authorization", "mistral-large")]
    [InlineData("mistral/mistral-medium", "mistral", "https://api.mistral.ai/v1/chat/completions", "authorization", "mistral-medium")]
    [InlineData("cohere/command-r-plus", "cohere", "https://api.cohere.com/", "authorization", "command-r-plus")]
    [InlineData("cohere/command-r", "cohere", "https://api.cohere.com/", "authorization", "command-r")]
    [InlineData("xai/grok-2", "grok", "https://api.x.ai/v1/chat/completions", "authorization", "grok-2")]
    [InlineData("deepseek/deepseek-chat", "deepseek", "https://api.deepseek.com/chat/completions", "authorization", "deepseek-chat")]
    [InlineData("deepseek/deepseek-coder", "deepseek", "https://api.deepseek.com/chat/completions", "authorization", "deepseek-coder")]
    [InlineData("perplexity/sonar-medium-online", "perplexity-ai", "https://api.perplexity.ai/chat/completions", "authorization", "sonar-medium-online")]
    [InlineData("@cf/meta/llama-2-7b-chat-int8", "workers-ai", "", "authorization", "@cf/meta/llama-2-7b-chat-int8")]
    [InlineData("@cf/meta/llama-2-13b-chat-int8", "workers-ai", "", "authorization", "@cf/meta/llama-2-13b-chat-int8")]
    [InlineData("@cf/mistral/mistral-7b-instruct-v0.1", "workers-ai", "", "authorization", "@cf/mistral/mistral-7b-instruct-v0.1")]
    [InlineData("@cf/meta/codellama-7b-instruct", "workers-ai", "", "authorization", "@cf/meta/codellama-7b-instruct")]
    [InlineData("@cf/tinyllama/tinyllama-1.1b-chat-v1.0", "workers-ai", "", "authorization", "@cf/tinyllama/tinyllama-1.1b-chat-v1.0")]
    [InlineData("@cf/meta/llama-3.1-70b-instruct", "workers-ai", "", "authorization", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "workers-ai", "", "authorization", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/mistral/mistral-7b-instruct-v0.2", "workers-ai", "", "authorization", "@cf/mistral/mistral-7b-instruct-v0.2")]
    [InlineData("default", "workers-ai", "", "authorization", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    public async Task Model_ReachesItsProvider_WithItsKeyInItsHeader(string model, string provider, string address, string keyHeaders, string asked)
    {
        var answer = await shared.Stage.ChatAsync(more: new { model });

        Assert.True(answer.Status == 200, answer.Text);
        Assert.Equal((provider, "chat.completion"), (answer["x-gatewayops-provider"], answer.Json.GetProperty("object").GetString()));
        Assert.NotEmpty(answer.Content);
        Assert.Contains(answer.Json.GetProperty("choices")[0].GetProperty("finish_reason").GetString(), (string[])["stop", "length"]);
        var call = await shared.Stage.LastCallAsync(provider);
        Assert.StartsWith(address, call.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Contains(keyHeaders.Split('|'), header => call.GetProperty("headers").TryGetProperty(header, out var key) && key.GetString()!.EndsWith(ProxyStage.StoredKey + provider, StringComparison.Ordinal));
        Assert.Contains(asked, call.GetProperty("url").GetString() + call.GetProperty("body").GetString(), StringComparison.Ordinal);
    }

    [Fact, Trait("checklist", "S2-31")]
    public async Task Provider_InTheBody_DecidesOverTheModel()
    {
        var answer = await shared.Stage.ChatAsync(more: new { model = "default", provider = "gemini" });

        Assert.Equal((200, "google-ai-studio"), (answer.Status, answer["x-gatewayops-provider"]));
    }
}

/// <summary>One stage without rules whose gateway stores a key of every provider.</summary>
public sealed class EveryKeyFixture : IAsyncLifetime
{
    internal ProxyStage Stage { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Stage = await ProxyStage.StartAsync();
        foreach (var provider in new[] { "google-ai-studio", "mistral", "cohere", "grok", "deepseek", "perplexity-ai" })
        {
            Stage.StoreKey(provider);
        }
    }

    public async Task DisposeAsync() => await Stage.DisposeAsync();
}
