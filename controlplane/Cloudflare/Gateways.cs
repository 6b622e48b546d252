using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare;

/// <summary>A gateway. `Fields` is the whole object as received: members that we do not know and the texts of numbers are kept. Source: Cloudflare contract, section 2.1.</summary>
public sealed record Gateway(string Id, JsonObject Fields)
{
    internal static Gateway Read(JsonElement element) =>
        new(element.RequiredText("id"), JsonObject.Create(element) ?? throw new JsonException("a gateway is no object"));
}

/// <summary>`…/ai-gateway/gateways`. Source: Cloudflare contract, section 2.</summary>
public sealed class GatewayClient
{
    private const int PerPage = 100;

    // Set by Cloudflare alone; everything else goes back as it came (contract, section 2.1).
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "created_at", "modified_at", "account_id", "account_tag", "internal_id", "is_default");

    private readonly Transport _transport;

    internal GatewayClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<Gateway> ListAsync(CancellationToken cancellationToken) =>
        _transport.ListAsync(Endpoint.ListGateways, _transport.PathOf(Endpoint.ListGateways), "", PerPage, Gateway.Read, cancellationToken);

    /// <summary>Null when the account has no such gateway.</summary>
    public Task<Gateway?> FindAsync(string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(new(Endpoint.GetGateway, _transport.PathOf(Endpoint.GetGateway, id)), Gateway.Read, cancellationToken);

    /// <summary>`fields` holds `id` and the five other required members. An ambiguous failure (a create may time out and yet be done): find before repeating.</summary>
    public Task<Gateway> CreateAsync(JsonObject fields, CancellationToken cancellationToken) =>
        _transport.SendAsync(new(Endpoint.CreateGateway, _transport.PathOf(Endpoint.CreateGateway), JsonText.Write(fields)), Gateway.Read, cancellationToken);

    /// <summary>Overwrites the whole gateway: `fields` are those of <see cref="FindAsync"/> with the caller's changes. Members that only Cloudflare sets are not sent.</summary>
    public Task<Gateway> UpdateAsync(string id, JsonObject fields, CancellationToken cancellationToken) =>
        _transport.SendAsync(new(Endpoint.UpdateGateway, _transport.PathOf(Endpoint.UpdateGateway, id), JsonText.Write(fields, ReadOnlyFields)), Gateway.Read, cancellationToken);

    /// <summary>Deletes the gateway and its logs. False when it was not there.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(new(Endpoint.DeleteGateway, _transport.PathOf(Endpoint.DeleteGateway, id)), cancellationToken);
}
