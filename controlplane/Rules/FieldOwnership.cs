namespace GatewayOps.Rules;

public enum FieldOwner
{
    Pulumi,
    ControlPlane,
}

/// <summary>
/// Which program may write a gateway field. The list exists once: the control plane compiles it, the Pulumi program links this file.
/// Source: product contract, section 7a; field names from the Cloudflare contract, section 2.1.
/// </summary>
public static class FieldOwnership
{
    private static readonly Dictionary<string, FieldOwner> Owners = new()
    {
        ["authentication"] = FieldOwner.Pulumi,
        ["byok_only"] = FieldOwner.Pulumi,
        ["zdr"] = FieldOwner.Pulumi,
        ["log_management"] = FieldOwner.Pulumi,
        ["log_management_strategy"] = FieldOwner.Pulumi,
        ["log_classification"] = FieldOwner.Pulumi,
        ["logpush"] = FieldOwner.Pulumi,
        ["logpush_public_key"] = FieldOwner.Pulumi,
        ["guardrails"] = FieldOwner.Pulumi,
        ["dlp"] = FieldOwner.Pulumi,
        ["otel"] = FieldOwner.Pulumi,
        ["spend_limits"] = FieldOwner.Pulumi,
        ["stripe"] = FieldOwner.Pulumi,
        ["store_id"] = FieldOwner.Pulumi,
        ["workers_ai_billing_mode"] = FieldOwner.Pulumi,
        ["cache_ttl"] = FieldOwner.ControlPlane,
        ["cache_invalidate_on_update"] = FieldOwner.ControlPlane,
        ["collect_logs"] = FieldOwner.ControlPlane,
        ["rate_limiting_limit"] = FieldOwner.ControlPlane,
        ["rate_limiting_interval"] = FieldOwner.ControlPlane,
        ["rate_limiting_technique"] = FieldOwner.ControlPlane,
        ["retry_max_attempts"] = FieldOwner.ControlPlane,
        ["retry_delay"] = FieldOwner.ControlPlane,
        ["retry_backoff"] = FieldOwner.ControlPlane,
    };

    public static IReadOnlyCollection<string> Fields => Owners.Keys;

    /// <summary>The owner, or null for a field that we do not know: such a field is carried along and never changed.</summary>
    public static FieldOwner? Of(string field) => Owners.TryGetValue(field, out var owner) ? owner : null;

    public static IEnumerable<string> OwnedBy(FieldOwner owner) => Owners.Where(entry => entry.Value == owner).Select(entry => entry.Key);
}
