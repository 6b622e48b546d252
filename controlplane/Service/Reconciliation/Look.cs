using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>One comparison of a gateway: what was desired, what was seen, and the plan that follows.</summary>
public sealed record Look(DesiredReading Reading, ObservedState Observed, Plan Plan);

/// <summary>Desired, observed, planned: the part of a pass that changes nothing.</summary>
public sealed class Lookout(GatewayObserver observer)
{
    /// <summary>Throws <see cref="RuleSetConflictException"/> when there is nothing consistent to compare with, and a CloudflareException when Cloudflare cannot be read.</summary>
    public async Task<Look> LookAsync(string gateway, DesiredReading reading, CancellationToken cancellationToken)
    {
        var desired = reading.Desired ?? throw new RuleSetConflictException(gateway, reading.Errors);
        var observed = await observer.ObserveAsync(gateway, reading, cancellationToken);
        return new Look(reading, observed, Planner.Diff(desired, observed, reading.Inventory));
    }
}
