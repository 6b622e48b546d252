using System.Collections.Frozen;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// How Cloudflare AI Gateway reaches one provider for chat. A provider is one row of <see cref="UpstreamProviders"/>.
/// Source: Cloudflare contract, section 11.
/// </summary>
/// <param name="Slug">Path segment of the gateway.</param>
/// <param name="ChatPath">Path after the slug where the provider speaks OpenAI's dialect itself; null where the gateway's `/compat` surface translates.</param>
/// <param name="AskForStreamUsage">Whether a stream reports its usage only when `stream_options.include_usage` asks for it; the others report it unasked and some refuse the field.</param>
public sealed record UpstreamProvider(string Slug, string? ChatPath, bool AskForStreamUsage = true)
{
    /// <summary>Path below `/v1/{account}/{gateway}`.</summary>
    public string GatewayPath => ChatPath is null ? "/compat/chat/completions" : $"/{Slug}{ChatPath}";

    /// <summary>The model as this provider's surface wants it: `/compat` takes `{slug}/{model}`.</summary>
    public string WireModel(string model) => ChatPath is null ? $"{Slug}/{model}" : model;
}

/// <summary>The providers that this version can call.</summary>
public static class UpstreamProviders
{
    private static readonly UpstreamProvider[] Rows =
    [
        new("openai", "/chat/completions"),
        new("openrouter", "/v1/chat/completions"),
        new("groq", "/chat/completions"),
        new("mistral", "/v1/chat/completions", AskForStreamUsage: false),
        new("deepseek", "/chat/completions"),
        new("grok", "/v1/chat/completions"),
        new("perplexity-ai", "/chat/completions", AskForStreamUsage: false),
        new("cerebras", "/chat/completions"),
        new("fireworks", "/chat/completions"),
        new("anthropic", null),
        new("google-ai-studio", null),
        new("cohere", null),
        new("workers-ai", null),
    ];

    private static readonly FrozenDictionary<string, UpstreamProvider> BySlug = Rows.ToFrozenDictionary(row => row.Slug);

    public static IReadOnlyList<UpstreamProvider> All => Rows;

    /// <summary>A custom provider of the account: its base URL and OpenAI's path. <paramref name="slug"/> begins with `custom-`. Source: Cloudflare contract, section 4.2.</summary>
    public static UpstreamProvider Custom(string slug) => new(slug, "/chat/completions");

    /// <summary>The row of a slug, or null. Aliases are resolved before (Rules' provider catalogue).</summary>
    public static UpstreamProvider? Find(string slug) => BySlug.GetValueOrDefault(slug);
}
