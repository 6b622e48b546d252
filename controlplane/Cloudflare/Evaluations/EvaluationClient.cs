using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Evaluations;

/// <summary>`…/gateways/{gateway}/evaluations`, which are made and deleted but not changed, and `…/ai-gateway/evaluation-types`. Source: Cloudflare contract, section 6.</summary>
public sealed class EvaluationClient
{
    private const int PerPage = 50;
    private readonly Transport _transport;

    internal EvaluationClient(Transport transport) => _transport = transport;

    /// <summary>Empty, not an error, when there is no such gateway.</summary>
    public IAsyncEnumerable<Evaluation> ListAsync(string gatewayId, EvaluationQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(
            _transport.To(Endpoints.Evaluations.List, gatewayId).And("name", query.Name).And("processed", query.Processed).And("search", query.Search), PerPage, Evaluation.Read, cancellationToken);

    /// <summary>Null when there is no such evaluation.</summary>
    public Task<Evaluation?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Evaluations.Find, gatewayId, id), Evaluation.Read, cancellationToken);

    /// <summary>AlreadyExists when the gateway has one of this name.</summary>
    public Task<Evaluation> CreateAsync(string gatewayId, NewEvaluation evaluation, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Evaluations.Create, gatewayId).With(evaluation.ToJson()), Evaluation.Read, cancellationToken);

    /// <summary>False when it was not there.</summary>
    public Task<bool> DeleteAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.DeleteAsync(_transport.To(Endpoints.Evaluations.Delete, gatewayId, id), cancellationToken);

    /// <summary>What an evaluation can be made of, in the order of a field, as `name`; null leaves the order to Cloudflare.</summary>
    public IAsyncEnumerable<EvaluationType> ListTypesAsync(string? orderBy, bool ascending, CancellationToken cancellationToken)
    {
        var call = _transport.To(Endpoints.Evaluations.ListTypes);
        if (orderBy is not null) call = call.And("order_by", orderBy).And("order_by_direction", ascending ? "asc" : "desc");
        return _transport.ListAsync(call, PerPage, EvaluationType.Read, cancellationToken);
    }
}
