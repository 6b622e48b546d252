using System.Text.Json;

namespace GatewayOps.Rules.Reading;

/// <summary>The rule-set document as a table: every name it may hold, and what may stand there. Source: product contract, section 6.</summary>
internal static class DocumentShape
{
    // What a gateway's worth of rules needs, and few enough that a hostile document costs seconds at most.
    private const int MostRules = 10_000;

    private static readonly BooleanCheck Flag = new();

    private static readonly IntegerCheck Timeout = new(1, 600_000, "milliseconds");

    private static readonly ObjectCheck Cache = new(
        "a cache setting",
        new("enabled", Flag, "False: the cache is bypassed, whatever the gateway says.", IsRequired: true),
        new("ttl", new IntegerCheck(60, 2_592_000, "seconds"), "Absent: `settings.cache_ttl` when above 0 (at least 60), else 300."), // Cloudflare contract 12.1: cf-aig-cache-ttl
        new("key", new ListCheck("body fields", Texts.BodyField, 1, 32, distinct: true), "Top-level body fields. Absent: the whole body. Stream, endpoint, model, provider and tenant always count."),
        new("share", Flag, "True: tenants share entries. Default false."));

    private static readonly ObjectCheck Match = new(
        "a match",
        new("model", Texts.ModelGlob, "All conditions must hold."),
        new("provider", Texts.ProviderGlob, "Aliases are known: `xai` is `grok`, `gemini` is `google-ai-studio`."),
        new("method", Texts.MethodGlob, "In capitals."),
        new("key", Texts.KeyGlob, "The name of the caller's virtual key. A caller without one does not match."),
        new("metadata", new MapCheck("metadata conditions", Texts.MetadataName, Texts.ValueGlob, 0, 5), "Members of the caller's metadata by name, as text (`true`, `7`). All must hold; an absent one does not match."),
        new("header", new MapCheck("header conditions", Texts.HeaderName, Texts.ValueGlob, 0, 16), "Request headers by lower-case name. All must hold; an absent one does not match. Headers that carry a credential are refused."));

    private static readonly ObjectCheck RateLimit = new(
        "a rate limit",
        new("limit", new IntegerCheck(1, 1_000_000, "requests"), "Per interval and tenant.", IsRequired: true),
        new("interval", new IntegerCheck(1, 86_400, "seconds"), "The interval of the limit.", IsRequired: true),
        new("technique", new ChoiceCheck("fixed", "sliding"), "Aligned windows, or the last interval. Default sliding."));

    private static readonly ObjectCheck Queue = new(
        "a queue",
        new("concurrency", new IntegerCheck(1, 10_000, "requests"), "Under way at once.", IsRequired: true),
        new("depth", new IntegerCheck(0, 10_000, "requests"), "Waiting at most; the next one is refused.", IsRequired: true),
        new("timeout", Timeout, "That a request may wait; then it is refused.", IsRequired: true));

    private static readonly ObjectCheck Rule = new(
        "a rule",
        new("name", Texts.RuleName, "Unique in the document."),
        new("pattern", Texts.PathPattern, "Against what remains of the path after `/v1`. `*` stays within a segment, `**` spans segments.", IsRequired: true),
        new("match", Match, "Further conditions."),
        new("cache", Cache, "How answers are kept."),
        new("timeout", Timeout, "To the first byte of each attempt."),
        new("collect_log", Flag, "Whether the gateway logs the request. Absent: as the gateway says."),
        new("rate_limit", RateLimit, "How many requests the proxy lets through the rule, besides the gateway's own limit."),
        new("queue", Queue, "How the proxy holds requests back instead of refusing them."),
        new("quota", new RefusedCheck("A quota is the gateway's or a provider's, not a rule's. Write it at the top of the document, or give the rule a \"rate_limit\".")));

    private static readonly ObjectCheck Provider = new(
        "a provider",
        new("name", Texts.Provider, "Twice only with two models.", IsRequired: true),
        new("priority", new IntegerCheck(1, 1000), "Lower first; unique in the document.", IsRequired: true),
        new("timeout", Timeout, "To the first byte of an attempt at this provider."),
        new("model", Texts.ModelName, "Asked for instead of the caller's model."),
        new("weight", new IntegerCheck(1, 1000), "Its share of the first attempts, beside the other providers that have a weight; the rest of the order is by priority. Absent, where another has one: asked when those failed."));

    private static readonly ObjectCheck Fallback = new(
        "the fallback setting",
        new("enabled", Flag, "False: only the first provider is tried.", IsRequired: true),
        new("retry_count", new IntegerCheck(0, 10, "retries"), "Attempts after the first, over all providers. Absent: each provider once."));

    private static readonly EitherCheck Route = new(
        "a route (an object)",
        route => route.ValueKind == JsonValueKind.Object && route.TryGetProperty("elements", out _),
        new ObjectCheck(
            "a hand-written route",
            new("name", Texts.RuleName, RouteName, IsRequired: true),
            new("elements", RouteShape.Elements, "The graph, in Cloudflare's own vocabulary; see below.", IsRequired: true)),
        new ObjectCheck(
            "a route made from the providers",
            new("name", Texts.RuleName, RouteName, IsRequired: true),
            new("from", new ChoiceCheck("providers"), "The graph follows from `providers` and `fallback`. (Without it: `elements`, a graph of your own.)", IsRequired: true),
            new("model", Texts.ModelName, "Model of those providers that name none.")));

    private const string RouteName = "Callers use it as the model `dynamic/{name}`; unique in the document.";

    private static readonly EitherCheck Resource = new(
        "\"*\", or the models and providers that the policy is about (an object)",
        resource => resource.ValueKind == JsonValueKind.String,
        new ChoiceCheck("*"),
        new ObjectCheck(
            "a policy's resource",
            new("model", Texts.PolicyGlob, "`*` does not cross a slash."),
            new("provider", Texts.PolicyGlob, "`*` does not cross a slash."))
        {
            WhenEmpty = "A resource names a model, a provider or both. Write \"*\" for everything.",
        });

    private static readonly KindCheck Action = new(
        "a policy's action",
        "type",
        ("no-limit", new ObjectCheck("an action that allows", new Field("type", new ChoiceCheck("no-limit"), "Allows without bound.", IsRequired: true))),
        ("block", new ObjectCheck(
            "an action that blocks",
            new("type", new ChoiceCheck("block"), "Refuses.", IsRequired: true),
            new("except", Flag, "True: everything but the resource."))),
        ("limit", new ObjectCheck(
            "an action that limits",
            new("type", new ChoiceCheck("limit"), "Allows up to an amount.", IsRequired: true),
            new("amount", new NumberCheck(0, 1_000_000_000, "US dollars", aboveZero: true), "Per period and actor.", IsRequired: true),
            new("period", new ChoiceCheck("hourly", "daily", "weekly", "monthly"), "Of the calendar, in UTC.", IsRequired: true))));

    private static readonly ObjectCheck Policy = new(
        "a policy",
        new("name", Texts.PolicyName, "Unique in the document.", IsRequired: true),
        new("actor", Texts.PolicyActor, "Who shares a budget; members of the identity in braces.", IsRequired: true),
        new("resource", Resource, "What it is about. `*` is everything.", IsRequired: true),
        new("condition", Texts.PolicyCondition, "When it counts. Absent: always."),
        new("action", Action, "`no-limit`; `block` with `except`?; `limit` with `amount` (US dollars) and `period` (hourly, daily, weekly, monthly).", IsRequired: true));

    private static readonly ObjectCheck CustomProvider = new(
        "a custom provider",
        new("slug", Texts.CustomSlug, "Callers and rules name it `custom-{slug}`; unique in the document.", IsRequired: true),
        new("name", Texts.CustomName, "For people.", IsRequired: true),
        new("base_url", Texts.BaseUrl, "Where calls go; the rest of the path is appended.", IsRequired: true),
        new("enable", Flag, "False: calls to it are refused. Default true."),
        new("description", Texts.Any, "For people."),
        new("link", Texts.Link, "For people."),
        new("headers", new RefusedCheck("Headers may hold a secret, and rule sets hold none. Leave them out here; put the provider's key with `gatewayops keys put`.")));

    private static readonly Field[] Amounts =
    [
        new("requests", new IntegerCheck(0, 1_000_000_000_000, "requests"), "Per UTC day. Absent: without bound."),
        new("tokens", new IntegerCheck(0, 1_000_000_000_000_000, "tokens"), "In and out, per UTC day."),
        new("usd", new NumberCheck(0, 1_000_000_000, "US dollars"), "Per UTC day."),
    ];

    private static readonly ObjectCheck Quota = new(
        "a quota",
        [.. Amounts, new("providers", new MapCheck("quotas by provider", Texts.Provider, new ObjectCheck("a provider's quota", Amounts), 0, 100), "Each provider's own, by name; counted apart from the gateway's.")]);

    public static readonly ObjectCheck Document = new(
        "a rule set",
        new("$schema", Texts.Any, "For editors."),
        new("name", Texts.RuleSetName, "Absent: `--name`, or the file without its ending."),
        new("gateways", new ListCheck("gateway ids", Texts.GatewayId, 0, 100, distinct: true), "Gateways that it targets. Absent: `CLOUDFLARE_GATEWAY_ID`."),
        new("priority", new IntegerCheck(-1000, 1000), "Where two active rule sets give one gateway the same setting, route, policy, custom provider, `providers`, `fallback` or `quota`: the larger wins; equal is an error. Default 0."),
        new("rules", new ListCheck("rules", Rule, 0, MostRules), "Exactly one rule meets a request: the most specific."),
        new("providers", new ListCheck("providers", Provider, 0, 32), "Upstreams of every request. Absent: the one that the model names."),
        new("fallback", Fallback, "Whether other providers are tried."),
        new("settings", SettingsShape.Check, "Fields of the gateway itself, by Cloudflare's names."),
        new("routes", new ListCheck("routes", Route, 0, 100), "Dynamic routes, for clients that call Cloudflare directly."),
        new("policies", new ListCheck("policies", Policy, 0, 100), "As soon as a gateway has one, what none allows is refused."),
        new("custom_providers", new ListCheck("custom providers", CustomProvider, 0, 100), "Providers of the account that Cloudflare does not know by itself."),
        new("quota", Quota, "What may be used on a UTC day before the proxy refuses. Given whole by one rule set."));
}
