using GatewayOps.Emulator.Cel;

namespace GatewayOps.Emulator.Policies;

/// <summary>The request that policies judge: who, which model, which provider (contract 7).</summary>
/// <param name="Models">Every name that the model goes by: with and without its provider.</param>
/// <param name="Providers">The gateway's slug and the catalogue's name of the provider.</param>
/// <param name="Scope">What conditions and actors can refer to.</param>
public sealed record PolicySubject(IReadOnlyList<string> Models, IReadOnlyList<string> Providers, IReadOnlyDictionary<string, CelValue> Scope)
{
    /// <summary>What conditions may name: the identity's `cf` and `metadata`, also as `identity.cf` and `identity.metadata`, and the request's `model` and `provider`.</summary>
    public static readonly IReadOnlySet<string> Roots = new HashSet<string>(StringComparer.Ordinal) { "cf", "metadata", "identity", "model", "provider" };

    // Contract 11: the gateway and the catalogue name two providers differently.
    private static readonly (string Slug, string Author)[] Aliases = [("google-ai-studio", "google"), ("grok", "xai"), ("perplexity-ai", "perplexity")];

    /// <param name="model">With or without its provider: `openai/gpt-5`, `gpt-5`, `@cf/meta/llama-3.1-8b-instruct`.</param>
    /// <param name="identity">With the members `cf` and `metadata`, both optional.</param>
    public static PolicySubject Of(string provider, string model, IReadOnlyDictionary<string, CelValue> identity)
    {
        string[] providers = [provider, .. Aliases.Where(alias => alias.Slug == provider).Select(alias => alias.Author), .. Aliases.Where(alias => alias.Author == provider).Select(alias => alias.Slug)];
        var bare = Array.Find(providers, name => name.Length > 0 && model.StartsWith(name + "/", StringComparison.Ordinal)) is { } prefix ? model[(prefix.Length + 1)..] : model;
        string[] models = [.. providers.Where(name => name.Length > 0).Select(name => $"{name}/{bare}"), bare];

        var scope = new Dictionary<string, CelValue>(StringComparer.Ordinal)
        {
            ["identity"] = CelValue.Of(identity),
            // Workers AI models are known by their own name, all others by provider and name.
            ["model"] = CelValue.Of(bare.StartsWith('@') || provider.Length == 0 ? bare : models[0]),
            ["provider"] = CelValue.Of(provider),
        };
        foreach (var (name, value) in identity)
            scope.TryAdd(name, value);
        scope.TryAdd("cf", NoMembers);
        scope.TryAdd("metadata", NoMembers);
        return new PolicySubject(models, providers, scope);
    }

    private static readonly CelValue NoMembers = CelValue.Of(new Dictionary<string, CelValue>());
}
