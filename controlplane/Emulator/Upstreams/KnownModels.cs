using System.Collections.Frozen;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>The best known models of the providers: for lists, context windows and embedding sizes. A model that is not here exists all the same.</summary>
public static class KnownModels
{
    private const int UsualWindow = 131_072;

    private static readonly FrozenDictionary<string, string[]> Lists = new Dictionary<string, string[]>
    {
        ["openai"] = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-5", "gpt-5-mini", "o3", "o4-mini", "text-embedding-3-small", "text-embedding-3-large"],
        ["azure-openai"] = ["gpt-4o", "gpt-4o-mini", "gpt-5", "text-embedding-3-small"],
        ["anthropic"] = ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-3-5-haiku-latest"],
        ["google-ai-studio"] = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.0-flash", "gemini-embedding-001", "text-embedding-004"],
        ["google-vertex-ai"] = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"],
        ["grok"] = ["grok-4", "grok-3", "grok-3-mini"],
        ["groq"] = ["llama-3.3-70b-versatile", "llama-3.1-8b-instant", "openai/gpt-oss-120b", "whisper-large-v3"],
        ["deepseek"] = ["deepseek-chat", "deepseek-reasoner"],
        ["mistral"] = ["mistral-large-latest", "mistral-small-latest", "codestral-latest", "mistral-embed"],
        ["perplexity-ai"] = ["sonar", "sonar-pro", "sonar-reasoning-pro"],
        ["cerebras"] = ["llama-3.3-70b", "gpt-oss-120b"],
        ["openrouter"] = ["openai/gpt-4o-mini", "anthropic/claude-sonnet-4.5", "google/gemini-2.5-flash"],
        ["fireworks"] = ["accounts/fireworks/models/llama-v3p3-70b-instruct", "accounts/fireworks/models/deepseek-v3"],
        ["cohere"] = ["command-a-03-2025", "command-r7b-12-2024", "embed-v4.0", "rerank-v3.5"],
    }.ToFrozenDictionary();

    // Beginnings of names, without the author; the longest one that fits counts.
    private static readonly (string Beginning, int Window)[] Windows =
    [
        ("gpt-3.5", 16_385), ("gpt-4", 128_000), ("gpt-4.1", 1_047_576), ("gpt-5", 400_000), ("o1", 200_000), ("o3", 200_000), ("o4", 200_000),
        ("claude", 200_000), ("gemini", 1_048_576), ("grok-4", 256_000), ("command-a", 256_000), ("text-embedding", 8192), ("mistral-embed", 8192),
    ];

    private static readonly FrozenDictionary<string, int> Vectors = new Dictionary<string, int>
    {
        ["text-embedding-3-small"] = 1536,
        ["text-embedding-3-large"] = 3072,
        ["text-embedding-ada-002"] = 1536,
        ["text-embedding-004"] = 768,
        ["gemini-embedding-001"] = 3072,
        ["mistral-embed"] = 1024,
        ["embed-v4.0"] = 1536,
        ["embed-english-v3.0"] = 1024,
        ["embed-multilingual-v3.0"] = 1024,
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> Of(string slug) => Lists.TryGetValue(slug, out var models) ? models : ["default"];

    /// <summary>Tokens.</summary>
    public static int WindowOf(string model)
    {
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        var (window, longest) = (UsualWindow, 0);
        foreach (var (beginning, tokens) in Windows)
            if (beginning.Length > longest && name.StartsWith(beginning, StringComparison.Ordinal))
                (window, longest) = (tokens, beginning.Length);
        return window;
    }

    /// <summary>Dimensions of the model's vectors when the request does not say.</summary>
    public static int DimensionsOf(string model) => Vectors.GetValueOrDefault(model[(model.LastIndexOf('/') + 1)..], 1536);
}
