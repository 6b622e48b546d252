namespace GatewayOps.Rules.Reading;

/// <summary>The rule-set document as a table: every name it may hold, and what may stand there. Source: product contract, section 6.</summary>
internal static class DocumentShape
{
    // Pairs of rules are compared with each other: the bound keeps a hostile document from costing minutes.
    private const int MostRules = 500;

    private static readonly BooleanCheck Flag = new();

    private static readonly IntegerCheck Timeout = new(1, 600_000, "milliseconds");

    private static readonly ObjectCheck Cache = new(
        "a cache setting",
        new("enabled", Flag, IsRequired: true),
        new("ttl", new IntegerCheck(60, 2_592_000, "seconds")), // Cloudflare contract 12.1: cf-aig-cache-ttl
        new("key", new ListCheck("body fields", Texts.BodyField, 1, 32, distinct: true)),
        new("share", Flag));

    private static readonly ObjectCheck Match = new(
        "a match",
        new("model", Texts.ModelGlob),
        new("provider", Texts.ProviderGlob),
        new("method", Texts.MethodGlob),
        new("key", NotYet("Matching by virtual key", "remove it, or match by model, provider or method")),
        new("metadata", NotYet("Matching by metadata", "remove it, or match by model, provider or method")),
        new("header", NotYet("Matching by header", "remove it, or match by model, provider or method")));

    private static readonly ObjectCheck Rule = new(
        "a rule",
        new("name", Texts.RuleName),
        new("pattern", Texts.PathPattern, IsRequired: true),
        new("match", Match),
        new("cache", Cache),
        new("timeout", Timeout),
        new("collect_log", Flag),
        new("rate_limit", NotYet("A rate limit per rule", "remove it, or set settings.rate_limiting_limit and settings.rate_limiting_interval for the whole gateway")),
        new("queue", NotYet("A queue", "remove it")),
        new("quota", NotYet("A quota", "remove it")));

    private static readonly ObjectCheck Provider = new(
        "a provider",
        new("name", Texts.Provider, IsRequired: true),
        new("priority", new IntegerCheck(1, 1000), IsRequired: true),
        new("timeout", Timeout),
        new("model", Texts.ModelName));

    private static readonly ObjectCheck Fallback = new(
        "the fallback setting",
        new("enabled", Flag, IsRequired: true),
        new("retry_count", new IntegerCheck(0, 10, "retries")));

    public static readonly ObjectCheck Document = new(
        "a rule set",
        new("$schema", Texts.Any),
        new("name", Texts.RuleSetName),
        new("gateways", new ListCheck("gateway ids", Texts.GatewayId, 0, 100, distinct: true)),
        new("priority", new IntegerCheck(-1000, 1000)),
        new("rules", new ListCheck("rules", Rule, 0, MostRules)),
        new("providers", new ListCheck("providers", Provider, 0, 32)),
        new("fallback", Fallback),
        new("settings", SettingsShape.Check),
        new("routes", NotYet("A dynamic route", "remove it, or use providers and fallback, which the proxy executes")),
        new("policies", NotYet("A policy", "remove it")),
        new("quota", NotYet("A quota", "remove it")));

    private static RefusedCheck NotYet(string what, string fix) => new($"{what} is not enforced by this version, so it is refused instead of being ignored: {fix}.");
}
