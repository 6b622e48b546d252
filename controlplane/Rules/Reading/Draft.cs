using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Reading;

internal sealed record Located<T>(JsonPointer At, T Value);

/// <summary>
/// What could be read of a document that may hold errors. A faulty value is left out, and with it a rule without a pattern, a provider without name or priority, and whatever else cannot
/// be told from its neighbours, so that relations between the parts are checked in spite of it.
/// </summary>
internal sealed record Draft(
    Place Root,
    IReadOnlyList<Located<Rule>> Rules,
    IReadOnlyList<Located<ProviderEntry>> Providers,
    IReadOnlyList<Located<DynamicRoute>> Routes,
    IReadOnlyList<Located<AccessPolicy>> Policies,
    IReadOnlyList<Located<CustomProviderEntry>> CustomProviders)
{
    public ErrorList Errors => Root.Errors;

    public static Draft Of(Place root) => new(
        root,
        Located(root["rules"], RuleOf),
        Located(root["providers"], ProviderOf),
        Located(root["routes"], RouteOf),
        Located(root["policies"], PolicyOf),
        Located(root["custom_providers"], CustomProviderOf));

    /// <summary>The whole document. Only for one without errors.</summary>
    public RuleSet ToRuleSet() => new()
    {
        Name = Root.Text("name"),
        Gateways = Root.Texts("gateways"),
        Priority = Root.Integer("priority") ?? 0,
        Rules = [.. Rules.Select(rule => rule.Value)],
        Providers = [.. Providers.Select(provider => provider.Value)],
        Fallback = Root["fallback"] is { } fallback ? new Fallback { Enabled = fallback.Flag("enabled") ?? false, RetryCount = fallback.Integer("retry_count") } : null,
        Settings = Root["settings"] is { } settings ? DocumentNode.Fields(settings.Value) : [],
        Routes = [.. Routes.Select(route => route.Value)],
        Policies = [.. Policies.Select(policy => policy.Value)],
        CustomProviders = [.. CustomProviders.Select(provider => provider.Value)],
        Quota = Root["quota"] is { } quota ? QuotaOf(quota) : null,
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
        RateLimit = rule["rate_limit"] is { } limit ? RateLimitOf(limit) : null,
        Queue = rule["queue"] is { } queue ? QueueOf(queue) : null,
    };

    private static Match MatchOf(Place match) => new()
    {
        Model = match.Text("model"),
        Provider = match.Text("provider") is { } provider ? ProviderCatalogue.SlugOf(provider) ?? provider : null,
        Method = match.Text("method"),
        Key = match.Text("key"),
        Metadata = match.Table("metadata"),
        Header = match.Table("header"),
    };

    private static Cache CacheOf(Place cache) => new()
    {
        Enabled = cache.Flag("enabled") ?? false,
        Ttl = cache.Integer("ttl"),
        Key = cache.Texts("key"),
        Share = cache.Flag("share") ?? false,
    };

    private static RateLimit? RateLimitOf(Place limit) => limit.Integer("limit") is { } most && limit.Integer("interval") is { } interval
        ? new RateLimit(most, interval, limit.Text("technique") == "fixed" ? RateLimitTechnique.Fixed : RateLimitTechnique.Sliding)
        : null;

    private static Queue? QueueOf(Place queue) => queue.Integer("concurrency") is { } concurrency && queue.Integer("depth") is { } depth && queue.Integer("timeout") is { } timeout
        ? new Queue(concurrency, depth, timeout)
        : null;

    private static ProviderEntry? ProviderOf(Place provider) => provider.Text("name") is not { } name || provider.Integer("priority") is not { } priority ? null : new ProviderEntry
    {
        Name = ProviderCatalogue.SlugOf(name)!,
        Priority = priority,
        Timeout = provider.Integer("timeout"),
        Model = provider.Text("model"),
        Weight = provider.Integer("weight"),
    };

    private static DynamicRoute? RouteOf(Place route) => route.Text("name") is not { } name ? null : new DynamicRoute
    {
        Name = name,
        Elements = route["elements"] is { } elements && route.Errors.IsSound(elements.At) ? (JsonArray)DocumentNode.Of(elements.Value)! : null,
        Model = route.Text("model"),
    };

    private static AccessPolicy? PolicyOf(Place policy) => policy.Text("name") is not { } name ? null : new AccessPolicy
    {
        Name = name,
        Actor = policy.Text("actor") ?? "",
        Model = policy["resource"]?.Text("model"),
        Provider = policy["resource"]?.Text("provider"),
        Condition = policy.Text("condition"),
        Action = policy["action"] is { } action && policy.Errors.IsSound(action.At) ? ActionOf(action) : [],
    };

    // As Cloudflare writes it: with the one technique that there is, and without a flag that changes nothing. Source: Cloudflare contract, section 7.
    private static JsonObject ActionOf(Place action)
    {
        var node = (JsonObject)DocumentNode.Of(action.Value)!;
        if (action.Text("type") == "limit")
            node["technique"] = "named-interval";
        if (action.Flag("except") == false)
            node.Remove("except");
        return node;
    }

    private static CustomProviderEntry? CustomProviderOf(Place provider) => provider.Text("slug") is not { } slug ? null : new CustomProviderEntry
    {
        Slug = slug,
        Name = provider.Text("name") ?? "",
        BaseUrl = provider.Text("base_url") ?? "",
        Enable = provider.Flag("enable") ?? true,
        Description = provider.Text("description"),
        Link = provider.Text("link"),
    };

    private static Quota QuotaOf(Place quota) => new()
    {
        Gateway = AmountsOf(quota),
        Providers = quota["providers"] is { } providers
            ? providers.Value.EnumerateObject().ToDictionary(provider => ProviderCatalogue.SlugOf(provider.Name)!, provider => AmountsOf(providers[provider.Name]!.Value))
            : new Dictionary<string, QuotaAmounts>(),
    };

    private static QuotaAmounts AmountsOf(Place amounts) => new(amounts.Whole("requests"), amounts.Whole("tokens"), amounts.Decimal("usd"));

    private static IReadOnlyList<Located<T>> Located<T>(Place? list, Func<Place, T?> read)
        where T : class =>
        [.. from item in list?.Items ?? [] let value = read(item) where value is not null select new Located<T>(item.At, value)];
}
