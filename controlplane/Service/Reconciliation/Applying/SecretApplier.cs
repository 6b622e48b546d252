using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Secrets: a plan only deletes them. Values come from an operator, see <see cref="ProviderKeys"/>.</summary>
internal sealed class SecretApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var secret = application.Observed.Secrets.Single(secret => secret.Name == changes[0].Key);
        return journal.CallAsync(application.Held, application.Step(changes[0], ChangeOp.Delete, secret.Id),
            token => cloudflare.Secrets.DeleteAsync(secret.StoreId, secret.Id, token), _ => null, cancellationToken);
    }
}
