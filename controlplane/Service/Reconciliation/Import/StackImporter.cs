using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation.Import;

/// <summary>Reads what a stack may declare: a call for each gateway, two for the Secrets Store. Values of secrets are never told by Cloudflare.</summary>
public sealed class StackImporter(CloudflareClient cloudflare, IOptions<CloudflareAccountOptions> account)
{
    /// <summary>All gateways, or the named ones; <c>Missing</c> are those that Cloudflare does not have. What the token may not read becomes a note.</summary>
    public async Task<(LiveStack Account, IReadOnlyList<string> Missing)> ReadAsync(IReadOnlyList<string>? gateways, CancellationToken cancellationToken)
    {
        var ids = gateways?.Distinct() ?? await cloudflare.Gateways.ListAsync(cancellationToken).Select(gateway => gateway.Id).ToListAsync(cancellationToken);
        var (read, missing, notes) = (new List<(string, JsonObject)>(), new List<string>(), new List<ImportNote>());
        foreach (var id in ids.Order(StringComparer.Ordinal))
        {
            if (await cloudflare.Gateways.FindAsync(id, cancellationToken) is { } gateway)
            {
                read.Add((id, gateway.Fields));
            }
            else
            {
                missing.Add(id);
            }
        }

        var (store, secrets) = await SecretsAsync(notes, cancellationToken);
        return (new LiveStack(account.Value.AccountId, read, store, secrets, notes), missing);
    }

    private async Task<(string? Store, IReadOnlyList<(string, string)> Secrets)> SecretsAsync(List<ImportNote> notes, CancellationToken cancellationToken)
    {
        try
        {
            var store = await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstOrDefaultAsync(cancellationToken);
            return store is null
                ? (null, [])
                : (store.Id, await cloudflare.Secrets.ListSecretsAsync(store.Id, cancellationToken).Where(secret => secret.Status != "deleted").Select(secret => (secret.Name, secret.Id)).ToListAsync(cancellationToken));
        }
        catch (CloudflareException exception) when (exception.Kind is CloudflareErrorKind.Permission or CloudflareErrorKind.NotFound)
        {
            notes.Add(new ImportNote(null, "secrets", $"the Secrets Store could not be read: {exception.Message}"));
            return (null, []);
        }
    }
}
