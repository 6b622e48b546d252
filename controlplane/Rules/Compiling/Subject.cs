namespace GatewayOps.Rules.Compiling;

/// <summary>
/// What several documents may give and only one can: `/providers`, `/fallback`, `/quota`, `/settings/{field}`, `/routes/{name}`, `/policies/{name}`, `/custom_providers/{slug}`.
/// Names stand as they are; nothing takes a subject apart at its slashes but for the first two.
/// </summary>
internal static class Subject
{
    public const string Providers = "/providers";
    public const string Fallback = "/fallback";
    public const string Quota = "/quota";

    public static string Setting(string field) => $"/settings/{field}";

    public static string Of(DynamicRoute route) => $"/routes/{route.Name}";

    public static string Of(AccessPolicy policy) => $"/policies/{policy.Name}";

    public static string Of(CustomProviderEntry provider) => $"/custom_providers/{provider.Slug}";

    public static IEnumerable<string> GivenBy(RuleSet document)
    {
        if (document.Providers.Count > 0)
            yield return Providers;
        if (document.Fallback is not null)
            yield return Fallback;
        if (document.Quota is not null)
            yield return Quota;
        foreach (var subject in document.Settings.Keys.Select(Setting).Concat(document.Routes.Select(Of)).Concat(document.Policies.Select(Of)).Concat(document.CustomProviders.Select(Of)))
            yield return subject;
    }

    /// <summary>The subject of a leaf; null when it belongs to none: rules pool.</summary>
    public static string? OfLeaf(string[] path, RuleSet document) => path switch
    {
        ["", "providers", ..] => Providers,
        ["", "fallback", ..] => Fallback,
        ["", "quota", ..] => Quota,
        ["", "settings", var field] => Setting(field),
        ["", "routes", var index, ..] => Of(document.Routes[int.Parse(index)]),
        ["", "policies", var index, ..] => Of(document.Policies[int.Parse(index)]),
        ["", "custom_providers", var index, ..] => Of(document.CustomProviders[int.Parse(index)]),
        _ => null,
    };

    /// <summary>Where a document gives the subject.</summary>
    public static JsonPointer PlaceIn(RuleSet document, string subject)
    {
        var index = document.Routes.Select(Of).Index().Concat(document.Policies.Select(Of).Index()).Concat(document.CustomProviders.Select(Of).Index())
            .FirstOrDefault(entry => entry.Item == subject, (Index: -1, Item: "")).Index;
        return index < 0 ? new JsonPointer(subject) : new JsonPointer($"/{subject.Split('/')[1]}").Then(index);
    }

    /// <summary>`settings.cache_ttl`, `the route "chat"`.</summary>
    public static string InWords(string subject) => subject.Split('/', 3) switch
    {
        ["", "routes", var name] => $"the route {Quote.Text(name)}",
        ["", "policies", var name] => $"the policy {Quote.Text(name)}",
        ["", "custom_providers", var slug] => $"the custom provider {Quote.Text(slug)}",
        var path => string.Join('.', path[1..]),
    };
}
