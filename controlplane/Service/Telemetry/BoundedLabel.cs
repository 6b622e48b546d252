using System.Collections.Concurrent;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// A label whose values come from outside (models, providers, gateway ids): as many different values as <see cref="MetricCatalogue"/> declares are kept, every later one is `_other`.
/// `metric` names the row, and what overflows in `gatewayops_metric_overflow_total`; `known` values have their place from the start.
/// </summary>
public sealed class BoundedLabel
{
    public const string Other = "_other";

    // Longer than any model name in use; a longer text is not a name.
    private const int LongestValue = 128;

    private readonly ConcurrentDictionary<string, bool> _kept = new();
    private readonly string _metric;
    private readonly int _cap;
    private readonly TelemetryMetrics _metrics;
    private int _places;

    public BoundedLabel(string metric, string label, TelemetryMetrics metrics, params IEnumerable<string> known)
        : this(MetricCatalogue.Of(metric).Label(label) is { IsOpen: true } open ? open : throw new InvalidOperationException($"the label {label} of {metric} is a closed set"), metric, metrics, known)
    {
    }

    public BoundedLabel(MetricLabel label, string metric, TelemetryMetrics metrics, params IEnumerable<string> known)
    {
        (_metric, _cap, _metrics) = (metric, label.Kept, metrics);
        foreach (var value in known) Of(value);
        metrics.Watch(metric);
    }

    /// <summary>The value where it has its place, and takes none: for what may be noise.</summary>
    public string Known(string value) => _kept.ContainsKey(value) ? value : Other;

    public string Of(string value)
    {
        if (_kept.ContainsKey(value)) return value;
        if (value.Length <= LongestValue && Volatile.Read(ref _places) < _cap)
        {
            if (Interlocked.Increment(ref _places) <= _cap)
            {
                // Two first sights of one value: the loser gives its place back.
                if (!_kept.TryAdd(value, true)) Interlocked.Decrement(ref _places);
                return value;
            }
            Interlocked.Decrement(ref _places);
        }
        _metrics.Overflowed(_metric);
        return Other;
    }
}
