using GatewayOps.Cloudflare;
using Route = GatewayOps.Cloudflare.Routes.Route;

namespace GatewayOps.ControlPlane.Reconciliation.Import;

/// <summary>Reads an account for an import: a call for each gateway, one each for its routes, policies and keys, one for each route's graph, one for the custom providers.</summary>
public sealed class AccountReader(CloudflareClient cloudflare)
{
    /// <summary>All gateways, or the named ones; <c>Missing</c> are those that Cloudflare does not have. What the token may not read becomes a note.</summary>
    public async Task<(LiveAccount Account, IReadOnlyList<string> Missing)> ReadAsync(IReadOnlyList<string>? gateways, CancellationToken cancellationToken)
    {
        var ids = gateways?.Distinct() ?? await cloudflare.Gateways.ListAsync(cancellationToken).Select(gateway => gateway.Id).ToListAsync(cancellationToken);
        var (read, missing, notes) = (new List<LiveGateway>(), new List<string>(), new List<ImportNote>());
        foreach (var id in ids.Order(StringComparer.Ordinal))
        {
            if (await cloudflare.Gateways.FindAsync(id, cancellationToken) is not { } gateway)
            {
                missing.Add(id);
                continue;
            }

            read.Add(new LiveGateway(
                id,
                gateway.Fields,
                await RoutesAsync(id, notes, cancellationToken),
                await OrNoteAsync(id, "policies", cloudflare.Policies.ListAsync(id, includeDrafts: true, cancellationToken), notes, cancellationToken),
                [.. (await OrNoteAsync(id, "stored provider keys", cloudflare.ProviderConfigs.ListAsync(id, cancellationToken), notes, cancellationToken))
                    .Select(config => $"{config.ProviderSlug}/{config.Alias}").Order(StringComparer.Ordinal)]));
        }

        var providers = await OrNoteAsync(null, "custom providers", cloudflare.CustomProviders.ListAsync(new CustomProviderQuery(), cancellationToken), notes, cancellationToken);
        return (new LiveAccount(read, providers, notes), missing);
    }

    private async Task<IReadOnlyList<Route>> RoutesAsync(string gateway, List<ImportNote> notes, CancellationToken cancellationToken)
    {
        var routes = new List<Route>();
        foreach (var listed in await OrNoteAsync(gateway, "routes", cloudflare.Routes.ListAsync(gateway, cancellationToken), notes, cancellationToken))
        {
            // Deleted meanwhile: then there is nothing to import.
            if (await cloudflare.Routes.FindAsync(gateway, listed.Id, cancellationToken) is { } route)
            {
                routes.Add(route);
            }
        }

        return routes;
    }

    private static async Task<IReadOnlyList<T>> OrNoteAsync<T>(string? gateway, string what, IAsyncEnumerable<T> items, List<ImportNote> notes, CancellationToken cancellationToken)
    {
        try
        {
            return await items.ToListAsync(cancellationToken);
        }
        catch (CloudflareException exception) when (exception.Kind is CloudflareErrorKind.Permission or CloudflareErrorKind.NotFound)
        {
            notes.Add(new ImportNote(gateway, null, $"its {what} could not be read and are left out: {exception.Message}"));
            return [];
        }
    }
}
