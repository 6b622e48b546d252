using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Rules;
using Route = GatewayOps.Rules.Route;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Who answers a request, in order, and by which rule. Pure. <paramref name="Asked"/>: what rules were matched by.</summary>
public sealed record RouteDecision(Route Route, IReadOnlyList<UpstreamTarget> Targets, ModelResolution Asked)
{
    /// <summary>
    /// The upstreams of the rule set answer, except where the caller names another provider: by `provider` always, by `{provider}/{model}`
    /// when that provider is none of them (a rule set with OpenRouter has models named like that). Custom providers are those of the settings and those that the rule sets of the gateway
    /// declare. A provider that is not set up is left out.
    /// </summary>
    public static (RouteDecision? Decision, OpenAiError? Fault) Of(
        string method, Dialect dialect, string model, string? provider, CompiledRuleSet rules, string? key = null, IRequestDetails? details = null,
        ProviderTable? providers = null)
    {
        if (ModelRouting.Resolve(model, provider) is not { } resolved)
        {
            var hint = ProviderCatalogue.Suggest(provider!) is { } near ? $" Did you mean `{near}`?" : "";
            return (null, OpenAiError.Invalid("unknown_provider", $"This proxy knows no provider with the name given in `provider`.{hint}", "provider"));
        }

        var route = rules.Routes.Match(new RequestFacts(method, dialect.Operation, resolved.Model, resolved.Provider) { Key = key, Details = details });
        var own = Own(route.Upstreams, resolved.Provider);
        var isNamed = provider is not null || (own is null && ModelRouting.NamesProvider(model));
        var chosen = isNamed || route.Upstreams.Count == 0
            ? [new RouteUpstream(resolved.Provider, own?.Timeout, Model: null)]
            : route.Upstreams;
        var table = providers ?? ProviderTable.BuiltIn;
        var targets = new List<UpstreamTarget>(chosen.Count);
        UpstreamTarget? lacking = null;
        for (var i = 0; i < chosen.Count; i++)
        {
            if (Target(chosen[i], resolved, dialect, route, rules, table) is { } target)
            {
                lacking ??= target.Provider.Lacks is null ? null : target;
                if (target.Provider.Lacks is null)
                {
                    targets.Add(target);
                }
            }
        }

        return targets.Count > 0
            ? (new RouteDecision(route, targets, resolved), null)
            : lacking is not null
            ? (null, OpenAiError.Invalid("provider_not_configured", $"{lacking.Provider.Slug} is not set up here. For the operator: {lacking.Provider.Lacks}.", "model"))
            : (null, Unsupported(chosen[0].Provider, dialect, rules, table));
    }

    /// <summary>The same without the providers that would have to be asked in a dialect in which the request cannot be said; the fault where none is left.</summary>
    public (RouteDecision? Decision, OpenAiError? Fault) For(ProxyRequest request)
    {
        if (request.Dialect.StandIn?.Refusal(request.Root) is not { } unable)
        {
            return (this, null);
        }

        List<UpstreamTarget> able = [.. Targets.Where(target => request.Dialect.For(target.Provider) == request.Dialect)];
        return able.Count > 0 ? (this with { Targets = able }, null) : (null, unable);
    }

    private static RouteUpstream? Own(IReadOnlyList<RouteUpstream> upstreams, string provider)
    {
        for (var i = 0; i < upstreams.Count; i++)
        {
            if (upstreams[i].Provider == provider)
            {
                return upstreams[i];
            }
        }

        return null;
    }

    private static OpenAiError Unsupported(string slug, Dialect dialect, CompiledRuleSet rules, ProviderTable providers) =>
        ProviderOf(slug, rules, providers) is not null
            ? OpenAiError.Invalid(
                "unsupported_endpoint",
                $"{slug} has no {dialect.Path}. These have: {string.Join(", ", providers.All.Where(provider => provider.Lacks is null && dialect.For(provider) is not null).Select(provider => provider.Slug))}. Ask one of them, or use {Dialect.Chat.Path}, which all have.",
                "model")
        : slug.StartsWith(ProviderCatalogue.CustomPrefix, StringComparison.Ordinal)
            ? OpenAiError.Invalid(
                "unsupported_provider", $"No active rule set declares the custom provider {slug}, or it is not enabled: an operator can declare it under `custom_providers`, or set {ProviderOptions.SectionOf(slug[ProviderCatalogue.CustomPrefix.Length..])}:BaseUrl.", "model")
        : OpenAiError.Invalid("unsupported_provider", $"This version does not pass requests on to {slug}.", "model");

    private static UpstreamTarget? Target(RouteUpstream upstream, ModelResolution resolved, Dialect dialect, Route route, CompiledRuleSet rules, ProviderTable providers)
    {
        var model = upstream.Model ?? ModelRouting.ModelAt(upstream.Provider, resolved);
        return ProviderOf(upstream.Provider, rules, providers) is { } provider && dialect.For(provider) is not null
            ? new UpstreamTarget(provider, model, upstream.Timeout ?? route.Timeout, upstream.Weight)
            : null;
    }

    /// <summary>A custom provider that the rule sets of a gateway declare; null for one that they do not.</summary>
    internal static UpstreamProvider? Declared(string slug, CompiledRuleSet rules) =>
        slug.StartsWith(ProviderCatalogue.CustomPrefix, StringComparison.Ordinal) && rules.CustomProviders.Any(custom => custom.Enable && slug.AsSpan(ProviderCatalogue.CustomPrefix.Length).SequenceEqual(custom.Slug))
            ? UpstreamProviders.Custom(slug)
            : null;

    private static UpstreamProvider? ProviderOf(string slug, CompiledRuleSet rules, ProviderTable providers) => providers.Find(slug) ?? Declared(slug, rules);
}
