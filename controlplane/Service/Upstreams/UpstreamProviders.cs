using System.Collections.Frozen;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>The providers that this version can call. Sources: Cloudflare contract, section 11, for the gateway; the providers' own guides for the rest.</summary>
public static class UpstreamProviders
{
    /// <summary>OpenAI's paths, and Anthropic's one.</summary>
    public static readonly IReadOnlyDictionary<string, string> Everything = At(Operations.Chat, Operations.Completions, Operations.Embeddings, Operations.Responses, Operations.Messages);

    /// <summary>What is asked of a provider of which nothing more is known. Text completions are answered through its chat: few have them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Compatible = At(Operations.Chat, Operations.Embeddings, Operations.Responses, Operations.Messages);

    private static readonly UpstreamProvider[] Rows =
    [
        new("openai") { BaseUrl = new("https://api.openai.com/v1"), Paths = At(Operations.Chat, Operations.Completions, Operations.Embeddings, Operations.Responses), KeyVariable = "OPENAI_API_KEY" },
        new("openrouter")
        {
            BaseUrl = new("https://openrouter.ai/api/v1"), GatewayPrefix = "/v1",
            Paths = At(Operations.Chat, Operations.Completions, Operations.Embeddings, Operations.Responses, Operations.Messages), KeyVariable = "OPENROUTER_API_KEY",
        },
        new("groq") { BaseUrl = new("https://api.groq.com/openai/v1"), Paths = At(Operations.Chat, Operations.Responses), KeyVariable = "GROQ_API_KEY" },
        new("mistral")
        {
            BaseUrl = new("https://api.mistral.ai/v1"), GatewayPrefix = "/v1", AskForStreamUsage = false,
            Paths = At(Operations.Chat, Operations.Embeddings), KeyVariable = "MISTRAL_API_KEY",
        },
        new("deepseek")
        {
            BaseUrl = new("https://api.deepseek.com"), KeyVariable = "DEEPSEEK_API_KEY",
            Paths = new Dictionary<string, string>
            {
                [Operations.Chat] = Operations.Chat, [Operations.Completions] = "/beta/completions", [Operations.Messages] = "/anthropic/v1/messages",
            }.ToFrozenDictionary(),
        },
        new("grok")
        {
            BaseUrl = new("https://api.x.ai/v1"), GatewayPrefix = "/v1",
            Paths = At(Operations.Chat, Operations.Responses, Operations.Messages), KeyVariable = "XAI_API_KEY",
        },
        new("perplexity-ai") { BaseUrl = new("https://api.perplexity.ai"), AskForStreamUsage = false, Paths = At(Operations.Chat), KeyVariable = "PERPLEXITY_API_KEY" },
        new("cerebras") { BaseUrl = new("https://api.cerebras.ai/v1"), GatewayPrefix = "/v1", Paths = At(Operations.Chat, Operations.Completions), KeyVariable = "CEREBRAS_API_KEY" },
        new("fireworks")
        {
            BaseUrl = new("https://api.fireworks.ai/inference/v1"),
            Paths = At(Operations.Chat, Operations.Completions, Operations.Embeddings, Operations.Responses), KeyVariable = "FIREWORKS_API_KEY",
        },
        new("anthropic")
        {
            BaseUrl = new("https://api.anthropic.com/v1"), GatewayPrefix = "/v1", IsTranslated = true,
            Paths = At(Operations.Chat, Operations.Messages), MessagesKeyHeader = "x-api-key", KeyVariable = "ANTHROPIC_API_KEY",
        },
        new("google-ai-studio")
        {
            BaseUrl = new("https://generativelanguage.googleapis.com/v1beta/openai"), GatewayPrefix = "/v1beta/openai", IsTranslated = true,
            Paths = At(Operations.Chat, Operations.Embeddings), KeyVariable = "GEMINI_API_KEY",
        },
        new("cohere")
        {
            BaseUrl = new("https://api.cohere.com/compatibility/v1"), GatewayPrefix = "/compatibility/v1", IsTranslated = true,
            Paths = At(Operations.Chat, Operations.Embeddings), KeyVariable = "COHERE_API_KEY",
        },
        new("workers-ai") { GatewayPrefix = "/v1", IsTranslated = true, Paths = At(Operations.Chat, Operations.Embeddings, Operations.Run) },
        new("ollama") { BaseUrl = new("http://127.0.0.1:11434/v1"), Paths = Everything, IsLocal = true, AllowPrivate = true, IsDirect = true, Lacks = NoRow("ollama") },
        new("lmstudio") { BaseUrl = new("http://127.0.0.1:1234/v1"), Paths = Everything, IsLocal = true, AllowPrivate = true, IsDirect = true, Lacks = NoRow("lmstudio") },
    ];

    private static readonly FrozenDictionary<string, UpstreamProvider> BySlug = Rows.ToFrozenDictionary(row => row.Slug);

    public static IReadOnlyList<UpstreamProvider> All => Rows;

    /// <summary>A custom provider of the account: its base URL and OpenAI's paths. <paramref name="slug"/> begins with `custom-`. Source: Cloudflare contract, section 4.2.</summary>
    public static UpstreamProvider Custom(string slug) => new(slug) { Paths = Compatible };

    /// <summary>A provider that the gateway knows and that is asked at its own paths alone.</summary>
    public static UpstreamProvider Native(string slug) => new(slug) { Paths = At() };

    /// <summary>The row of a slug, or null. Aliases are resolved before (Rules' provider catalogue).</summary>
    public static UpstreamProvider? Find(string slug) => BySlug.GetValueOrDefault(slug);

    internal static IReadOnlyDictionary<string, string> At(params IEnumerable<string> operations) => operations.ToFrozenDictionary(operation => operation);

    private static string NoRow(string slug) => $"{ProviderOptions.SectionOf(slug)} has no row: set {ProviderOptions.SectionOf(slug)}:Mode=direct, and its BaseUrl where it is not on this machine";
}
