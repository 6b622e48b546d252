using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

public class ModelRoutingTests
{
    [Theory, Trait("checklist", "S2-30")]
    [InlineData("@cf/meta/llama-4-scout-17b-16e-instruct", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("@cf/openai/gpt-oss-120b", "workers-ai", "@cf/openai/gpt-oss-120b")]
    [InlineData("gpt-4", "openai", "gpt-4")]
    [InlineData("gpt-3.5-turbo", "openai", "gpt-3.5-turbo")]
    [InlineData("chatgpt-4o-latest", "openai", "chatgpt-4o-latest")]
    [InlineData("o1", "openai", "o1")]
    [InlineData("o1-preview", "openai", "o1-preview")]
    [InlineData("o3", "openai", "o3")]
    [InlineData("o3-mini", "openai", "o3-mini")]
    [InlineData("o4-mini", "openai", "o4-mini")]
    [InlineData("gemini-pro", "google-ai-studio", "gemini-pro")]
    [InlineData("gemini-1.5-pro", "google-ai-studio", "gemini-1.5-pro")]
    [InlineData("my-gemini-tune", "google-ai-studio", "my-gemini-tune")]
    [InlineData("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5")]
    [InlineData("something-else", "workers-ai", "something-else")]
    [InlineData("unknown/model", "workers-ai", "unknown/model")]
    public void Resolve_Pattern_FindsTheProvider(string model, string provider, string upstream) =>
        Assert.Equal(new ModelResolution(provider, upstream, model), ModelRouting.Resolve(model, null));

    [Theory, Trait("checklist", "S3-11")]
    [InlineData("openai/gpt-4o", "openai", "gpt-4o")]
    [InlineData("anthropic/claude-opus-4", "anthropic", "claude-opus-4")]
    [InlineData("google-ai-studio/gemini-2.0-flash", "google-ai-studio", "gemini-2.0-flash")]
    [InlineData("openrouter/openai/gpt-4o-mini", "openrouter", "openai/gpt-4o-mini")]
    [InlineData("openrouter/anthropic/claude-3.5-sonnet", "openrouter", "anthropic/claude-3.5-sonnet")]
    [InlineData("groq/llama-3-70b", "groq", "llama-3-70b")]
    [InlineData("mistral/mistral-large", "mistral", "mistral-large")]
    [InlineData("cohere/command-r-plus", "cohere", "command-r-plus")]
    [InlineData("xai/grok-2", "grok", "grok-2")]
    [InlineData("deepseek/deepseek-coder", "deepseek", "deepseek-coder")]
    [InlineData("perplexity/sonar-medium-online", "perplexity-ai", "sonar-medium-online")]
    [InlineData("workers-ai/@cf/meta/llama-3-8b-instruct", "workers-ai", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("custom-house/any", "custom-house", "any")]
    public void Resolve_ProviderAndModel_SplitsAtTheFirstSlash(string model, string provider, string upstream) =>
        Assert.Equal(new ModelResolution(provider, upstream, model), ModelRouting.Resolve(model, null));

    [Theory, Trait("checklist", "S2-37")]
    [InlineData("llama4", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("llama-4-scout", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("default", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("gpt4", "openai", "gpt-4")]
    [InlineData("gpt3", "openai", "gpt-3.5-turbo")]
    [InlineData("gpt-3.5", "openai", "gpt-3.5-turbo")]
    public void Resolve_Alias_KeepsWhatWasRequested(string model, string provider, string upstream) =>
        Assert.Equal(new ModelResolution(provider, upstream, model), ModelRouting.Resolve(model, null));

    [Theory]
    [InlineData("default", "gemini", "google-ai-studio", "gemini-2.0-flash")]
    [InlineData("gpt-4o", "openrouter", "openrouter", "gpt-4o")]
    [InlineData("openai/gpt-4o", "openai", "openai", "gpt-4o")]
    [InlineData("openai/gpt-4o", "openrouter", "openrouter", "openai/gpt-4o")]
    [InlineData("llama4", "cloudflare", "workers-ai", "@cf/meta/llama-4-scout-17b-16e-instruct")]
    public void Resolve_ProviderGiven_Overrides(string model, string given, string provider, string upstream) =>
        Assert.Equal(new ModelResolution(provider, upstream, model), ModelRouting.Resolve(model, given));

    [Fact]
    public void Resolve_UnknownProviderGiven_IsNull() => Assert.Null(ModelRouting.Resolve("gpt-4", "openia"));

    [Theory, Trait("checklist", "S4-09")]
    [InlineData("@cf/meta/llama-3-70b-instruct", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("llama-3-70b-instruct", "llama-3.1-70b-instruct")]
    [InlineData("@cf/meta/llama-3-8b-instruct", "@cf/meta/llama-3-8b-instruct")]
    [InlineData("@cf/meta/llama-3.1-70b-instruct", "@cf/meta/llama-3.1-70b-instruct")]
    [InlineData("@cf/meta/llama-3.2-3b-instruct", "@cf/meta/llama-3.2-3b-instruct")]
    [InlineData("@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/meta/llama-3.3-70b-instruct-fp8-fast")]
    public void Normalise_WorkersAiModel_ChangesOnlyTheSeventyBillionOne(string model, string expected) =>
        Assert.Equal(expected, WorkersAiModel.Normalise(model));

    [Fact]
    public void DefaultModelOf_EveryProvider_ResolvesToThatProvider() =>
        Assert.All(ProviderCatalogue.Slugs, slug => Assert.Equal(slug, ModelRouting.Resolve("default", slug)!.Provider));

    [Theory]
    [InlineData("opnai", "openai")]
    [InlineData("OpenAI", "openai")]
    [InlineData("google_ai_studio", "google-ai-studio")]
    [InlineData("zzzzzz", null)]
    public void Suggest_MisspeltProvider_NamesTheNearest(string name, string? expected) => Assert.Equal(expected, ProviderCatalogue.Suggest(name));
}
