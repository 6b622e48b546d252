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
    private const string OverflowLabel = "otel_metric_overflow=\"true\"";

    private readonly HashSet<string> _told = [];
    private IReadOnlyList<MetricFamily> _families = [];

    /// <summary>Set by the reader that owns this exporter.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>Collects now and gives the picture. One caller at a time. Throws when the SDK could not collect within `milliseconds`.</summary>
    public IReadOnlyList<MetricFamily> Take(int milliseconds) =>
        Collect?.Invoke(milliseconds) == true ? _families : throw new InvalidOperationException("the metrics could not be collected");

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var families = new FamilyCollection();
        families.Add("target", FamilyKind.Info, "", "What is measured here.",
            [new(LabelText.Of(ParentProvider.GetResource().Attributes.Select(attribute => new KeyValuePair<string, object?>(attribute.Key, attribute.Value))), 1, [])]);
        foreach (var metric in batch)
        {
            var kind = KindOf(metric);
            var (name, unit) = MetricNames.Of(metric.Name, metric.Unit, kind);
            families.Add(name, kind, unit, metric.Description, SeriesOf(metric));
        }
        foreach (var name in families.Refused)
            if (_told.Add(name)) NameTaken(name);
        _families = families.ToFamilies();
        return ExportResult.Success;
    }

    private static FamilyKind KindOf(Metric metric) => metric.MetricType switch
    {
        MetricType.LongSum or MetricType.DoubleSum when !MetricNames.IsLevel(metric.Name) => FamilyKind.Counter,
        MetricType.Histogram => FamilyKind.Histogram,
        // The view that every instrument passes makes none of these.
        MetricType.ExponentialHistogram => throw new InvalidOperationException($"{metric.Name}: exponential histograms have no text form"),
        _ => FamilyKind.Gauge,
    };

    private List<Series> SeriesOf(Metric metric)
    {
        var all = new List<Series>();
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var tags = new List<KeyValuePair<string, object?>>(point.Tags.Count);
            foreach (var tag in point.Tags) tags.Add(tag);
            var labels = LabelText.Of(tags);
            if (labels == OverflowLabel && _told.Add($"{metric.Name} overflow")) metrics.Overflowed(metric.Name);
            all.Add(metric.MetricType == MetricType.Histogram
                ? new(labels, point.GetHistogramSum(), BucketsOf(in point))
                : new(labels, ValueOf(metric.MetricType, in point), []));
        }
        return all;
    }

    private static double ValueOf(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private static List<Bucket> BucketsOf(in MetricPoint point)
    {
        var buckets = new List<Bucket>();
        var count = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
            buckets.Add(new(bucket.ExplicitBound, count += bucket.BucketCount));
        // Without bounds the SDK keeps no buckets; the one that holds everything must be there.
        if (buckets is not [.., { UpperBound: double.PositiveInfinity }]) buckets.Add(new(double.PositiveInfinity, point.GetHistogramCount()));
        return buckets;
    }

    [LoggerMessage(8001, LogLevel.Warning, "Metric {Name} is not shown: another metric of a different kind or unit has its name, or the names of its samples meet")]
    private partial void NameTaken(string name);
}
