using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Logs;

/// <summary>`…/gateways/{gateway}/logs`. Source: Cloudflare contract, section 3.</summary>
public sealed class LogClient
{
    // More is refused with 7001.
    private const int PerPage = 50;
    private const int SmallestPage = 5;
    private readonly Transport _transport;

    internal LogClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<LogEntry> ListAsync(string gatewayId, LogQuery query, CancellationToken cancellationToken) =>
        _transport.ListAsync(Asked(gatewayId, query), PerPage, LogEntry.Read, cancellationToken);

    /// <summary>One page of the list, from 1; for whoever paces calls.</summary>
    public Task<LogPage> PageAsync(string gatewayId, LogQuery query, int page, CancellationToken cancellationToken) =>
        _transport.SendWholeAsync(
            Asked(gatewayId, query).Page(page, PerPage),
            root =>
            {
                IReadOnlyList<LogEntry> entries = [.. root.Member("result").EnumerateArray().Select(LogEntry.Read)];
                return new LogPage(entries, entries.Count < PerPage, root.Member("result_info").Whole("total_count"));
            },
            cancellationToken);

    /// <summary>Counts instead of listing. Entries that a deletion took may be counted for a while.</summary>
    public Task<LogSummary> SummariseAsync(string gatewayId, LogQuery query, CancellationToken cancellationToken) =>
        _transport.SendWholeAsync(Asked(gatewayId, query).And("meta_info", true).Page(1, SmallestPage), root => LogSummary.Read(root.Member("result_info")), cancellationToken);

    /// <summary>Asks for a deletion. Cloudflare does it later: what is read right after may still hold the entries.</summary>
    public Task DeleteAsync(string gatewayId, LogDeletion deletion, CancellationToken cancellationToken)
    {
        if (!deletion.IsEverything && deletion is { Filters.Count: 0, Limit: null })
            throw new ArgumentException("a deletion without filters and limit takes the whole log: say LogDeletion.Everything", nameof(deletion));
        var call = _transport.To(Endpoints.Logs.Delete, gatewayId).And("order_by", deletion.OrderBy).And("order_by_direction", Direction(deletion.Ascending))
            .And("limit", deletion.Limit).And(deletion.Filters, _transport.Options.Assumptions);
        return _transport.SendAsync(call, cancellationToken);
    }

    /// <summary>Null when there is no such entry.</summary>
    public Task<LogDetail?> FindAsync(string gatewayId, string id, CancellationToken cancellationToken) =>
        _transport.FindAsync(_transport.To(Endpoints.Logs.Find, gatewayId, id), LogDetail.Read, cancellationToken);

    /// <summary>Writes feedback, score or metadata to an entry. NotFound when there is none.</summary>
    public Task UpdateAsync(string gatewayId, string id, LogPatch patch, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Logs.Update, gatewayId, id).With(patch.ToJson()), cancellationToken);

    /// <summary>The request body as it was stored, JSON or not. Null when none is stored, which a listed entry may be.</summary>
    public Task<byte[]?> RequestBodyAsync(string gatewayId, string id, CancellationToken cancellationToken) => BodyAsync(Endpoints.Logs.Request, gatewayId, id, cancellationToken);

    /// <summary>The response body as it was stored, JSON or not. Null when none is stored, which a listed entry may be.</summary>
    public Task<byte[]?> ResponseBodyAsync(string gatewayId, string id, CancellationToken cancellationToken) => BodyAsync(Endpoints.Logs.Response, gatewayId, id, cancellationToken);

    private Task<byte[]?> BodyAsync(Endpoint endpoint, string gatewayId, string id, CancellationToken cancellationToken) =>
        Calls.OrNull(_transport.SendRawAsync(_transport.To(endpoint, gatewayId, id), answer => answer.Body, cancellationToken));

    private Call Asked(string gatewayId, LogQuery query) =>
        _transport.To(Endpoints.Logs.List, gatewayId).And("order_by", query.OrderBy).And("order_by_direction", Direction(query.Ascending))
            .And("search", query.Search).And([.. query.AllFilters()], _transport.Options.Assumptions);

    private static string Direction(bool ascending) => ascending ? "asc" : "desc";
}
