using System.Collections.Frozen;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>
/// How Cloudflare AI Gateway reaches one provider. A provider is one row of <see cref="UpstreamProviders"/>.
/// Source: Cloudflare contract, section 11.
/// </summary>
/// <param name="Slug">Path segment of the gateway.</param>
/// <param name="ChatPath">Path after the slug where the provider speaks OpenAI's chat itself; null where the gateway's `/compat` surface translates.</param>
/// <param name="AskForStreamUsage">Whether a stream reports its usage only when `stream_options.include_usage` asks for it; the others report it unasked and some refuse the field.</param>
public sealed record UpstreamProvider(string Slug, string? ChatPath, bool AskForStreamUsage = true)
{
    /// <summary>Paths after the slug of what the provider has beside chat; each ends with its operation.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Whether this provider can be asked for one of <see cref="Operations"/>.</summary>
    public bool Has(string operation) => operation == Operations.Chat || Others.Any(path => path.EndsWith(operation, StringComparison.Ordinal));

    /// <summary>Path below `/v1/{account}/{gateway}` of one of <see cref="Operations"/>; null where the provider has none.</summary>
    public string? GatewayPathOf(string operation) => operation == Operations.Chat
        ? ChatPath is null ? "/compat/chat/completions" : $"/{Slug}{ChatPath}"
        : Others.FirstOrDefault(path => path.EndsWith(operation, StringComparison.Ordinal)) is { } own ? $"/{Slug}{own}" : null;

    /// <summary>The model as this provider's surface wants it: `/compat` takes `{slug}/{model}`.</summary>
    public string WireModel(string model, string operation) => operation == Operations.Chat && ChatPath is null ? $"{Slug}/{model}" : model;
}

/// <summary>The providers that this version can call.</summary>
public static class UpstreamProviders
{
    private static readonly UpstreamProvider[] Rows =
    [
        new("openai", "/chat/completions") { Others = ["/completions", "/embeddings", "/responses"] },
        new("openrouter", "/v1/chat/completions") { Others = ["/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages"] },
        new("groq", "/chat/completions") { Others = ["/responses"] },
        new("mistral", "/v1/chat/completions", AskForStreamUsage: false) { Others = ["/v1/embeddings"] },
        new("deepseek", "/chat/completions") { Others = ["/beta/completions", "/anthropic/v1/messages"] },
        new("grok", "/v1/chat/completions") { Others = ["/v1/responses", "/v1/messages"] },
        new("perplexity-ai", "/chat/completions", AskForStreamUsage: false),
        new("cerebras", "/chat/completions") { Others = ["/v1/completions"] },
        new("fireworks", "/chat/completions") { Others = ["/completions", "/embeddings", "/responses"] },
        new("anthropic", null) { Others = ["/v1/messages"] },
        new("google-ai-studio", null) { Others = ["/v1beta/openai/embeddings"] },
        new("cohere", null) { Others = ["/compatibility/v1/embeddings"] },
        new("workers-ai", null) { Others = ["/v1/embeddings"] },
    ];

    private static readonly FrozenDictionary<string, UpstreamProvider> BySlug = Rows.ToFrozenDictionary(row => row.Slug);

    public static IReadOnlyList<UpstreamProvider> All => Rows;

    /// <summary>A custom provider of the account: its base URL and OpenAI's paths. <paramref name="slug"/> begins with `custom-`. Source: Cloudflare contract, section 4.2.</summary>
    public static UpstreamProvider Custom(string slug) => new(slug, "/chat/completions") { Others = ["/embeddings", "/responses", "/messages"] };

    /// <summary>The row of a slug, or null. Aliases are resolved before (Rules' provider catalogue).</summary>
    public static UpstreamProvider? Find(string slug) => BySlug.GetValueOrDefault(slug);
}
