using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using Pulumi;
using Pulumi.Cloudflare.Inputs;
using Cloudflare = Pulumi.Cloudflare;

namespace GatewayOps.Infra.Components;

/// <summary>Cloudflare's fields in the provider's types. What may carry a credential is secret on the wire and in the state.</summary>
internal static class GatewayInputs
{
    public static Cloudflare.AiGatewayArgs Of(GatewayArgs args)
    {
        var gateway = args.Gateway;
        var inputs = new Cloudflare.AiGatewayArgs
        {
            AccountId = args.AccountId,
            AiGatewayId = gateway.Id,
            Authentication = gateway.Flag("authentication"),
            ByokOnly = gateway.Flag("byok_only"),
            Zdr = gateway.Flag("zdr"),
            LogClassification = gateway.Flag("log_classification"),
            Logpush = gateway.Flag("logpush"),
            WorkersAiBillingMode = gateway.Text("workers_ai_billing_mode")!,
            CacheTtl = gateway.Integer("cache_ttl")!.Value,
            CacheInvalidateOnUpdate = gateway.Flag("cache_invalidate_on_update"),
            CollectLogs = gateway.Flag("collect_logs"),
            RateLimitingLimit = gateway.Integer("rate_limiting_limit")!.Value,
            RateLimitingInterval = gateway.Integer("rate_limiting_interval")!.Value,
        };
        if (gateway.Integer("log_management") is { } entries)
            inputs.LogManagement = entries;
        if (gateway.Text("log_management_strategy") is { } strategy)
            inputs.LogManagementStrategy = strategy;
        if (gateway.Text("logpush_public_key") is { } publicKey)
            inputs.LogpushPublicKey = publicKey;
        if (args.StoreId is { } store)
            inputs.StoreId = store;
        if (gateway.Text("rate_limiting_technique") is { } technique)
            inputs.RateLimitingTechnique = technique;
        if (gateway.Integer("retry_max_attempts") is { } attempts)
            inputs.RetryMaxAttempts = attempts;
        if (gateway.Integer("retry_delay") is { } delay)
            inputs.RetryDelay = delay;
        if (gateway.Text("retry_backoff") is { } backoff)
            inputs.RetryBackoff = backoff;
        if (gateway.Fields["guardrails"] is JsonObject guardrails)
            inputs.Guardrails = new AiGatewayGuardrailsArgs { Prompt = Prompt(guardrails["prompt"]!.AsObject()), Response = Response(guardrails["response"]!.AsObject()) };
        if (gateway.Fields["dlp"] is JsonObject dlp)
            inputs.Dlp = Dlp(dlp);
        if (gateway.Fields["spend_limits"] is JsonObject limits)
            inputs.SpendLimits = new AiGatewaySpendLimitsArgs { Enabled = Flag(limits["enabled"]!), Rules = [.. limits["rules"]!.AsArray().Select(rule => SpendRule(rule!.AsObject()))] };
        if (gateway.Fields["otel"] is JsonArray exporters)
            inputs.Otels = Output.CreateSecret(exporters.Select(exporter => Exporter(exporter!.AsObject())).ToList());
        if (gateway.Fields["stripe"] is JsonObject stripe)
            inputs.Stripe = Output.CreateSecret(Stripe(stripe));
        return inputs;
    }

    private static AiGatewayGuardrailsPromptArgs Prompt(JsonObject hazards) => new()
    {
        P1 = Verdict(hazards, "P1"),
        S1 = Verdict(hazards, "S1"),
        S2 = Verdict(hazards, "S2"),
        S3 = Verdict(hazards, "S3"),
        S4 = Verdict(hazards, "S4"),
        S5 = Verdict(hazards, "S5"),
        S6 = Verdict(hazards, "S6"),
        S7 = Verdict(hazards, "S7"),
        S8 = Verdict(hazards, "S8"),
        S9 = Verdict(hazards, "S9"),
        S10 = Verdict(hazards, "S10"),
        S11 = Verdict(hazards, "S11"),
        S12 = Verdict(hazards, "S12"),
        S13 = Verdict(hazards, "S13"),
    };

    private static AiGatewayGuardrailsResponseArgs Response(JsonObject hazards) => new()
    {
        P1 = Verdict(hazards, "P1"),
        S1 = Verdict(hazards, "S1"),
        S2 = Verdict(hazards, "S2"),
        S3 = Verdict(hazards, "S3"),
        S4 = Verdict(hazards, "S4"),
        S5 = Verdict(hazards, "S5"),
        S6 = Verdict(hazards, "S6"),
        S7 = Verdict(hazards, "S7"),
        S8 = Verdict(hazards, "S8"),
        S9 = Verdict(hazards, "S9"),
        S10 = Verdict(hazards, "S10"),
        S11 = Verdict(hazards, "S11"),
        S12 = Verdict(hazards, "S12"),
        S13 = Verdict(hazards, "S13"),
    };

    private static AiGatewayDlpArgs Dlp(JsonObject dlp)
    {
        var inputs = new AiGatewayDlpArgs { Enabled = Flag(dlp["enabled"]!), Action = Verdict(dlp, "action") };
        if (dlp["profiles"] is JsonArray profiles)
            inputs.Profiles = Texts(profiles);
        if (dlp["policies"] is JsonArray policies)
            inputs.Policies = [.. policies.Select(policy => DlpPolicy(policy!.AsObject()))];
        return inputs;
    }

    private static AiGatewayDlpPolicyArgs DlpPolicy(JsonObject policy) => new()
    {
        Id = Text(policy["id"]!),
        Enabled = Flag(policy["enabled"]!),
        Action = Text(policy["action"]!),
        Checks = Texts(policy["check"]!.AsArray()),
        Profiles = Texts(policy["profiles"]!.AsArray()),
    };

    private static AiGatewaySpendLimitsRuleArgs SpendRule(JsonObject rule)
    {
        var inputs = new AiGatewaySpendLimitsRuleArgs
        {
            Enabled = Flag(rule["enabled"]!),
            LimitType = Text(rule["limitType"]!),
            Limit = rule["limit"]!.GetValue<double>(),
            Window = (int)rule["window"]!.GetValue<double>(),
            Technique = Text(rule["technique"]!),
        };
        if (rule["id"] is { } id)
            inputs.Id = Text(id);
        if (rule["model"] is JsonObject model)
            inputs.Model = new AiGatewaySpendLimitsRuleModelArgs { Mode = Text(model["mode"]!), Values = Texts(model["values"]!.AsArray()) };
        if (rule["provider"] is JsonObject provider)
            inputs.AiGatewayProvider = new AiGatewaySpendLimitsRuleAiGatewayProviderArgs { Mode = Text(provider["mode"]!), Values = Texts(provider["values"]!.AsArray()) };
        if (rule["metadata"] is JsonObject metadata)
            inputs.Metadata = metadata.ToDictionary(entry => entry.Key, entry => Dimension(entry.Value!.AsObject()));
        return inputs;
    }

    private static AiGatewaySpendLimitsRuleMetadataArgs Dimension(JsonObject dimension)
    {
        var inputs = new AiGatewaySpendLimitsRuleMetadataArgs { Mode = Text(dimension["mode"]!) };
        if (dimension["values"] is JsonArray values)
            inputs.Values = Texts(values);
        return inputs;
    }

    private static AiGatewayOtelArgs Exporter(JsonObject exporter)
    {
        var inputs = new AiGatewayOtelArgs
        {
            Url = Text(exporter["url"]!),
            ContentType = Text(exporter["content_type"]!),
            Headers = exporter["headers"]!.AsObject().ToDictionary(header => header.Key, header => Text(header.Value!)),
        };
        if (exporter["authorization"] is { } authorization)
            inputs.Authorization = Text(authorization);
        return inputs;
    }

    private static AiGatewayStripeArgs Stripe(JsonObject stripe) => new()
    {
        Authorization = Text(stripe["authorization"]!),
        UsageEvents = [.. stripe["usage_events"]!.AsArray().Select(item => new AiGatewayStripeUsageEventArgs { Payload = Text(item!["payload"]!) })],
    };

    private static Input<string>? Verdict(JsonObject verdicts, string name) => verdicts[name] is { } verdict ? Text(verdict) : (Input<string>?)null;

    private static string[] Texts(JsonArray texts) => [.. texts.Select(text => Text(text!))];

    private static string Text(JsonNode text) => text.GetValue<string>();

    private static bool Flag(JsonNode flag) => flag.GetValue<bool>();
}
