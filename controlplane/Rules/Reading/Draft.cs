using System.Text.Json;

namespace GatewayOps.Rules.Reading;

internal sealed record Located<T>(JsonPointer At, T Value);

/// <summary>
/// What could be read of a document that may hold errors. A faulty value is left out, and with it a rule without a pattern and a provider without name or priority, so that relations
/// between the parts are checked in spite of it.
/// </summary>
internal sealed record Draft(Place Root, IReadOnlyList<Located<Rule>> Rules, IReadOnlyList<Located<ProviderEntry>> Providers)
{
    public static Draft Of(Place root) => new(root, Located(root["rules"], RuleOf), Located(root["providers"], ProviderOf));

    /// <summary>The whole document. Only for one without errors.</summary>
    public RuleSet ToRuleSet() => new()
    {
        Name = Root.Text("name"),
        Gateways = Root.Texts("gateways"),
        Priority = Root.Integer("priority") ?? 0,
        Rules = [.. Rules.Select(rule => rule.Value)],
        Providers = [.. Providers.Select(provider => provider.Value)],
        Fallback = Root["fallback"] is { } fallback ? new Fallback { Enabled = fallback.Flag("enabled") ?? false, RetryCount = fallback.Integer("retry_count") } : null,
        Settings = Root["settings"] is { } settings ? SettingsNode.Fields(settings.Value) : [],
        Leaves = DocumentLeaf.Of(Root.Value),
    };

    private static Rule? RuleOf(Place rule) => rule.Text("pattern") is not { } pattern ? null : new Rule
    {
        Name = rule.Text("name"),
        Pattern = pattern,
        Match = rule["match"] is { } match ? MatchOf(match) : null,
        Cache = rule["cache"] is { } cache ? CacheOf(cache) : null,
        Timeout = rule.Integer("timeout"),
        CollectLog = rule.Flag("collect_log"),
    };

    private static Match MatchOf(Place match) => new()
    {
        Model = match.Text("model"),
        Provider = match.Text("provider") is { } provider ? ProviderCatalogue.SlugOf(provider) ?? provider : null,
        Method = match.Text("method"),
    };

    private static Cache CacheOf(Place cache) => new()
    {
        Enabled = cache.Flag("enabled") ?? false,
        Ttl = cache.Integer("ttl"),
        Key = cache.Texts("key"),
        Share = cache.Flag("share") ?? false,
    };

    private static ProviderEntry? ProviderOf(Place provider) => provider.Text("name") is not { } name || provider.Integer("priority") is not { } priority ? null : new ProviderEntry
    {
        Name = ProviderCatalogue.SlugOf(name)!,
        Priority = priority,
        Timeout = provider.Integer("timeout"),
        Model = provider.Text("model"),
    };

    private static IReadOnlyList<Located<T>> Located<T>(Place? list, Func<Place, T?> read)
        where T : class =>
        [.. from item in list?.Items ?? [] let value = read(item) where value is not null select new Located<T>(item.At, value)];
}
