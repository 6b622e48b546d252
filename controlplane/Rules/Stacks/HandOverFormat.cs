namespace GatewayOps.Rules.Stacks;

/// <summary>What the Pulumi program and the control plane tell each other: the hand-over of a stack, and the configuration of one that is imported. The format is in controlplane/docs/stack.md.</summary>
public static class HandOverFormat
{
    /// <summary>Member `schema` of this version.</summary>
    public const string Version = "gatewayops.stack/v1";

    /// <summary>Alias of a stored key that names none.</summary>
    public const string DefaultAlias = "default";

    /// <summary>Gateway fields that may carry credentials of third parties: a hand-over never holds them.</summary>
    public static IReadOnlyList<string> WithCredentials { get; } = ["otel", "stripe"];

    /// <summary>What the stack's configuration calls a gateway field: camelCase.</summary>
    public static string ConfigKey(string field)
    {
        var words = field.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    /// <summary>The name under which Cloudflare finds a provider's key of a gateway. Source: Cloudflare contract, section 4.</summary>
    public static string SecretName(string gateway, string provider, string alias) => $"{gateway}_{provider}_{alias}";
}
