namespace GatewayOps.Rules.Compiling;

/// <summary>Where each leaf of a document is enforced. A leaf without a row here stops the compilation: nothing is silently dropped.</summary>
internal static class EnforcementTable
{
    /// <summary>By pointer as <see cref="PointerTable{T}"/> writes it; those of settings follow from <see cref="FieldOwnership"/>.</summary>
    public static readonly IReadOnlyList<Row> Rows =
    [
        new("/$schema", EnforcementPoint.Document, "names the schema for editors"),
        new("/name", EnforcementPoint.Document, "names the rule set"),
        new("/gateways", EnforcementPoint.Document, "chooses the gateways"),
        new("/priority", EnforcementPoint.Document, "decides between rule sets that give the same thing"),
        new("/rules/*/name", EnforcementPoint.Document, "names the rule in plans, logs and answers"),
        new("/rules/*/pattern", EnforcementPoint.Proxy, "compared with the operation path"),
        new("/rules/*/match/model", EnforcementPoint.Proxy, "compared with the model"),
        new("/rules/*/match/provider", EnforcementPoint.Proxy, "compared with the provider"),
        new("/rules/*/match/method", EnforcementPoint.Proxy, "compared with the method"),
        new("/rules/*/match/key", EnforcementPoint.Proxy, "compared with the name of the caller's virtual key"),
        new("/rules/*/match/metadata/*", EnforcementPoint.Proxy, "compared with the caller's metadata"),
        new("/rules/*/match/header/*", EnforcementPoint.Proxy, "compared with the request header"),
        new("/rules/*/cache/enabled", EnforcementPoint.RequestHeader, "cf-aig-cache-ttl"),
        new("/rules/*/cache/ttl", EnforcementPoint.RequestHeader, "cf-aig-cache-ttl"),
        new("/rules/*/cache/key", EnforcementPoint.Proxy, "the proxy computes the key from these fields and sends it as cf-aig-cache-key"),
        new("/rules/*/cache/share", EnforcementPoint.Proxy, "the proxy leaves the tenant in or out of cf-aig-cache-key"),
        new("/rules/*/timeout", EnforcementPoint.Proxy, "time to the first byte of each attempt"),
        new("/rules/*/collect_log", EnforcementPoint.RequestHeader, "cf-aig-collect-log"),
        new("/rules/*/rate_limit/limit", EnforcementPoint.Proxy, "the proxy counts the rule's requests; Cloudflare counts a gateway's alone"),
        new("/rules/*/rate_limit/interval", EnforcementPoint.Proxy, "the interval in which the proxy counts"),
        new("/rules/*/rate_limit/technique", EnforcementPoint.Proxy, "how the proxy counts"),
        new("/rules/*/queue/concurrency", EnforcementPoint.Proxy, "the proxy holds further requests back; Cloudflare has no queue"),
        new("/rules/*/queue/depth", EnforcementPoint.Proxy, "requests that the proxy holds back at most"),
        new("/rules/*/queue/timeout", EnforcementPoint.Proxy, "how long the proxy holds a request back"),
        new("/providers/*/name", EnforcementPoint.Proxy, "an upstream of every request"),
        new("/providers/*/priority", EnforcementPoint.Proxy, "order of attempts"),
        new("/providers/*/timeout", EnforcementPoint.Proxy, "time to the first byte of an attempt at this provider"),
        new("/providers/*/model", EnforcementPoint.Proxy, "asked for instead of the caller's model"),
        new("/providers/*/weight", EnforcementPoint.Proxy, "its share of the first attempts; Cloudflare's graph has the order alone"),
        new("/fallback/enabled", EnforcementPoint.Proxy, "whether further providers are tried"),
        new("/fallback/retry_count", EnforcementPoint.Proxy, "attempts after the first"),
        new("/routes/*/name", EnforcementPoint.DynamicRoute, "the model dynamic/{name} of clients that call Cloudflare directly"),
        new("/routes/*/from", EnforcementPoint.DynamicRoute, "compiled to a graph from providers and fallback"),
        new("/routes/*/model", EnforcementPoint.DynamicRoute, "model of the providers that name none"),
        new("/routes/*/elements/**", EnforcementPoint.DynamicRoute, "an element of the route's graph"),
        new("/policies/**", EnforcementPoint.Policy, "evaluated by Cloudflare at each call that is no cache hit"),
        new("/custom_providers/**", EnforcementPoint.CustomProvider, "a provider of the account, called by its slug"),
        new("/quota/requests", EnforcementPoint.Proxy, "refused before the call when the gateway's day has seen as many"),
        new("/quota/tokens", EnforcementPoint.Proxy, "refused before the call when the gateway's day has used as many"),
        new("/quota/usd", EnforcementPoint.Proxy, "refused before the call when the gateway's day has cost as much"),
        new("/quota/providers/*/requests", EnforcementPoint.Proxy, "this provider is not asked when its day has seen as many"),
        new("/quota/providers/*/tokens", EnforcementPoint.Proxy, "this provider is not asked when its day has used as many"),
        new("/quota/providers/*/usd", EnforcementPoint.Proxy, "this provider is not asked when its day has cost as much"),
        .. FieldOwnership.Fields.Select(field => FieldOwnership.Of(field) == FieldOwner.ControlPlane
            ? new Row($"/settings/{field}", EnforcementPoint.GatewaySetting, field)
            : new Row($"/settings/{field}", EnforcementPoint.Reported, "Pulumi owns this field: a difference is reported, never written")),
    ];

    private static readonly PointerTable<Row> Table = new(Rows.Select(row => KeyValuePair.Create(row.Pointer, row)));

    public static IEnumerable<Enforcement> Of(Revision revision, Merge merge)
    {
        var alsoIn = merge.Routes.Where(route => route.Value.IsCompiled).Select(route => $"dynamic/{route.Value.Name}").ToList();
        foreach (var leaf in revision.Document.Leaves)
        {
            var path = leaf.Pointer.Split('/');
            if (WithoutEffect(path, revision, merge) is { } reason)
                yield return new Enforcement(revision.Id, leaf.Pointer, EnforcementPoint.Reported, reason);
            else if (Table[leaf.Pointer] is var row && alsoIn.Count > 0 && path[1] is "providers" or "fallback" && path is not [.., "weight"])
                yield return new Enforcement(revision.Id, leaf.Pointer, row.Point, $"{row.Detail}; and in {string.Join(", ", alsoIn)}");
            else
                yield return new Enforcement(revision.Id, leaf.Pointer, row.Point, row.Detail);
        }
    }

    /// <summary>Where a leaf is enforced, as far as its name alone decides it.</summary>
    public static Row RowOf(string pointer) => Table[pointer];

    private static string? WithoutEffect(string[] path, Revision revision, Merge merge)
    {
        if (Subject.OfLeaf(path, revision.Document) is { } subject && merge.GiverOf(subject) is { } giver && giver != revision.Id)
            return $"no effect: {giver} has the larger priority";
        if (path is ["", "rules", var rule, "cache", not "enabled"] && revision.Document.Rules[int.Parse(rule)].Cache is { Enabled: false })
            return "no effect: cache.enabled is false";
        if (path is ["", "fallback", "retry_count"] && merge.Fallback is { Enabled: false })
            return "no effect: fallback.enabled is false";
        if (path is ["", "providers", var index, _] && merge.Fallback is not { Enabled: true } && !IsEverFirst(revision.Document.Providers[int.Parse(index)], merge))
            return "no effect: fallback is not enabled, so only the first provider is tried";
        if (path is ["", "routes", _, "from" or "model" or "name"] && merge.Providers.Count == 0 && revision.Document.Routes[int.Parse(path[2])].IsCompiled)
            return "no effect yet: no rule set gives providers";
        if (path is ["", "routes", var route, "model"] && revision.Document.Routes[int.Parse(route)].IsCompiled && merge.Providers.All(provider => provider.Model is not null))
            return "no effect: every provider names its own model";
        return null;
    }

    // Weights draw the first provider; without any it is the one with the lowest priority.
    private static bool IsEverFirst(ProviderEntry provider, Merge merge) =>
        merge.Providers.Any(other => other.Weight is not null) ? provider.Weight is not null : provider == merge.Providers[0];

    internal sealed record Row(string Pointer, EnforcementPoint Point, string Detail);
}
