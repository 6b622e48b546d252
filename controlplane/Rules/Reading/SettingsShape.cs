namespace GatewayOps.Rules.Reading;

/// <summary>Gateway fields by name, type and range. Source: Cloudflare contract, section 2.1.</summary>
internal static class SettingsShape
{
    private const long MonthInSeconds = 2_592_000;

    private static readonly BooleanCheck Flag = new();

    private static readonly ChoiceCheck Verdict = new("FLAG", "BLOCK");

    private static readonly ObjectCheck Hazards = new(
        "a table of hazard categories",
        [.. new[] { "P1" }.Concat(Enumerable.Range(1, 13).Select(n => $"S{n}")).Select(category => new Field(category, Verdict))]);

    private static readonly ListCheck Profiles = new("DLP profile ids", Texts.Any, 1, 100, distinct: true);

    private static readonly ObjectCheck Dlp = new(
        "the DLP setting",
        new("enabled", Flag, IsRequired: true),
        new("action", Verdict),
        new("profiles", Profiles),
        new("policies", new ListCheck("DLP policies", new ObjectCheck(
            "a DLP policy",
            new("id", Texts.Any, IsRequired: true),
            new("enabled", Flag, IsRequired: true),
            new("action", Verdict, IsRequired: true),
            new("check", new ListCheck("sides to check", new ChoiceCheck("REQUEST", "RESPONSE"), 1, 2, distinct: true), IsRequired: true),
            new("profiles", Profiles, IsRequired: true)), 0, 100)));

    private static readonly ObjectCheck Filter = new(
        "a filter",
        new("mode", new ChoiceCheck("filter"), IsRequired: true),
        new("values", new ListCheck("values", Texts.Any, 1, 100), IsRequired: true));

    private static readonly ObjectCheck SpendLimits = new(
        "the spend limits setting",
        new("enabled", Flag, IsRequired: true),
        new("rules", new ListCheck("spend rules", new ObjectCheck(
            "a spend rule",
            new("id", Texts.Any),
            new("enabled", Flag),
            new("limitType", new ChoiceCheck("cost"), IsRequired: true),
            new("limit", new NumberCheck(0, 1_000_000_000_000, "US dollars", aboveZero: true), IsRequired: true),
            new("window", new IntegerCheck(1, int.MaxValue, "seconds"), IsRequired: true),
            new("technique", new ChoiceCheck("fixed", "sliding")),
            new("model", Filter),
            new("provider", Filter),
            new("metadata", new MapCheck("a table of metadata keys", Texts.MetadataName, new ObjectCheck(
                "a metadata dimension",
                new("mode", new ChoiceCheck("filter", "partition"), IsRequired: true),
                new("values", new ListCheck("values", Texts.Any, 1, 100))), 0, 5))), 0, 20), IsRequired: true));

    private static readonly ListCheck Otel = new("trace exporters", new ObjectCheck(
        "a trace exporter",
        new("url", Texts.Any, IsRequired: true),
        new("content_type", new ChoiceCheck("json", "protobuf")),
        new("authorization", new RefusedCheck(SecretsElsewhere)),
        new("headers", new RefusedCheck(SecretsElsewhere))), 0, 16);

    private const string SecretsElsewhere = "This may hold a secret, and rule sets hold none. Leave it out here and set it in the Pulumi stack.";

    public static readonly ObjectCheck Check = new(
        "the gateway's settings",
        new("cache_ttl", new IntegerCheck(0, MonthInSeconds, "seconds"), "How long answers are kept where a request says nothing; 0 is off.", IsNullable: true),
        new("cache_invalidate_on_update", Flag, "Empties the cache when the gateway is changed."),
        new("collect_logs", Flag, "Whether the gateway logs requests."),
        new("rate_limiting_limit", new IntegerCheck(0, int.MaxValue, "requests"), "Requests per interval, over all callers of the gateway; 0 is off.", IsNullable: true),
        new("rate_limiting_interval", new IntegerCheck(0, int.MaxValue, "seconds"), "The interval of the limit.", IsNullable: true),
        new("rate_limiting_technique", new ChoiceCheck("fixed", "sliding"), "Fixed counts in aligned windows, sliding over the last interval.", IsNullable: true),
        new("retry_max_attempts", new IntegerCheck(1, 5, "attempts"), "Attempts at one provider. The proxy always asks for one.", IsNullable: true),
        new("retry_delay", new IntegerCheck(0, 60_000, "milliseconds"), "Between attempts.", IsNullable: true),
        new("retry_backoff", new ChoiceCheck("constant", "linear", "exponential"), "How the delay grows.", IsNullable: true),
        new("authentication", Flag, "Whether calls need a token of Cloudflare."),
        new("byok_only", Flag, "Whether calls need a stored key or their own."),
        new("zdr", Flag, "Zero data retention, with unified billing."),
        new("log_management", new IntegerCheck(10_000, 10_000_000, "log entries"), "Log entries that are kept.", IsNullable: true),
        new("log_management_strategy", new ChoiceCheck("STOP_INSERTING", "DELETE_OLDEST"), "What happens when that many are kept.", IsNullable: true),
        new("log_classification", Flag, "Whether logs are classified."),
        new("logpush", Flag, "Whether logs are pushed."),
        new("logpush_public_key", new RefusedCheck("A key is not part of a rule set. Leave it out here and set it in the Pulumi stack.")),
        new("guardrails", new ObjectCheck("the guardrails setting", new("prompt", Hazards, IsRequired: true), new("response", Hazards, IsRequired: true)), "Hazard categories that are flagged or blocked.", IsNullable: true),
        new("dlp", Dlp, "Data loss prevention."),
        new("otel", Otel, "Where traces are exported to.", IsNullable: true),
        new("spend_limits", SpendLimits, "Limits in US dollars.", IsNullable: true),
        new("stripe", new RefusedCheck(SecretsElsewhere)),
        new("store_id", new TextCheck("the id of a Secrets Store", 64), "The Secrets Store of the stored keys.", IsNullable: true),
        new("workers_ai_billing_mode", new ChoiceCheck("postpaid", "unified"), "How Workers AI is billed."));
}
