using System.Collections.Concurrent;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What the last attempts say about each provider. Observed on the way, never by a probe that costs money.</summary>
public sealed class UpstreamHealth(TimeProvider time)
{
    private const int Failures = 3;
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, State> _states = new();

    /// <summary>Takes note of an attempt; null is an answer. What the caller did wrong says nothing about the provider.</summary>
    public void Report(string provider, UpstreamFailure? failure)
    {
        if (failure is null)
        {
            _states.TryRemove(provider, out _);
        }
        else if (failure.Outcome is Outcomes.UpstreamError or Outcomes.Timeout or Outcomes.Truncated)
        {
            _states.AddOrUpdate(provider, (_, now) => new State(1, now), (_, state, now) => new State(state.Count + 1, now), time.GetUtcNow());
        }
    }

    /// <summary>False after three failures in a row, until one answers or a minute has passed without a call.</summary>
    public bool IsUp(string provider) =>
        !_states.TryGetValue(provider, out var state) || state.Count < Failures || time.GetUtcNow() - state.Last > Memory;

    private sealed record State(int Count, DateTimeOffset Last);
}
