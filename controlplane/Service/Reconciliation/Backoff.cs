using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// Gateways whose passes fail are left out of some intervals: what is broken for hours costs fewer calls, and none of the others' time. Whoever asks is not
/// held back, and a pass that succeeds ends it. Per replica, and forgotten with it.
/// </summary>
public sealed class Backoff(IOptions<ReconciliationOptions> options, TimeProvider time)
{
    /// <summary>A gateway is looked at again after 1, 2, 4 and then always 4 intervals: what was mended shows within two minutes at the default interval.</summary>
    public const int MostIntervals = 4;

    private readonly ConcurrentDictionary<string, (int Failures, DateTimeOffset Until)> _failing = new();

    public bool Holds(string gateway) => _failing.TryGetValue(gateway, out var failing) && time.GetUtcNow() < failing.Until;

    /// <summary>Takes note of how a pass ended.</summary>
    public void Note(Run run)
    {
        if (run.Outcome != RunOutcome.Failed)
        {
            _failing.TryRemove(run.Gateway, out _);
            return;
        }

        var failures = _failing.GetValueOrDefault(run.Gateway).Failures + 1;
        // Half an interval less: a timer that comes a little early is the one that is meant.
        _failing[run.Gateway] = (failures, time.GetUtcNow() + (options.Value.Interval * (IntervalsAfter(failures) - 0.5)));
    }

    /// <summary>How many intervals lie between a failure and the next look. Pure.</summary>
    public static int IntervalsAfter(int failures) => Math.Min(1 << Math.Min(failures - 1, 10), MostIntervals);
}
