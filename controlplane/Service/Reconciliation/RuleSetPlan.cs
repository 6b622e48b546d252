using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What executing one revision of a rule set would do, at every gateway that it targets or leaves.</summary>
public sealed record RuleSetPlan(string RuleSet, int Revision, IReadOnlyList<Plan> Gateways, IReadOnlyList<EnforcementAnswer> Enforcements)
{
    /// <summary>SHA-256, 64 lower hex digits; `execute` names the one that its caller saw.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('\n', Gateways.OrderBy(plan => plan.Gateway, StringComparer.Ordinal).Select(plan => plan.Hash).Prepend($"{RuleSet}@{Revision}")))));
}
