using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>The account's one store: made where there is none, never changed, never deleted.</summary>
internal sealed class SecretStoreApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var name = changes[0].Key;
        return Creation.OrLookAgainAsync(changes[0], journal.CallAsync(application.Held, application.Step(changes[0], ChangeOp.Create, name),
            token => cloudflare.Secrets.CreateStoreAsync(name, token), store => store.Id, cancellationToken));
    }
}
