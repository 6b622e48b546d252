using System.Runtime.CompilerServices;
using System.Text.Json;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.Observability;

/// <summary>
/// `/accounts/{id}/workers/observability/telemetry/query`: where accounts whose first gateway is of 2026-09-24 or later have their AI Gateway logs.
/// Source: Cloudflare contract, section 3, and the types of Cloudflare's own client.
/// </summary>
public sealed class ObservabilityClient
{
    private readonly Transport _transport;

    internal ObservabilityClient(Transport transport) => _transport = transport;

    /// <summary>Events, page by page, until a page is empty.</summary>
    public async IAsyncEnumerable<TelemetryEvent> ListEventsAsync(TelemetryQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page ends where the next begins: with the id of its last event.
        string? last = null;
        while (true)
        {
            var events = await AskAsync<IReadOnlyList<TelemetryEvent>>(query, "events", last, result => [.. result.Member("events").Items("events").Select(TelemetryEvent.Read)], cancellationToken);
            if (events.Count == 0 || events[^1].Id == last) yield break;
            foreach (var found in events) yield return found;
            last = events[^1].Id;
        }
    }

    /// <summary>One page of events after the event with this id, or the first; for whoever paces calls. Newest first.</summary>
    public Task<TelemetryPage> PageAsync(TelemetryQuery query, string? after, CancellationToken cancellationToken) =>
        AskAsync(
            query,
            "events",
            after,
            result =>
            {
                IReadOnlyList<TelemetryEvent> events = [.. result.Member("events").Items("events").Select(TelemetryEvent.Read)];
                // The same page again: it knows no offsets, and was whole the first time.
                return new TelemetryPage(events, events.Count < query.Limit || (after is not null && events[^1].Id == after), result.Member("events").Whole("count"));
            },
            cancellationToken);

    /// <summary>The results of the query's calculations, in their order.</summary>
    public Task<IReadOnlyList<TelemetryResult>> CalculateAsync(TelemetryQuery query, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<TelemetryResult>>(query, "calculations", null, result => [.. result.Items("calculations").Select(TelemetryResult.Read)], cancellationToken);

    private Task<T> AskAsync<T>(TelemetryQuery query, string view, string? offset, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(Endpoints.Observability.Query).With(query.ToJson(view, offset, _transport.Options.Assumptions)), read, cancellationToken);
}
