namespace GatewayOps.Rules.Stacks;

/// <summary>What the Pulumi program writes into a hand-over and the control plane reads from it. The format is in controlplane/docs/stack.md.</summary>
public static class HandOverFormat
{
    /// <summary>Member `schema` of this version.</summary>
    public const string Version = "gatewayops.stack/v1";

    /// <summary>Alias of a stored key that names none.</summary>
    public const string DefaultAlias = "default";

    /// <summary>Gateway fields that may carry credentials of third parties: a hand-over never holds them.</summary>
    public static IReadOnlyList<string> WithCredentials { get; } = ["otel", "stripe"];

    /// <summary>The name under which Cloudflare finds a provider's key of a gateway. Source: Cloudflare contract, section 4.</summary>
    public static string SecretName(string gateway, string provider, string alias) => $"{gateway}_{provider}_{alias}";
}
