using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules;

/// <summary>Where a request for a model goes. <paramref name="Requested"/> is what the caller wrote and what the answer names.</summary>
public sealed record ModelResolution(string Provider, string Model, string Requested);

/// <summary>
/// Finds the provider of a model name. In this order: the caller's `provider`, an alias, `@cf/`, `{provider}/{model}` split at the first slash, the patterns below, Workers AI.
/// Source: checklist S2-30, S2-31, S2-37, S3-11, S4-09.
/// </summary>
public static class ModelRouting
{
    private const string WorkersAi = "workers-ai";

    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["llama4"] = "@cf/meta/llama-4-scout-17b-16e-instruct",
        ["llama-4-scout"] = "@cf/meta/llama-4-scout-17b-16e-instruct",
        ["gpt4"] = "gpt-4",
        ["gpt3"] = "gpt-3.5-turbo",
        ["gpt-3.5"] = "gpt-3.5-turbo",
    };

    // First match wins.
    private static readonly (Glob Model, string Provider)[] Patterns =
    [
        .. Rows(WorkersAi, "@cf/*", "@hf/*"),
        .. Rows("google-ai-studio", "*gemini*"),
        .. Rows("anthropic", "claude-*"),
        .. Rows("openai", "gpt-*", "chatgpt-*", "o1", "o1-*", "o3", "o3-*", "o4-*", "text-embedding-*", "whisper-*", "tts-*", "dall-e-*"),
        .. Rows("mistral", "mistral-*", "ministral-*", "codestral-*", "open-mistral-*", "open-mixtral-*"),
        .. Rows("cohere", "command-*"),
        .. Rows("grok", "grok-*"),
        .. Rows("deepseek", "deepseek-*"),
        .. Rows("perplexity-ai", "sonar", "sonar-*"),
    ];

    /// <summary>
    /// Null only when <paramref name="providerOverride"/> names no known provider (the caller's error, 400). An empty model or `default` is the default model of the provider.
    /// </summary>
    public static ModelResolution? Resolve(string model, string? providerOverride)
    {
        var asked = Aliases.GetValueOrDefault(model, model);
        if (!string.IsNullOrEmpty(providerOverride))
            return ProviderCatalogue.SlugOf(providerOverride) is { } forced ? With(forced, WithoutPrefix(asked, forced), model) : null;

        if (IsDefault(asked))
            return With(WorkersAi, asked, model);
        if (!asked.StartsWith('@') && Split(asked) is var (provider, rest))
            return With(provider, rest, model);
        return With(Array.Find(Patterns, row => row.Model.IsMatch(asked)).Provider ?? WorkersAi, asked, model);
    }

    /// <summary>Whether a name says its provider, as `{provider}/{model}`: what stands before the slash is one.</summary>
    public static bool NamesProvider(string model) => Split(model) is not null;

    /// <summary>
    /// What was asked for, in the words of a provider that need not be the one that it was resolved to: its own default for `default`, aliases and prefixes resolved, and only Workers AI's models spelt as
    /// Workers AI does. OpenRouter names models `{author}/{model}`, so the caller's own spelling is right there; elsewhere the prefix was only for us.
    /// </summary>
    public static string ModelAt(string provider, ModelResolution resolved)
    {
        if (provider == resolved.Provider)
            return resolved.Model;
        var asked = Aliases.GetValueOrDefault(resolved.Requested, resolved.Requested);
        if (IsDefault(asked))
            return ProviderCatalogue.DefaultModelOf(provider) ?? resolved.Model;
        var model = provider != "openrouter" && Split(asked) is var (_, rest) ? rest : asked;
        return provider == WorkersAi ? WorkersAiModel.Normalise(model) : model;
    }

    /// <summary>Whether a name stands for another: an alias, or `default`.</summary>
    public static bool IsAlias(string model) => model == "default" || Aliases.ContainsKey(model);

    /// <summary>Shorter names of a model, in a fixed order.</summary>
    public static IReadOnlyList<string> AliasesOf(string model) => [.. Aliases.Where(alias => alias.Value == model).Select(alias => alias.Key).Order(StringComparer.Ordinal)];

    /// <summary>Up to <paramref name="most"/> of the known names that come near one that is not known: spelt alike, or its own name behind an author's.</summary>
    public static IReadOnlyList<string> Suggest(string model, IEnumerable<string> known, int most) => Suggestion.Nearest(model, known, most);

    private static ModelResolution With(string provider, string model, string requested)
    {
        if (IsDefault(model))
            model = ProviderCatalogue.DefaultModelOf(provider) ?? model;
        return new ModelResolution(provider, provider == WorkersAi ? WorkersAiModel.Normalise(model) : model, requested);
    }

    private static bool IsDefault(string model) => model is "" or "default";

    private static (string Provider, string Model)? Split(string model) =>
        model.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 && ProviderCatalogue.SlugOf(model[..slash]) is { } slug ? (slug, model[(slash + 1)..]) : null;

    // `provider: openai, model: openai/gpt-4o` says one thing twice; `provider: openrouter, model: openai/gpt-4o` is OpenRouter's own name.
    private static string WithoutPrefix(string model, string provider) => Split(model) is var (named, rest) && named == provider ? rest : model;

    private static IEnumerable<(Glob, string)> Rows(string provider, params string[] patterns) => patterns.Select(pattern => (new Glob(pattern), provider));
}
