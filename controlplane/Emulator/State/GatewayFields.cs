using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Emulator.State;

/// <summary>The members of a gateway: their defaults, and what the service makes of what was sent (contract section 2.1).</summary>
public static class GatewayFields
{
    /// <summary>What a paid account keeps.</summary>
    public const long DefaultLogManagement = 10_000_000;

    /// <summary>Members that only answers carry; in a body they are accepted and ignored.</summary>
    public static readonly FrozenSet<string> ReadOnly = FrozenSet.ToFrozenSet(
        ["id", "account_id", "account_tag", "internal_id", "internal", "wholesale", "is_default", "created_at", "modified_at"]);

    // A member that is not sent takes this value, on create and on every update: a PUT overwrites the whole gateway.
    private const string Defaults = """
        {
          "rate_limiting_technique": "fixed", "authentication": false, "byok_only": false,
          "log_management": 10000000, "log_management_strategy": "STOP_INSERTING", "logpush": false, "logpush_public_key": null,
          "log_classification": false, "retry_max_attempts": null, "retry_delay": null, "retry_backoff": null,
          "guardrails": null, "otel": null, "spend_limits": null, "store_id": null, "stripe": null,
          "workers_ai_billing_mode": "postpaid", "zdr": false
        }
        """;

    /// <summary>The gateway that the service makes by itself: authentication and logs on, cache and rate limit off (contract section 2.2).</summary>
    public static JsonObject Automatic => new()
    {
        ["cache_invalidate_on_update"] = false,
        ["cache_ttl"] = 0,
        ["collect_logs"] = true,
        ["rate_limiting_interval"] = 0,
        ["rate_limiting_limit"] = 0,
        ["authentication"] = true,
    };

    /// <summary>Fills in the defaults and the values that the server gives. `sent` is valid; the result is immutable and thread-safe.</summary>
    public static JsonElement Settled(JsonObject sent)
    {
        var fields = JsonNode.Parse(Defaults)!.AsObject();
        foreach (var (name, value) in sent)
        {
            if (!ReadOnly.Contains(name))
                fields[name] = value?.DeepClone();
        }
        if (fields["collect_logs"] is JsonValue logs && logs.GetValueKind() == JsonValueKind.False)
            fields["log_classification"] = false;
        if (fields["spend_limits"]?["rules"] is JsonArray rules)
            SettleSpendRules(rules);
        foreach (var target in fields["otel"] as JsonArray ?? [])
            target!["content_type"] ??= "json";
        return JsonSerializer.SerializeToElement(fields);
    }

    private static void SettleSpendRules(JsonArray rules)
    {
        var taken = new HashSet<string>();
        foreach (var rule in rules.OfType<JsonObject>())
        {
            // A rule that comes back keeps its id; two rules never share one.
            if (rule["id"] is not JsonValue id || !taken.Add(id.GetValue<string>()))
                rule["id"] = Identifier.NewShortHex();
            rule["technique"] ??= "sliding";
        }
    }
}
