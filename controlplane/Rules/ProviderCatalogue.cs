using System.Buffers;
using System.Collections.Frozen;

namespace GatewayOps.Rules;

/// <summary>
/// The providers that a request can go to, by the slug of the gateway's URL. Source: Cloudflare contract, section 11; a custom provider is `custom-` and its own slug.
/// Ollama and LM Studio run on one's own machines, where no gateway reaches them: they are called directly.
/// </summary>
static partial class ProviderCatalogue
{
    /// <summary>Before the slug of a custom provider.</summary>
    public const string CustomPrefix = "custom-";

    /// <summary>Of a name: the prefix and a slug of 64.</summary>
    internal const int MaxLength = 71;

    /// <summary>A custom provider's name, as a regular expression.</summary>
    internal const string CustomPattern = @"custom-[a-z0-9\-]{1,64}";

    private static readonly string[] WithoutDefaultModel =
    [
        "google-vertex-ai", "azure-openai", "aws-bedrock", "cerebras", "fireworks", "huggingface", "replicate", "fal", "ideogram",
        "cartesia", "deepgram", "elevenlabs", "baseten", "parallel", "adobe-firefly", "ollama", "lmstudio",
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

    private static readonly SearchValues<char> CustomCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> Known = DefaultModels.Keys.Concat(WithoutDefaultModel).ToFrozenSet();

    /// <summary>Every slug, sorted.</summary>
    public static IReadOnlyList<string> Slugs { get; } = [.. Known.Order(StringComparer.Ordinal)];

    /// <summary>Every slug and alias, sorted.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Known.Concat(Aliases.Keys).Order(StringComparer.Ordinal)];

    /// <summary>The gateway's slug for a name or alias; null when it is not known. Names are case-sensitive.</summary>
    public static string? SlugOf(string name) =>
        Known.Contains(name) || IsCustom(name) ? name : Aliases.GetValueOrDefault(name);

    /// <summary>The model that `default` means with this provider; null when there is none.</summary>
    public static string? DefaultModelOf(string slug) => DefaultModels.GetValueOrDefault(slug);

    /// <summary>The known name nearest to a misspelt one, or null.</summary>
    public static string? Suggest(string name) => Suggestion.For(name, Known.Concat(Aliases.Keys));

    /// <summary>Other names of a slug, in a fixed order.</summary>
    public static IReadOnlyList<string> AliasesOf(string slug) => [.. Aliases.Where(alias => alias.Value == slug).Select(alias => alias.Key).Order(StringComparer.Ordinal)];

    private static bool IsCustom(string name) =>
        name.StartsWith(CustomPrefix, StringComparison.Ordinal)
        && name.Length is > 7 and <= MaxLength
        && name.AsSpan(CustomPrefix.Length).IndexOfAnyExcept(CustomCharacters) < 0;
}
