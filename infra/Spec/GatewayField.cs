using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>How the text of a configuration value becomes JSON.</summary>
public enum FieldKind
{
    Flag,
    Integer,
    Text,

    /// <summary>An object or a list.</summary>
    Tree,
}

/// <summary>
/// A gateway field that the stack declares: <paramref name="Name"/> as Cloudflare spells it, and what it is where the configuration says nothing. A field without a default is left out then.
/// Types and ranges are in the rules of `settings`, whose reader checks both; the few that only Pulumi may set are checked in <see cref="CredentialFields"/>.
/// </summary>
public sealed record GatewayField(string Name, FieldKind Kind, JsonNode? Default)
{
    /// <summary>
    /// Every field. The first ones stand with a value always: left unset, they differ from Cloudflare's answer for ever (contract, section 17). Those of the control plane
    /// are first values, and safe ones: no prompt is kept and nobody spends without a bound until somebody says so.
    /// </summary>
    public static IReadOnlyList<GatewayField> All { get; } =
    [
        new("authentication", FieldKind.Flag, true),
        new("byok_only", FieldKind.Flag, false),
        new("zdr", FieldKind.Flag, false),
        new("log_management", FieldKind.Integer, 100_000),
        new("log_management_strategy", FieldKind.Text, "DELETE_OLDEST"),
        new("log_classification", FieldKind.Flag, false),
        new("logpush", FieldKind.Flag, false),
        new("workers_ai_billing_mode", FieldKind.Text, "postpaid"),
        new("logpush_public_key", FieldKind.Text, null),
        new("guardrails", FieldKind.Tree, null),
        new("dlp", FieldKind.Tree, null),
        new("otel", FieldKind.Tree, null),
        new("spend_limits", FieldKind.Tree, null),
        new("stripe", FieldKind.Tree, null),
        new("store_id", FieldKind.Text, null),
        new("cache_ttl", FieldKind.Integer, 0),
        new("cache_invalidate_on_update", FieldKind.Flag, false),
        new("collect_logs", FieldKind.Flag, false),
        new("rate_limiting_limit", FieldKind.Integer, 1000),
        new("rate_limiting_interval", FieldKind.Integer, 60),
        new("rate_limiting_technique", FieldKind.Text, null),
        new("retry_max_attempts", FieldKind.Integer, null),
        new("retry_delay", FieldKind.Integer, null),
        new("retry_backoff", FieldKind.Text, null),
    ];

    /// <summary>Fields that the stack writes once and then leaves to the control plane.</summary>
    public bool IsFirstValue => FieldOwnership.Of(Name) == FieldOwner.ControlPlane;

    /// <summary>Whether an empty value says that the field is left out: those without a default, and those whose default would delete logs of a gateway that was there before.</summary>
    public bool MayBeUnset => Default is null || Name is "log_management" or "log_management_strategy";

    /// <summary>The configuration's name of the field.</summary>
    public string Key => HandOverFormat.ConfigKey(Name);
}
