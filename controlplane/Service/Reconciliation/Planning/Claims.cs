namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What an operator, or a fight with another writer, keeps us from writing: the change stays in the plan as a report that says so.</summary>
internal sealed class Claims(DesiredState desired)
{
    public IEnumerable<Change> Settle(IEnumerable<Change> changes) => changes.Select(Settle);

    public Change Settle(Change change) => change switch
    {
        { IsAction: false } => change,
        _ when desired.Contested.Contains(change.Subject) => change with
        {
            Op = ChangeOp.Report,
            Reason = $"contested, left alone: somebody else put {change.Subject} back again and again. Find out who, then run `gatewayops gateway resume {desired.Gateway}`",
        },
        _ when desired.Ignored.Contains(change.Subject) => change with { Op = ChangeOp.Report, Reason = $"ignored, left alone: {change.Subject} is on the ignore list of gateway {desired.Gateway}" },
        _ => change,
    };
}
