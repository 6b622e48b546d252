using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Reads what Cloudflare has for one gateway. Reads, and nothing else.</summary>
public sealed class GatewayObserver(CloudflareClient cloudflare)
{
    /// <param name="gateway">Its id.</param>
    /// <param name="withKeys">Whether keys are declared or were made by us. Where not, stores and secrets are not read: it is one call instead of four, and needs no Secrets Store permission.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ObservedState> ObserveAsync(string gateway, bool withKeys, CancellationToken cancellationToken)
    {
        if (await cloudflare.Gateways.FindAsync(gateway, cancellationToken) is not { } live)
        {
            return ObservedState.Missing(gateway);
        }

        var observed = ObservedState.Of(gateway, live.Fields);
        return withKeys ? await WithKeysAsync(observed, cancellationToken) : observed;
    }

    private async Task<ObservedState> WithKeysAsync(ObservedState observed, CancellationToken cancellationToken)
    {
        var stores = await cloudflare.Secrets.ListStoresAsync(cancellationToken).ToListAsync(cancellationToken);
        var secrets = new List<Secret>();
        foreach (var store in stores)
        {
            secrets.AddRange(await cloudflare.Secrets.ListSecretsAsync(store.Id, cancellationToken).ToListAsync(cancellationToken));
        }

        var configs = await cloudflare.ProviderConfigs.ListAsync(observed.Gateway, cancellationToken).ToListAsync(cancellationToken);
        return observed with
        {
            Stores = [.. stores.Select(store => new ObservedStore(store.Id, store.Name))],
            Secrets = [.. secrets.Where(secret => secret.Status != "deleted").Select(secret => new ObservedSecret(secret.Id, secret.Name, secret.StoreId, secret.Status == "active", secret.Scopes.Contains("ai_gateway")))],
            ProviderConfigs = [.. configs.Select(config => new ObservedProviderConfig(config.Id, config.ProviderSlug, config.Alias, config.DefaultConfig, config.SecretId))],
        };
    }
}
