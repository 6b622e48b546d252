using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>The gateway properties that Pulumi sets once and then leaves to the control plane.</summary>
public static class IgnoredChanges
{
    /// <summary>By Pulumi's names (`cacheTtl`), sorted.</summary>
    public static IReadOnlyList<string> Properties { get; } =
        [.. FieldOwnership.OwnedBy(FieldOwner.ControlPlane).Select(PulumiName).Order(StringComparer.Ordinal)];

    /// <summary>Pulumi's name of a Cloudflare field: camelCase, and lists in the plural (`otel` is `otels`).</summary>
    public static string PulumiName(string field) => field == "otel" ? "otels" : HandOverFormat.ConfigKey(field);
}
