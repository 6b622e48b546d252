using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What attempts say about each provider, as its circuit. Observed on the way of requests, never by a call that costs money of its own.</summary>
public sealed class UpstreamHealth(IOptions<AttemptOptions> options, TimeProvider time)
{
    /// <summary>How long a gateway that had no key of a provider, or nothing to pay it with, is taken to have none.</summary>
    private static readonly TimeSpan WithoutKeyFor = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Gateway, string Provider), long> _withoutKey = new();

    // By slug: the table of providers, and the custom ones that rule sets declare.
    private readonly ConcurrentDictionary<string, Circuit> _circuits = new();

    /// <summary>The circuits of providers that were asked, by slug.</summary>
    public IEnumerable<KeyValuePair<string, Circuit>> Circuits => _circuits;

    public Circuit Of(string provider) => _circuits.TryGetValue(provider, out var known) ? known : _circuits.GetOrAdd(provider, _ => new Circuit(options.Value.CircuitFailures, options.Value.CircuitOpenFor, time));

    /// <summary>Takes note of an attempt; null is an answer. What the caller did wrong says that the provider is there; a limit that is used up, and what the gateway lacks, say nothing.</summary>
    public void Report(string provider, UpstreamFailure? failure, bool isProbe)
    {
        var circuit = Of(provider);
        if (failure is null or { Outcome: Outcomes.ClientError })
        {
            circuit.Answered(isProbe);
        }
        else if (!failure.IsOfGateway && failure.Outcome is Outcomes.UpstreamError or Outcomes.Timeout or Outcomes.Truncated)
        {
            circuit.Failed(isProbe);
        }
        else
        {
            circuit.Undecided(isProbe);
        }
    }

    /// <summary>Takes note of how a stream ended that had begun as an answer. A client that goes away, and an error that the provider tells within it, say nothing.</summary>
    public void Report(string provider, StreamEndReason end)
    {
        if (end is StreamEndReason.Completed)
        {
            Of(provider).Whole();
        }
        else if (end is StreamEndReason.Truncated or StreamEndReason.Oversized)
        {
            Of(provider).Cut();
        }
    }

    /// <summary>Takes note of what an attempt says about the keys that the gateway stores; null is an answer. A caller's own key says nothing of them.</summary>
    public void NoteKey(UpstreamRequest request, UpstreamFailure? failure)
    {
        var place = (request.Gateway, request.Provider.Slug);
        if (failure is { Error.Code: "provider_key_missing" or "insufficient_credits" })
        {
            _withoutKey[place] = time.GetTimestamp();
        }
        else if (failure is null && request.OwnKeys.Count == 0 && !_withoutKey.IsEmpty)
        {
            _withoutKey.TryRemove(place, out _);
        }
    }

    /// <summary>False where the gateway said lately that it stores no key of the provider.</summary>
    public bool HasKey(string gateway, string provider) => !_withoutKey.TryGetValue((gateway, provider), out var at) || time.GetElapsedTime(at) >= WithoutKeyFor;

    public CircuitState StateOf(string provider) => _circuits.TryGetValue(provider, out var circuit) ? circuit.State : CircuitState.Closed;

    /// <summary>False while its circuit is open.</summary>
    public bool IsUp(string provider) => StateOf(provider) is not CircuitState.Open;
}
