using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Rules.Matching;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Linting;

/// <summary>The practices, in the order in which they are told.</summary>
internal static partial class LintRules
{
    private const string Chat = "/chat/completions";

    // The field of the request body that holds what the answer depends on, by endpoint.
    private static readonly string[] Contents = ["messages", "prompt", "input", "contents"];

    private static readonly string[] PostOnly = [Chat, "/completions", "/responses", "/embeddings", "/messages"];

    public static readonly IReadOnlyList<LintRule> All =
    [
        new("looks_like_secret", LintSeverity.Warning, Secrets),
        new("credential_like_header", LintSeverity.Warning, CredentialHeaders),
        new("authentication_off", LintSeverity.Warning, AuthenticationOff),
        new("authentication_not_asserted", LintSeverity.Info, AuthenticationNotAsserted),
        new("no_rate_limit", LintSeverity.Info, NoRateLimit),
        new("rate_limit_incomplete", LintSeverity.Warning, HalfARateLimit),
        new("rate_limit_never_reached", LintSeverity.Info, RateLimitsAboveTheGateways),
        new("quota_of_zero", LintSeverity.Warning, QuotasOfZero),
        new("logs_off", LintSeverity.Warning, LogsOff),
        new("rule_logs_off", LintSeverity.Info, RuleLogsOff),
        new("chat_not_cached", LintSeverity.Info, ChatNotCached),
        new("cache_key_without_content", LintSeverity.Warning, CacheKeysWithoutContent),
        new("cache_key_without_temperature", LintSeverity.Info, CacheKeysWithoutTemperature),
        new("cache_shared_by_tenants", LintSeverity.Warning, SharedCaches),
        new("fallback_without_alternative", LintSeverity.Warning, FallbackWithoutAlternative),
        new("providers_never_tried", LintSeverity.Warning, ProvidersNeverTried),
        new("provider_weight_alone", LintSeverity.Info, WeightsAlone),
        new("timeout_absent", LintSeverity.Info, TimeoutsAbsent),
        new("rule_without_effect", LintSeverity.Info, RulesWithoutEffect),
        new("rule_never_matches", LintSeverity.Warning, RulesThatNeverMatch),
        new("queue_without_room", LintSeverity.Info, QueuesWithoutRoom),
        new("policies_deny_the_rest", LintSeverity.Warning, PoliciesThatDenyTheRest),
        new("route_without_weights", LintSeverity.Info, WeightsInRoutes),
        new("route_without_model", LintSeverity.Warning, RoutesWithoutModel),
        new("route_else_never_taken", LintSeverity.Info, ElsesNeverTaken),
        new("route_needs_authentication", LintSeverity.Warning, RoutesWithoutAuthentication),
        new("custom_provider_unused", LintSeverity.Info, CustomProvidersUnused),
        new("custom_provider_disabled", LintSeverity.Warning, CustomProvidersDisabled),
        new("custom_provider_undeclared", LintSeverity.Info, CustomProvidersUndeclared),
    ];

    // The value is never repeated.
    private static IEnumerable<LintPlace> Secrets(RuleSet document) =>
        from leaf in document.Leaves
        where Secret().IsMatch(leaf.Value)
        select new LintPlace(leaf.Pointer, "This text looks like a secret, and revisions are kept for ever and shown to every reader. Take it out, revoke it, and put keys with `gatewayops keys put`.");

    private static IEnumerable<LintPlace> CredentialHeaders(RuleSet document) =>
        from rule in Rules(document)
        from header in rule.Value.Match?.Header.Keys ?? []
        where CredentialLike().IsMatch(header)
        select new LintPlace(new JsonPointer(rule.Pointer).Then("match").Then("header").Then(header).Text, $"The header {Quote.Text(header)} sounds like a credential, whose value would stand in this document. Match by \"key\" or \"metadata\" instead.");

    private static IEnumerable<LintPlace> AuthenticationOff(RuleSet document) => When(
        Flag(document, "authentication") == false,
        "/settings/authentication",
        "Without authentication whoever knows the gateway's address spends on its stored keys. Assert true, and turn it on in the Pulumi stack.");

    private static IEnumerable<LintPlace> AuthenticationNotAsserted(RuleSet document) => When(
        !document.Settings.ContainsKey("authentication"),
        "/settings",
        "Nothing here says that the gateway demands a token. Add \"authentication\": true under \"settings\": it is compared, and a difference is reported.");

    private static IEnumerable<LintPlace> NoRateLimit(RuleSet document) => When(
        Number(document, "rate_limiting_limit") is null or 0 && document.Rules.All(rule => rule.RateLimit is null) && document.Quota is null,
        "",
        "Nothing bounds how much is asked of the providers: one caller in a loop can use up everybody's share. Set settings.rate_limiting_limit and rate_limiting_interval, a rule's \"rate_limit\", or a \"quota\".");

    private static IEnumerable<LintPlace> HalfARateLimit(RuleSet document)
    {
        var (limit, interval) = (Number(document, "rate_limiting_limit"), Number(document, "rate_limiting_interval"));
        if (limit > 0 && interval is null or 0)
            yield return new("/settings/rate_limiting_limit", "A limit without an interval limits nothing. Set settings.rate_limiting_interval, in seconds.");
        if (interval > 0 && limit is null or 0)
            yield return new("/settings/rate_limiting_interval", "An interval without a limit limits nothing. Set settings.rate_limiting_limit, in requests.");
    }

    private static IEnumerable<LintPlace> RateLimitsAboveTheGateways(RuleSet document) =>
        Number(document, "rate_limiting_limit") is { } limit and > 0 && Number(document, "rate_limiting_interval") is { } interval and > 0
            ? from rule in Rules(document)
              where rule.Value.RateLimit is { } own && own.Limit * (decimal)interval > limit * (decimal)own.Interval
              select new LintPlace(rule.Pointer + "/rate_limit", $"The gateway lets {limit} requests through in {interval} s, which is less: this limit is never reached. Lower it, or raise the gateway's.")
            : [];

    private static IEnumerable<LintPlace> QuotasOfZero(RuleSet document) =>
        from leaf in document.Leaves
        where leaf.Value == "0" && leaf.Pointer.StartsWith("/quota/", StringComparison.Ordinal)
        select new LintPlace(leaf.Pointer, "A quota of 0 refuses every request. Leave the amount out where no bound is meant.");

    private static IEnumerable<LintPlace> LogsOff(RuleSet document) => When(
        Flag(document, "collect_logs") == false,
        "/settings/collect_logs",
        "Without logs nobody can say what a request cost or why it failed. Set true, and keep the bodies of single requests out with a rule's \"collect_log\": false.");

    private static IEnumerable<LintPlace> RuleLogsOff(RuleSet document) =>
        from rule in Rules(document)
        where rule.Value.CollectLog == false
        select new LintPlace(rule.Pointer + "/collect_log", "The requests of this rule leave no row in the gateway's log; their usage is counted by the proxy alone.");

    private static IEnumerable<LintPlace> ChatNotCached(RuleSet document) => When(
        Number(document, "cache_ttl") is null or 0 && !document.Rules.Any(rule => rule.Cache is { Enabled: true } && Meets(rule.Pattern, Chat)),
        "/rules",
        "No answer of chat is cached: equal questions are paid for each time. Add a rule for /chat/completions with \"cache\": {\"enabled\": true, \"ttl\": 3600}, or settings.cache_ttl.");

    private static IEnumerable<LintPlace> CacheKeysWithoutContent(RuleSet document) =>
        from rule in KeyedCaches(document)
        where !rule.Value.Cache!.Key.Intersect(Contents).Any()
        select new LintPlace(rule.Pointer + "/cache/key", "The key leaves out what is asked (\"messages\", or \"input\" or \"prompt\"): other questions get the same answer. Add it, or leave \"key\" out, which takes the whole body.");

    private static IEnumerable<LintPlace> CacheKeysWithoutTemperature(RuleSet document) =>
        from rule in KeyedCaches(document)
        where rule.Value.Cache!.Key.Intersect(Contents).Any() && !rule.Value.Cache.Key.Contains("temperature")
        select new LintPlace(rule.Pointer + "/cache/key", "The key leaves out \"temperature\" (and perhaps \"tools\" and \"response_format\"): a request with another one gets the same answer. Add what your callers vary.");

    private static IEnumerable<LintPlace> SharedCaches(RuleSet document) =>
        from rule in Rules(document)
        where rule.Value.Cache is { Enabled: true, Share: true }
        select new LintPlace(rule.Pointer + "/cache/share", "One tenant gets answers that another one asked for, and may learn what was asked. Leave \"share\" out unless the questions are public.");

    private static IEnumerable<LintPlace> FallbackWithoutAlternative(RuleSet document) => When(
        document is { Fallback.Enabled: true, Providers.Count: 1 },
        "/fallback/enabled",
        "There is one provider to fall back to, the one that failed. List a second one under \"providers\".");

    private static IEnumerable<LintPlace> ProvidersNeverTried(RuleSet document)
    {
        var tried = document.Fallback is { Enabled: true } fallback ? 1 + (fallback.RetryCount ?? document.Providers.Count) : 1;
        var why = document.Fallback switch
        {
            { Enabled: true } => $"fallback.retry_count is {document.Fallback.RetryCount}, so attempts end before it is asked. Raise it to {document.Providers.Count - 1}, or leave it out",
            { Enabled: false } => "fallback.enabled is false, so only the first provider is asked. Enable it, or remove this provider",
            null => "nothing enables fallback here, so only the first provider is asked. Add \"fallback\": {\"enabled\": true}, or remove this provider",
        };
        return from provider in document.Providers.Index()
               where EarliestTurn(provider.Item, document.Providers) >= tried
               orderby provider.Item.Priority
               select new LintPlace($"/providers/{provider.Index}", $"{provider.Item.Name} is never tried: {why}.");
    }

    // From 0. A provider that is drawn by its weight goes before all others, and those that it overtakes come one turn later.
    private static int EarliestTurn(ProviderEntry provider, IReadOnlyList<ProviderEntry> all)
    {
        var before = all.Where(other => other.Priority < provider.Priority).ToList();
        return provider.Weight is not null ? 0 : before.Count + (all.Any(other => other.Weight is not null) && before.TrueForAll(other => other.Weight is null) ? 1 : 0);
    }

    private static IEnumerable<LintPlace> WeightsAlone(RuleSet document) =>
        from provider in document.Providers.Index()
        where provider.Item.Weight is not null && document.Providers.Count(other => other.Weight is not null) == 1
        select new LintPlace($"/providers/{provider.Index}/weight", "No other provider has a weight, so this one is always the first, whatever its priority. Give another one a weight, or leave this one out.");

    private static IEnumerable<LintPlace> WeightsInRoutes(RuleSet document) => When(
        document.Routes.Any(route => route.IsCompiled) && document.Providers.Any(provider => provider.Weight is not null),
        "/routes",
        "A route made from the providers asks them by priority alone: their weights are for what goes through the proxy. Write \"elements\" with a percentage where the shares matter to direct callers.");

    private static IEnumerable<LintPlace> TimeoutsAbsent(RuleSet document) => document.Rules.Count > 0 && document.Rules.All(rule => rule.Timeout is not null)
        ? []
        : from provider in document.Providers.Index()
          where provider.Item.Timeout is null
          select new LintPlace($"/providers/{provider.Index}", $"{provider.Item.Name} has no \"timeout\": a caller may wait two minutes before the next provider is asked. Set one, in milliseconds.");

    private static IEnumerable<LintPlace> RulesWithoutEffect(RuleSet document) =>
        from rule in Rules(document)
        where rule.Value is { Cache: null, Timeout: null, CollectLog: null, RateLimit: null, Queue: null }
        select new LintPlace(rule.Pointer, "This rule matches and asks for nothing: its requests are treated as if no rule met them. Add what is meant, unless it is to keep them from a wider rule.");

    private static IEnumerable<LintPlace> RulesThatNeverMatch(RuleSet document)
    {
        foreach (var (pointer, rule) in Rules(document))
        {
            if (rule.Match?.Method is { } method && PostOnly.Contains(rule.Pattern) && !new Glob(method).IsMatch("POST"))
                yield return new($"{pointer}/match/method", $"{rule.Pattern} is only ever asked with POST, so this rule never matches. Remove the condition.");
            if (rule.Match?.Model is { } model && new Glob(model).IsExact && ModelRouting.Resolve(model, null) is { } resolved && resolved.Model != model && !IsOpenRouters(rule))
                yield return new($"{pointer}/match/model", $"Rules are compared with the model that is asked for in the end, and {Quote.Text(model)} is {Quote.Text(resolved.Model)} of {resolved.Provider} by then{(model.Contains('/') ? ", unless the caller names another provider" : "")}: write that{(model.Contains('/') ? $", and \"provider\": \"{resolved.Provider}\"" : "")}.");
        }
    }

    // OpenRouter's own names hold a slash, so there the text before it is no provider.
    private static bool IsOpenRouters(Rule rule) => rule.Match?.Provider is { } provider && new Glob(provider).IsMatch("openrouter");

    private static IEnumerable<LintPlace> QueuesWithoutRoom(RuleSet document) =>
        from rule in Rules(document)
        where rule.Value.Queue is { Depth: 0 }
        select new LintPlace(rule.Pointer + "/queue/depth", "Nothing can wait in this queue: what exceeds \"concurrency\" is refused at once. Raise \"depth\" if requests are to wait.");

    private static IEnumerable<LintPlace> PoliciesThatDenyTheRest(RuleSet document) => When(
        document.Policies.Count > 0 && !document.Policies.Any(policy => policy is { Model: null or "*" or "**", Provider: null or "*" } && (string?)policy.Action["type"] is "no-limit" or "limit"),
        "/policies",
        "As soon as a gateway has a policy, what none allows is refused, and none of these allows everything. Add one with \"resource\": \"*\" and \"action\": {\"type\": \"no-limit\"} unless the rest is to be refused.");

    private static IEnumerable<LintPlace> RoutesWithoutModel(RuleSet document) =>
        from route in document.Routes.Index()
        where route.Item.Elements is { } elements && !elements.Any(element => KindOf(element) == "model")
        select new LintPlace($"/routes/{route.Index}/elements", "No element of this route asks a model: every call of it ends in an error. Add a \"model\" element.");

    private static IEnumerable<LintPlace> ElsesNeverTaken(RuleSet document) =>
        from route in document.Routes.Index()
        from element in (route.Item.Elements ?? []).Index()
        where KindOf(element.Item) == "percentage"
        let outputs = element.Item!["outputs"]!.AsObject()
        where outputs.ContainsKey("else") && outputs.Where(output => output.Key != "else").Sum(output => decimal.Parse(output.Key.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture)) == 100
        select new LintPlace($"/routes/{route.Index}/elements/{element.Index}/outputs/else", "The percentages total 100, so \"else\" is never taken. Remove it, or lower a percentage.");

    private static IEnumerable<LintPlace> RoutesWithoutAuthentication(RuleSet document) => When(
        document.Routes.Count > 0 && Flag(document, "authentication") == false,
        "/routes",
        "Cloudflare answers dynamic routes only on gateways with authentication. Turn it on in the Pulumi stack.");

    private static IEnumerable<LintPlace> CustomProvidersUnused(RuleSet document)
    {
        var named = document.CustomProviders.Count == 0 ? [] : Named(document).Select(place => place.Name).Distinct().Select(name => new Glob(name)).ToList();
        return
            from provider in document.CustomProviders.Index()
            where !named.Any(name => name.IsMatch(NameOf(provider.Item)))
            select new LintPlace($"/custom_providers/{provider.Index}", $"Nothing in this document names {NameOf(provider.Item)}; callers reach it by `{NameOf(provider.Item)}/{{model}}` alone. List it under \"providers\", or let a rule or a route name it.");
    }

    private static IEnumerable<LintPlace> CustomProvidersDisabled(RuleSet document) =>
        from named in Named(document)
        join provider in document.CustomProviders.Where(provider => !provider.Enable) on named.Name equals NameOf(provider)
        select new LintPlace(named.Pointer, $"{named.Name} is declared with \"enable\": false, so calls to it are refused. Enable it, or name another provider.");

    private static IEnumerable<LintPlace> CustomProvidersUndeclared(RuleSet document)
    {
        var declared = document.CustomProviders.Select(NameOf).ToHashSet();
        return from named in Named(document)
               where named.Name.StartsWith(ProviderCatalogue.CustomPrefix, StringComparison.Ordinal) && !named.Name.Contains('*') && !declared.Contains(named.Name)
               select new LintPlace(named.Pointer, $"This document does not declare {named.Name}. It must come from another rule set or be in the account already; declare it under \"custom_providers\" to have it kept.");
    }

    private static string NameOf(CustomProviderEntry provider) => ProviderCatalogue.CustomPrefix + provider.Slug;

    // Every place that names a provider.
    private static IEnumerable<(string Pointer, string Name)> Named(RuleSet document) =>
    [
        .. document.Providers.Select((provider, index) => ($"/providers/{index}/name", provider.Name)),
        .. from rule in Rules(document) where rule.Value.Match?.Provider is not null select (rule.Pointer + "/match/provider", rule.Value.Match!.Provider!),
        .. from route in document.Routes.Index()
           from element in (route.Item.Elements ?? []).Index()
           where KindOf(element.Item) == "model"
           select ($"/routes/{route.Index}/elements/{element.Index}/properties/provider", (string)element.Item!["properties"]!["provider"]!),
    ];

    private static IEnumerable<(string Pointer, Rule Value)> Rules(RuleSet document) => document.Rules.Select((rule, index) => ($"/rules/{index}", rule));

    private static IEnumerable<(string Pointer, Rule Value)> KeyedCaches(RuleSet document) => Rules(document).Where(rule => rule.Value.Cache is { Enabled: true, Key.Count: > 0 });

    private static bool Meets(string pattern, string path) => PathPattern.Parse(pattern).IsMatch(path);

    private static string? KindOf(JsonNode? element) => (string?)element?["type"];

    private static bool? Flag(RuleSet document, string field) => document.Settings.GetValueOrDefault(field)?.GetValue<bool>();

    private static long? Number(RuleSet document, string field) => document.Settings.GetValueOrDefault(field)?.GetValue<long>();

    private static IEnumerable<LintPlace> When(bool found, string pointer, string message) => found ? [new LintPlace(pointer, message)] : [];

    // Prefixes that vendors give their keys, tokens in headers and URLs, and PEM; letters and digits alone are no evidence.
    [GeneratedRegex(
        @"\b(?:sk|rk|pk)[-_](?:[a-z]+[-_])?[A-Za-z0-9_-]{16}|\b(?:ghp|gho|ghs|ghu|github_pat|glpat|hf|gsk|cfut|cfat|xai|r8)[-_][A-Za-z0-9_-]{16}|\bxox[abprs]-[A-Za-z0-9-]{10}|\bAKIA[0-9A-Z]{16}|\bAIza[0-9A-Za-z_-]{30}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.|\b[Bb]earer [A-Za-z0-9._~+/-]{8}|(?:[?&]|u0026)(?:api_?key|key|token|secret|password)=[^&]{6}|-----BEGIN [A-Z ]*PRIVATE KEY",
        RegexOptions.NonBacktracking)]
    private static partial Regex Secret();

    [GeneratedRegex(@"token|secret|password|credential|api-?key|session", RegexOptions.NonBacktracking)]
    private static partial Regex CredentialLike();
}
