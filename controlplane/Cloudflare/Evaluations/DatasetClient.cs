using System.Collections.Frozen;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Evaluations;

/// <summary>`…/gateways/{gateway}/datasets`. Source: Cloudflare contract, section 6.</summary>
public sealed class DatasetClient
{
    private const int PerPage = 50;
    private static readonly FrozenSet<string> ReadOnlyFields = FrozenSet.Create("id", "gateway_id", "created_at", "modified_at", "account_id", "account_tag");

    private readonly Transport _transport;

    internal DatasetClient(Transport transport) => _transport = transport;

    /// <summary>NotFound when there is no such gateway.</summary>
    public IAsyncEnumerable<Dataset> ListAsync(string gatewayId, DatasetQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(
            _transport.To(Endpoints.Datasets.List, gatewayId).And("enable", query.Enabled).And("name", query.Name).And("search", query.Search), PerPage, Dataset.Read, cancellationToken);

    /// <summary>Null when there is no such dataset.</summary>
    public Task<Dataset?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Datasets.Find, gatewayId, id), Dataset.Read, cancellationToken);

    /// <summary>AlreadyExists when the gateway has one of this name.</summary>
    public Task<Dataset> CreateAsync(string gatewayId, NewDataset dataset, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Datasets.Create, gatewayId).With(dataset.ToJson()), Dataset.Read, cancellationToken);

    /// <summary>Overwrites the dataset: `fields` are those of <see cref="FindAsync"/> with the caller's changes.</summary>
    public Task<Dataset> UpdateAsync(string gatewayId, string id, JsonObject fields, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Datasets.Update, gatewayId, id).With(fields, ReadOnlyFields), Dataset.Read, cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Datasets.Delete, gatewayId, id), cancellationToken);
}
