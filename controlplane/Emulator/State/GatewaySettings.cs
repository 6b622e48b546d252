using System.Text.Json;

namespace GatewayOps.Emulator.State;

public enum RateLimitTechnique
{
    Fixed,
    Sliding,
}

public enum RetryBackoff
{
    Constant,
    Linear,
    Exponential,
}

/// <summary>
/// The gateway fields that the data plane acts on, read once from a settled object (contract section 2.1).
/// Zero and null both mean off on the wire; here off is zero.
/// </summary>
public sealed record GatewaySettings
{
    /// <summary>Seconds; 0 = no caching.</summary>
    public long CacheTtl { get; private init; }
    public bool CacheInvalidateOnUpdate { get; private init; }
    public bool CollectLogs { get; private init; }
    public long RateLimitingLimit { get; private init; }
    /// <summary>Seconds.</summary>
    public long RateLimitingInterval { get; private init; }
    public RateLimitTechnique RateLimitingTechnique { get; private init; }
    public bool Authentication { get; private init; }
    public bool ByokOnly { get; private init; }
    /// <summary>Attempts, 1–5; null = the gateway does not retry.</summary>
    public long? RetryMaxAttempts { get; private init; }
    /// <summary>Milliseconds, 0–60 000.</summary>
    public long? RetryDelay { get; private init; }
    public RetryBackoff? RetryBackoff { get; private init; }
    /// <summary>The Secrets Store of stored keys; null = none.</summary>
    public string? StoreId { get; private init; }
    /// <summary>Log rows to keep.</summary>
    public long LogManagement { get; private init; }
    /// <summary>True: a full log drops its oldest row; false: it takes no more.</summary>
    public bool DeleteOldestLogs { get; private init; }
    /// <summary>Workers AI draws on Unified Billing; otherwise it is billed later.</summary>
    public bool WorkersAiUnified { get; private init; }
    /// <summary>Only those that are on.</summary>
    public IReadOnlyList<SpendRule> SpendRules { get; private init; } = [];
    public GuardrailSettings Guardrails { get; private init; } = GuardrailSettings.Off;
    /// <summary>Only those that are on.</summary>
    public IReadOnlyList<DlpPolicy> DlpPolicies { get; private init; } = [];
    public IReadOnlyList<OtelTarget> OtelTargets { get; private init; } = [];
    /// <summary>The RSA key (PEM) that exported logs are sealed with; null where the gateway exports none.</summary>
    public string? LogpushKey { get; private init; }
    public bool RateLimited => RateLimitingLimit > 0 && RateLimitingInterval > 0;

    public static GatewaySettings Read(JsonElement fields) => new()
    {
        CacheTtl = Number(fields, "cache_ttl") ?? 0,
        CacheInvalidateOnUpdate = fields.FlagOf("cache_invalidate_on_update"),
        CollectLogs = fields.FlagOf("collect_logs"),
        RateLimitingLimit = Number(fields, "rate_limiting_limit") ?? 0,
        RateLimitingInterval = Number(fields, "rate_limiting_interval") ?? 0,
        RateLimitingTechnique = fields.TextOf("rate_limiting_technique") == "sliding" ? RateLimitTechnique.Sliding : RateLimitTechnique.Fixed,
        Authentication = fields.FlagOf("authentication"),
        ByokOnly = fields.FlagOf("byok_only"),
        RetryMaxAttempts = Number(fields, "retry_max_attempts"),
        RetryDelay = Number(fields, "retry_delay"),
        RetryBackoff = fields.TextOf("retry_backoff") switch
        {
            "constant" => State.RetryBackoff.Constant,
            "linear" => State.RetryBackoff.Linear,
            "exponential" => State.RetryBackoff.Exponential,
            _ => null,
        },
        StoreId = fields.TextOf("store_id") is { Length: > 0 } store ? store : null,
        LogManagement = Number(fields, "log_management") ?? GatewayFields.DefaultLogManagement,
        DeleteOldestLogs = fields.TextOf("log_management_strategy") == "DELETE_OLDEST",
        WorkersAiUnified = fields.TextOf("workers_ai_billing_mode") == "unified",
        SpendRules = SpendRule.ReadAll(fields),
        Guardrails = GuardrailSettings.Read(fields),
        DlpPolicies = DlpPolicy.ReadAll(fields),
        OtelTargets = OtelTarget.ReadAll(fields),
        LogpushKey = fields.FlagOf("logpush") && fields.TextOf("logpush_public_key") is { Length: > 0 } key ? key : null,
    };

    // A whole number may be written 1e3 or 60.0.
    private static long? Number(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? (long)value.GetDouble() : null;
}
