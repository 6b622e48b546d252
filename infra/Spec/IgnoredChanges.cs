using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.Infra.Spec;

/// <summary>The gateway properties that Pulumi sets once and then leaves to the control plane.</summary>
public static class IgnoredChanges
{
    /// <summary>By Pulumi's names (`cacheTtl`), sorted.</summary>
    public static IReadOnlyList<string> Properties { get; } =
        [.. FieldOwnership.OwnedBy(FieldOwner.ControlPlane).Select(PulumiName).Order(StringComparer.Ordinal)];

    /// <summary>Of one gateway. Where the stack gives it no Secrets Store, the control plane links one for the keys that `keys put` stores.</summary>
    public static IReadOnlyList<string> Of(bool hasStore) => hasStore ? Properties : [.. Properties.Append(PulumiName("store_id")).Order(StringComparer.Ordinal)];

    /// <summary>Pulumi's name of a Cloudflare field: camelCase, and lists in the plural (`otel` is `otels`).</summary>
    public static string PulumiName(string field) => field == "otel" ? "otels" : HandOverFormat.ConfigKey(field);
}
