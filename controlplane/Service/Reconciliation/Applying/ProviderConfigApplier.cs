using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>
/// Stored keys of a gateway. There is no update, and one slug and alias has one configuration (Cloudflare contract, section 4.1): one that refers to a secret that is gone is
/// deleted and made again at once. A new value of a key needs none of it, because it goes into the same secret.
/// </summary>
internal sealed class ProviderConfigApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public async Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var change = changes[0];
        if (change.Op is ChangeOp.Update or ChangeOp.Delete)
        {
            var config = application.Observed.ProviderConfigs.Single(config => config.Key == change.Key);
            await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Delete, config.Id),
                token => cloudflare.ProviderConfigs.DeleteAsync(application.Gateway, config.Id, token), _ => null, cancellationToken);
        }

        if (change.Op is ChangeOp.Update or ChangeOp.Create)
        {
            var slash = change.Key.LastIndexOf('/');
            var (provider, alias) = (change.Key[..slash], change.Key[(slash + 1)..]);
            var config = new NewProviderConfig(provider, alias, alias == DeclaredKey.DefaultAlias, change.To!.Value.ToNode()!.GetValue<string>());
            await Creation.OrLookAgainAsync(change, journal.CallAsync(application.Held, application.Step(change, ChangeOp.Create, config.ToString()),
                token => cloudflare.ProviderConfigs.CreateAsync(application.Gateway, config, token), made => made.Id, cancellationToken));
        }
    }
}
