using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>A value as audit rows name it.</summary>
internal static class ChangeHash
{
    /// <summary>SHA-256 of the canonical JSON, 64 lower hex digits; null for no value.</summary>
    public static string? Of(FieldValue? value) => value is { } given ? TextHash.Of(given.Json) : null;
}
