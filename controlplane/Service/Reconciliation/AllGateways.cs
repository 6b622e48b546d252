namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>One pass over every gateway that anything is desired of.</summary>
public sealed class AllGateways(DesiredStates desiredStates, Reconciler reconciler)
{
    // A gateway that hangs does not keep the others waiting; the client's limiter bounds the calls.
    private const int AtOnce = 4;

    public async Task ReconcileAsync(string trigger, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        await desiredStates.GatewaysAsync(cancellationToken),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (gateway, token) => await reconciler.TryReconcileAsync(gateway, trigger, token));
}
