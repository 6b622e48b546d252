using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>The rule sets that are, or would be, active on a gateway contradict each other.</summary>
public sealed class RuleSetConflictException(string gateway, IReadOnlyList<RuleSetError> errors)
    : Exception($"The rule sets of gateway {gateway} contradict each other: {string.Join("; ", errors.Take(3).Select(error => error.Message))}")
{
    public IReadOnlyList<RuleSetError> Errors => errors;
}
