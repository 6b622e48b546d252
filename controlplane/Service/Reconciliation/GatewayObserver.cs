using System.Collections.Concurrent;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Secrets;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Route = GatewayOps.Cloudflare.Routes.Route;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// Reads what Cloudflare has for one gateway, as far as anything is desired of it or was made by us. Reads, and nothing else. A pass that finds nothing to do costs one call for the
/// gateway, two for its routes, one for its policies, two for the account's custom providers and six for keys (stores, secrets, provider_configs): a list that has pages is asked until one is
/// empty (Cloudflare contract, section 1.2). A graph costs one more, whenever the route's deployed version is another than at the last reading of this process.
/// </summary>
public sealed class GatewayObserver(CloudflareClient cloudflare)
{
    // A version never changes (Cloudflare contract, section 5). Bounded by what Cloudflare has: a reading replaces all of its gateway.
    private readonly ConcurrentDictionary<string, IReadOnlyList<ObservedRoute>> _graphs = new();

    public async Task<ObservedState> ObserveAsync(string gateway, DesiredReading reading, CancellationToken cancellationToken)
    {
        if (await cloudflare.Gateways.FindAsync(gateway, cancellationToken) is not { } live)
        {
            _graphs.TryRemove(gateway, out _);
            return ObservedState.Missing(gateway);
        }

        var observed = ObservedState.Of(gateway, live.Fields);
        observed = reading.WithKeys ? await WithKeysAsync(observed, cancellationToken) : observed;
        return observed with
        {
            Routes = reading.WithRoutes ? await RoutesAsync(gateway, reading, cancellationToken) : [],
            Policies = reading.WithPolicies ? await PoliciesAsync(gateway, cancellationToken) : [],
            CustomProviders = reading.WithCustomProviders ? await CustomProvidersAsync(cancellationToken) : [],
        };
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

    private async Task<IReadOnlyList<ObservedRoute>> RoutesAsync(string gateway, DesiredReading reading, CancellationToken cancellationToken)
    {
        var before = _graphs.GetValueOrDefault(gateway, []).ToDictionary(route => (route.Id, route.VersionId));
        var routes = new List<ObservedRoute>();
        foreach (var listed in await cloudflare.Routes.ListAsync(gateway, cancellationToken).Where(route => reading.ConcernsRoute(route.Name)).ToListAsync(cancellationToken))
        {
            if (VersionOf(listed) is { } version && before.TryGetValue((listed.Id, version), out var known))
            {
                routes.Add(known with { Name = listed.Name });
            }
            else if (await cloudflare.Routes.FindAsync(gateway, listed.Id, cancellationToken) is { } route)
            {
                routes.Add(Observed(route));
            }
        }

        _graphs[gateway] = routes;
        return routes;
    }

    /// <summary>A route that was read by itself: with its graph.</summary>
    internal static ObservedRoute Observed(Route route) => new(route.Id, route.Name, VersionOf(route) ?? "", RouteElements.Of(route.Graph?.ToJson()));

    private static string? VersionOf(Route route) => route.Version?.Id is { Length: > 0 } id ? id : route.Deployment?.VersionId;

    private async Task<IReadOnlyList<ObservedPolicy>> PoliciesAsync(string gateway, CancellationToken cancellationToken) =>
        await cloudflare.Policies.ListAsync(gateway, includeDrafts: true, cancellationToken)
            .Select(policy => new ObservedPolicy(policy.Id, policy.Name, PolicyFields.Of(policy.Fields), policy.IsDraft))
            .ToListAsync(cancellationToken);

    private async Task<IReadOnlyList<ObservedCustomProvider>> CustomProvidersAsync(CancellationToken cancellationToken) =>
        await cloudflare.CustomProviders.ListAsync(new CustomProviderQuery(), cancellationToken)
            .Select(provider => new ObservedCustomProvider(provider.Id, provider.Slug, CustomProviderFields.Of(provider.Fields)))
            .ToListAsync(cancellationToken);
}
