using System.Collections.Frozen;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Gateways;

/// <summary>`…/ai-gateway/gateways`. Source: Cloudflare contract, section 2.</summary>
public sealed class GatewayClient
{
    private const int PerPage = 100;

    // How often a create without an answer is looked up: it may still be under way.
    private const int Looks = 3;

    // Set by Cloudflare alone; everything else goes back as it came (contract, section 2.1).
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "created_at", "modified_at", "account_id", "account_tag", "internal_id", "is_default");

    private readonly Transport _transport;

    internal GatewayClient(Transport transport) => _transport = transport;

    /// <summary>Those whose id contains `search`, or all.</summary>
    public IAsyncEnumerable<Gateway> ListAsync(string? search, CancellationToken cancellationToken) =>
        _transport.ListAsync(_transport.To(Endpoints.Gateways.List).And("search", search), PerPage, Gateway.Read, cancellationToken);

    public IAsyncEnumerable<Gateway> ListAsync(CancellationToken cancellationToken) => ListAsync(null, cancellationToken);

    /// <summary>Null when the account has no such gateway.</summary>
    public Task<Gateway?> FindAsync(string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Gateways.Find, id), Gateway.Read, cancellationToken);

    /// <summary>
    /// `fields` holds `id` and the five other required members. A create that timed out or whose answer was lost may yet have been done: it is looked up, and the
    /// gateway returned when it is there with these fields; otherwise the failure is the ambiguous one of the create.
    /// </summary>
    public async Task<Gateway> CreateAsync(JsonObject fields, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.SendAsync(_transport.To(Endpoints.Gateways.Create).With(fields).Hiding(SecretsOf(fields)), Gateway.Read, cancellationToken);
        }
        catch (CloudflareException failure) when (failure.IsAmbiguous && _transport.Options.Assumptions.GatewayMayExistAfterTimeout)
        {
            if (await LookUpAsync(fields, cancellationToken) is { } made) return made;
            throw;
        }
    }

    /// <summary>Overwrites the whole gateway: `fields` are those of <see cref="FindAsync"/> with the caller's changes. Members that only Cloudflare sets are not sent.</summary>
    public Task<Gateway> UpdateAsync(string id, JsonObject fields, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Gateways.Update, id).With(fields, ReadOnlyFields).Hiding(SecretsOf(fields)), Gateway.Read, cancellationToken);

    /// <summary>Deletes the gateway and its logs. False when it was not there.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Gateways.Delete, id), cancellationToken);

    /// <summary>The address under which the gateway reaches a provider, as `openai`. NotFound when there is no such gateway.</summary>
    public Task<Uri> UrlAsync(string id, string provider, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Gateways.Url, id, provider), result => new Uri(result.GetString() ?? "", UriKind.Absolute), cancellationToken);

    private async Task<Gateway?> LookUpAsync(JsonObject fields, CancellationToken cancellationToken)
    {
        if ((fields["id"] as JsonValue)?.TryGetValue<string>(out var id) != true) return null;
        try
        {
            for (var look = 0; look < Looks; look++)
            {
                if (look > 0) await Task.Delay(RetryTiming.Backoff(look, Random.Shared.NextDouble()), _transport.Time, cancellationToken);
                if (await FindAsync(id!, cancellationToken) is { } found) return JsonText.Covers(found.Fields, fields) ? found : null;
            }
        }
        catch (CloudflareException)
        {
            // Still unknown: the create's own failure says so.
        }
        return null;
    }

    private static IEnumerable<string> SecretsOf(JsonObject fields) => JsonText.TextsIn(fields["otel"]).Concat(JsonText.TextsIn(fields["stripe"]));
}
