using System.Collections.Frozen;

namespace GatewayOps.Rules;

/// <summary>
/// The providers that a gateway can reach, by the slug of its URL. Source: Cloudflare contract, section 11; a custom provider is `custom-` and its own slug.
/// </summary>
public static class ProviderCatalogue
{
    private static readonly string[] WithoutDefaultModel =
    [
        "google-vertex-ai", "azure-openai", "aws-bedrock", "cerebras", "fireworks", "huggingface", "replicate", "fal", "ideogram",
        "cartesia", "deepgram", "elevenlabs", "baseten", "parallel", "adobe-firefly",
    ];

    // The model that `default` means. Workers AI: the default of the proxy. Others: the first, general model of each in the checklist (S3-10).
    private static readonly FrozenDictionary<string, string> DefaultModels = new Dictionary<string, string>
    {
        ["workers-ai"] = "@cf/meta/llama-4-scout-17b-16e-instruct",
        ["openai"] = "gpt-4o-mini",
        ["anthropic"] = "claude-sonnet-4-5",
        ["google-ai-studio"] = "gemini-2.0-flash",
        ["openrouter"] = "openai/gpt-4o-mini",
        ["groq"] = "llama-3-70b",
        ["mistral"] = "mistral-large",
        ["cohere"] = "command-r-plus",
        ["grok"] = "grok-2",
        ["deepseek"] = "deepseek-chat",
        ["perplexity-ai"] = "sonar-medium-online",
    }.ToFrozenDictionary();

    // Names that people, other systems and Cloudflare's own REST surface use.
    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["cloudflare"] = "workers-ai",
        ["gemini"] = "google-ai-studio",
        ["google"] = "google-ai-studio",
        ["xai"] = "grok",
        ["perplexity"] = "perplexity-ai",
        ["azure"] = "azure-openai",
        ["bedrock"] = "aws-bedrock",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Known = DefaultModels.Keys.Concat(WithoutDefaultModel).ToFrozenSet();

    /// <summary>Every slug, sorted.</summary>
    public static IReadOnlyList<string> Slugs { get; } = [.. Known.Order(StringComparer.Ordinal)];

    /// <summary>The gateway's slug for a name or alias; null when it is not known. Names are case-sensitive.</summary>
    public static string? SlugOf(string name) =>
        Known.Contains(name) || IsCustom(name) ? name : Aliases.GetValueOrDefault(name);

    /// <summary>The model that `default` means with this provider; null when there is none.</summary>
    public static string? DefaultModelOf(string slug) => DefaultModels.GetValueOrDefault(slug);

    /// <summary>The known name nearest to a misspelt one, or null.</summary>
    public static string? Suggest(string name) => Suggestion.For(name, Known.Concat(Aliases.Keys));

    private static bool IsCustom(string name) =>
        name.StartsWith("custom-", StringComparison.Ordinal) && name.Length is > 7 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
