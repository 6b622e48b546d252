using System.Collections.Frozen;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>A provider that has a path on the gateway: `/v1/{account}/{gateway}/{Slug}/{path}` becomes `{Prefix}{path}` at the provider.</summary>
/// <param name="Slug">The first path segment after the gateway (contract 11).</param>
/// <param name="Prefix">Path that the gateway puts in front again, with both slashes; `/` where only the host was removed.</param>
/// <param name="ChatPath">Where `/compat/chat/completions` goes, below <paramref name="Prefix"/>.</param>
/// <param name="AuthHeaders">Headers that may carry the provider's key; a stored key is put into the first.</param>
public sealed record GatewayProvider(string Slug, string Prefix, string ChatPath, IReadOnlyList<string> AuthHeaders)
{
    public const string WorkersAi = "workers-ai";
    public const string AzureOpenAi = "azure-openai";

    private static readonly string[] Bearer = ["authorization"];

    private static readonly FrozenDictionary<string, GatewayProvider> Table = new GatewayProvider[]
    {
        new("openai", "/v1/", "chat/completions", Bearer),
        new("anthropic", "/", "v1/chat/completions", ["x-api-key", "authorization"]),
        new("google-ai-studio", "/", "v1beta/openai/chat/completions", ["x-goog-api-key", "authorization"]),
        new("google-vertex-ai", "/", "v1/chat/completions", Bearer),
        new(AzureOpenAi, "/", "chat/completions", ["api-key", "authorization"]),
        new("aws-bedrock", "/", "v1/chat/completions", Bearer),
        new(WorkersAi, "/", "v1/chat/completions", Bearer),
        new("grok", "/", "v1/chat/completions", Bearer),
        new("groq", "/openai/v1/", "chat/completions", Bearer),
        new("deepseek", "/", "chat/completions", Bearer),
        new("mistral", "/", "v1/chat/completions", Bearer),
        new("perplexity-ai", "/", "chat/completions", Bearer),
        new("cerebras", "/", "v1/chat/completions", Bearer),
        new("openrouter", "/api/", "v1/chat/completions", Bearer),
        new("fireworks", "/inference/v1/", "chat/completions", Bearer),
        new("cohere", "/", "compatibility/v1/chat/completions", Bearer),
        new("huggingface", "/models/", "v1/chat/completions", Bearer),
        new("replicate", "/", "v1/chat/completions", Bearer),
        new("fal", "/", "v1/chat/completions", Bearer),
        new("ideogram", "/", "v1/chat/completions", Bearer),
        new("cartesia", "/", "v1/chat/completions", ["authorization", "x-api-key"]),
        new("deepgram", "/", "v1/chat/completions", ["authorization", "token"]),
        new("elevenlabs", "/", "v1/chat/completions", ["xi-api-key", "authorization"]),
        new("baseten", "/", "v1/chat/completions", Bearer),
        new("parallel", "/", "v1/chat/completions", ["authorization", "x-api-key"]),
        new("adobe-firefly", "/", "v1/chat/completions", Bearer),
    }.ToFrozenDictionary(provider => provider.Slug);

    public static IEnumerable<GatewayProvider> All => Table.Values;

    /// <summary>Null for a slug that has no gateway path (contract 11: the gateway answers 400/2008).</summary>
    public static GatewayProvider? Find(string slug) => Table.GetValueOrDefault(slug);

    /// <summary>Path below the prefix: OpenAI's documented form omits `v1/`, and the form with it is accepted too.</summary>
    public string Below(string rest) =>
        Prefix == "/v1/" && rest.StartsWith("v1/", StringComparison.Ordinal) ? rest["v1/".Length..] : rest;
}
