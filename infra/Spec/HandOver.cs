using System.Text.Json;

namespace GatewayOps.Infra.Spec;

/// <summary>
/// What the stack hands over to the control plane: the objects that are Pulumi's, and the fields that it sets. Names, ids and plain values; never a secret.
/// Read by `gatewayops stack adopt`; the format is in controlplane/docs/stack.md.
/// </summary>
public static class HandOver
{
    public const string Schema = "gatewayops.stack/v1";

    /// <summary>JSON of the document.</summary>
    public static string Of(StackSpec spec, string project, string stack) => JsonSerializer.Serialize(new
    {
        schema = Schema,
        project,
        stack,
        accountId = spec.AccountId,
        endpoint = spec.Endpoint,
        gateways = new[] { new { id = spec.GatewayId, fields = Fields(spec) } },
    });

    // Those that Components/AiGateway.cs sets and the control plane does not own, by Cloudflare's names.
    private static Dictionary<string, object> Fields(StackSpec spec) => new()
    {
        ["authentication"] = spec.Authentication,
        ["byok_only"] = spec.ByokOnly,
        ["zdr"] = spec.Zdr,
        ["log_management"] = spec.LogManagement,
        ["log_management_strategy"] = spec.LogManagementStrategy,
        ["logpush"] = false,
        ["workers_ai_billing_mode"] = spec.WorkersAiBillingMode,
    };
}
