using System.Text.Json.Nodes;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// Brings both sides, what is desired and what is observed, to one shape before they are compared.
/// Source: Cloudflare contract, section 2.1 (0 and null are off, absent members, server-assigned ids) and 4.1 (0/1 for booleans).
/// </summary>
public static class Normalizer
{
    // What an absent or null member means. A field that is not listed here means null.
    private static readonly Dictionary<string, string> Absent = new()
    {
        ["cache_ttl"] = "0",
        ["rate_limiting_interval"] = "0",
        ["rate_limiting_limit"] = "0",
        ["cache_invalidate_on_update"] = "false",
        ["collect_logs"] = "false",
        ["authentication"] = "false",
        ["byok_only"] = "false",
        ["log_classification"] = "false",
        ["logpush"] = "false",
        ["zdr"] = "false",
        ["otel"] = "[]",
        ["workers_ai_billing_mode"] = "\"postpaid\"",
    };

    // They carry credentials of third parties. Pulumi owns them, so they are only compared: a fingerprint is enough, and nothing else may reach a plan.
    private static readonly HashSet<string> Sensitive = ["otel", "stripe"];

    public static FieldValue Field(string field, JsonNode? value)
    {
        var absent = new FieldValue(Absent.GetValueOrDefault(field, "null"));
        var text = CanonicalJson.Of(field == "spend_limits" ? WithoutServerAssigned(value) : value);
        if (text is "null" or "\"\"" || text == absent.Json)
        {
            return absent;
        }

        return absent.Json is "false" && text is "0" or "1" ? new FieldValue(text == "1" ? "true" : "false")
            : Sensitive.Contains(field) ? FieldValue.Text("sha256:" + TextHash.Of(text)[..12])
            : new FieldValue(text);
    }

    /// <summary>The fields of a gateway that we know, and only those: an unknown field has no place in any comparison.</summary>
    public static IReadOnlyDictionary<string, FieldValue> Fields(JsonObject gateway) =>
        FieldOwnership.Fields.ToDictionary(field => field, field => Field(field, gateway[field]));

    // Cloudflare gives each rule an id and reports the default technique.
    private static JsonNode? WithoutServerAssigned(JsonNode? spendLimits)
    {
        if (spendLimits?.DeepClone() is not JsonObject limits || limits["rules"] is not JsonArray rules)
        {
            return spendLimits;
        }

        foreach (var rule in rules.OfType<JsonObject>())
        {
            rule.Remove("id");
            rule.TryAdd("technique", "sliding");
        }

        return limits;
    }
}
