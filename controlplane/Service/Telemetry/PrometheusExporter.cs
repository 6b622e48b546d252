using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// Takes the SDK's metrics into an immutable picture whenever it is asked to collect. Without scope labels: a name means one thing across our meters,
/// and the catalogue of metrics shows each with its own labels alone.
/// </summary>
[ExportModes(ExportModes.Pull)]
public sealed partial class PrometheusExporter(TelemetryMetrics metrics, ILogger<PrometheusExporter> log) : BaseExporter<Metric>, IPullMetricExporter
{
    private static readonly FamilyHead Target = new("target", FamilyKind.Info, "", "What is measured here.");

    private readonly HashSet<string> _told = [];
    private readonly Dictionary<Metric, MetricReading> _readings = [];
    private FamilyLayout? _layout;
    private MetricFamily? _target;
    private IReadOnlyList<MetricFamily> _families = [];
    private long _scrape;

    /// <summary>Set by the reader that owns this exporter.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects now and gives the picture. One caller at a time. Throws when the SDK could not collect within `milliseconds`.</summary>
    public IReadOnlyList<MetricFamily> Take(int milliseconds) =>
        Collect?.Invoke(milliseconds) == true ? _families : throw new InvalidOperationException("the metrics could not be collected");

    public override ExportResult Export(in Batch<Metric> batch)
    {
        _scrape++;
        foreach (var metric in batch) Read(metric);
        if (_readings.Values.Any(reading => reading.SeenAt != _scrape))
        {
            // Of a meter that is gone.
            foreach (var (metric, _) in _readings.Where(reading => reading.Value.SeenAt != _scrape).ToList()) _readings.Remove(metric);
            _layout = null;
        }

        if (_layout is null)
        {
            _layout = new([Target], _readings.Values);
            foreach (var name in _layout.Refused)
                if (_told.Add(name)) NameTaken(name);
        }

        _families = [.. _layout.Take(), TargetInfo()];
        return ExportResult.Success;
    }

    private void Read(Metric metric)
    {
        if (!_readings.TryGetValue(metric, out var reading))
        {
            _readings.Add(metric, reading = new(metric));
            _layout = null;
        }

        reading.SeenAt = _scrape;
        reading.Take(metric);
        if (reading.IsOverflowing && _told.Add($"{metric.Name} overflow")) metrics.Overflowed(metric.Name);
    }

    private MetricFamily TargetInfo() => _target ??= new(
        Target,
        [new(Encoding.UTF8.GetBytes(LabelText.Of(ParentProvider.GetResource().Attributes.Select(attribute => new KeyValuePair<string, object?>(attribute.Key, attribute.Value)))), 1, default, null)],
        Buckets: null);

    [LoggerMessage(8001, LogLevel.Warning, "Metric {Name} is not shown: another metric of a different kind or unit has its name, or the names of its samples meet")]
    private partial void NameTaken(string name);
}
