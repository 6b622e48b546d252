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
            new("limit", new PositiveNumberCheck("US dollars"), IsRequired: true),
            new("window", new IntegerCheck(1, int.MaxValue, "seconds"), IsRequired: true),
            new("technique", new ChoiceCheck("fixed", "sliding")),
            new("model", Filter),
            new("provider", Filter),
            new("metadata", new MapCheck("a table of metadata keys", new ObjectCheck(
                "a metadata dimension",
                new("mode", new ChoiceCheck("filter", "partition"), IsRequired: true),
                new("values", new ListCheck("values", Texts.Any, 1, 100))), 5))), 0, 20), IsRequired: true));

    private static readonly ListCheck Otel = new("trace exporters", new ObjectCheck(
        "a trace exporter",
        new("url", Texts.Any, IsRequired: true),
        new("content_type", new ChoiceCheck("json", "protobuf")),
        new("authorization", new RefusedCheck(SecretsElsewhere)),
        new("headers", new RefusedCheck(SecretsElsewhere))), 0, 16);

    private const string SecretsElsewhere = "This may hold a secret, and rule sets hold none. Leave it out here and set it in the Pulumi stack.";

    public static readonly ObjectCheck Check = new(
        "the gateway's settings",
        new("cache_ttl", new IntegerCheck(0, MonthInSeconds, "seconds"), IsNullable: true),
        new("cache_invalidate_on_update", Flag),
        new("collect_logs", Flag),
        new("rate_limiting_limit", new IntegerCheck(0, int.MaxValue, "requests"), IsNullable: true),
        new("rate_limiting_interval", new IntegerCheck(0, int.MaxValue, "seconds"), IsNullable: true),
        new("rate_limiting_technique", new ChoiceCheck("fixed", "sliding"), IsNullable: true),
        new("retry_max_attempts", new IntegerCheck(1, 5, "attempts"), IsNullable: true),
        new("retry_delay", new IntegerCheck(0, 60_000, "milliseconds"), IsNullable: true),
        new("retry_backoff", new ChoiceCheck("constant", "linear", "exponential"), IsNullable: true),
        new("authentication", Flag),
        new("byok_only", Flag),
        new("zdr", Flag),
        new("log_management", new IntegerCheck(10_000, 10_000_000, "log entries"), IsNullable: true),
        new("log_management_strategy", new ChoiceCheck("STOP_INSERTING", "DELETE_OLDEST"), IsNullable: true),
        new("log_classification", Flag),
        new("logpush", Flag),
        new("logpush_public_key", new RefusedCheck("A key is not part of a rule set. Leave it out here and set it in the Pulumi stack.")),
        new("guardrails", new ObjectCheck("the guardrails setting", new("prompt", Hazards, IsRequired: true), new("response", Hazards, IsRequired: true)), IsNullable: true),
        new("dlp", Dlp),
        new("otel", Otel, IsNullable: true),
        new("spend_limits", SpendLimits, IsNullable: true),
        new("stripe", new RefusedCheck(SecretsElsewhere)),
        new("store_id", new TextCheck("the id of a Secrets Store", 64), IsNullable: true),
        new("workers_ai_billing_mode", new ChoiceCheck("postpaid", "unified")));
}
