using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// One metric of the SDK, over all scrapes. Its points keep their places, so that the text of labels and their order are made once: a scrape then copies numbers and allocates little else.
/// </summary>
internal sealed class MetricReading
{
    private readonly List<Place> _places = [];
    private readonly MetricType _type;
    private int[] _ranks = [];
    private bool _isSorted = true;
    private BucketBounds? _buckets;

    public MetricReading(Metric metric)
    {
        _type = metric.MetricType;
        Kind = _type switch
        {
            MetricType.LongSum or MetricType.DoubleSum when !MetricNames.IsLevel(metric.Name) => FamilyKind.Counter,
            MetricType.Histogram => FamilyKind.Histogram,
            // The view that every instrument passes makes none of these.
            MetricType.ExponentialHistogram => throw new InvalidOperationException($"{metric.Name}: exponential histograms have no text form"),
            _ => FamilyKind.Gauge,
        };
        (Name, Unit) = MetricNames.Of(metric.Name, metric.Unit, Kind);
        Help = metric.Description;
    }

    public string Name { get; }

    public string Unit { get; }

    public string Help { get; }

    public FamilyKind Kind { get; }

    /// <summary>The scrape that saw it last.</summary>
    public long SeenAt { get; set; }

    /// <summary>What the last scrape saw, sorted by labels.</summary>
    public Series[] Series { get; private set; } = [];

    public BucketBounds? Buckets => _buckets;

    /// <summary>Two points have the same labels in our spelling.</summary>
    public bool HasTwins { get; private set; }

    /// <summary>Whether the SDK has begun to count in its overflow series.</summary>
    public bool IsOverflowing { get; private set; }

    public void Take(Metric metric)
    {
        var count = 0;
        foreach (ref readonly var point in metric.GetMetricPoints()) PlaceOf(count++, point.Tags);
        if (count < _places.Count) Forget(count);
        Sort();

        var series = new Series[count];
        var (at, width) = (0, 0);
        long[] counts = [];
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            // Points that came in between are for the next scrape.
            if (at == count) break;
            if (Kind == FamilyKind.Histogram)
            {
                _buckets ??= BoundsOf(in point);
                width = _buckets.Bounds.Count;
                if (counts.Length == 0) counts = new long[count * width];
                var own = counts.AsMemory(at * width, width);
                Count(in point, own.Span);
                series[_ranks[at]] = new(_places[at].Labels, point.GetHistogramSum(), own, ExemplarsOf(in point));
            }
            else
            {
                series[_ranks[at]] = new(_places[at].Labels, ValueOf(in point), default, Kind == FamilyKind.Counter ? ExemplarOf(in point) : null);
            }

            at++;
        }

        Series = at == count ? series : series[..at];
    }

    private void PlaceOf(int index, ReadOnlyTagCollection tags)
    {
        if (index < _places.Count)
        {
            if (_places[index].Is(tags)) return;
            Forget(index);
        }

        var all = new KeyValuePair<string, object?>[tags.Count];
        var at = 0;
        foreach (var tag in tags) all[at++] = tag;
        _places.Add(new(all, Encoding.UTF8.GetBytes(LabelText.Of(all))));
        IsOverflowing |= all is [{ Key: "otel.metric.overflow" }];
        _isSorted = false;
    }

    private void Forget(int from)
    {
        _places.RemoveRange(from, _places.Count - from);
        _isSorted = false;
    }

    private void Sort()
    {
        if (_isSorted) return;
        var order = Enumerable.Range(0, _places.Count).ToArray();
        Array.Sort(order, (a, b) => _places[a].Labels.AsSpan().SequenceCompareTo(_places[b].Labels));
        _ranks = new int[order.Length];
        HasTwins = false;
        for (var rank = 0; rank < order.Length; rank++)
        {
            _ranks[order[rank]] = rank;
            HasTwins |= rank > 0 && _places[order[rank]].Labels.AsSpan().SequenceEqual(_places[order[rank - 1]].Labels);
        }

        _isSorted = true;
    }

    private double ValueOf(ref readonly MetricPoint point) => _type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    // Without bounds the SDK keeps no buckets; the one that holds everything must be there.
    private static BucketBounds BoundsOf(ref readonly MetricPoint point)
    {
        var bounds = new List<double>();
        foreach (var bucket in point.GetHistogramBuckets()) bounds.Add(bucket.ExplicitBound);
        if (bounds is not [.., double.PositiveInfinity]) bounds.Add(double.PositiveInfinity);
        return new(bounds);
    }

    private static void Count(ref readonly MetricPoint point, Span<long> to)
    {
        var (count, at) = (0L, 0);
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            to[at++] = count;
        }

        if (at < to.Length) to[at] = point.GetHistogramCount();
    }

    private byte[]?[]? ExemplarsOf(ref readonly MetricPoint point)
    {
        byte[]?[]? found = null;
        if (!point.TryGetExemplars(out var exemplars)) return null;
        foreach (ref readonly var exemplar in exemplars)
        {
            if (Text(in exemplar, exemplar.DoubleValue) is not { } text) continue;
            found ??= new byte[]?[_buckets!.Bounds.Count];
            for (var i = 0; i < found.Length; i++)
            {
                if (exemplar.DoubleValue > _buckets!.Bounds[i]) continue;
                found[i] = text;
                break;
            }
        }

        return found;
    }

    private byte[]?[]? ExemplarOf(ref readonly MetricPoint point)
    {
        if (!point.TryGetExemplars(out var exemplars)) return null;
        foreach (ref readonly var exemplar in exemplars)
            if (Text(in exemplar, _type == MetricType.LongSum ? exemplar.LongValue : exemplar.DoubleValue) is { } text) return [text];
        return null;
    }

    // Trace and span alone: 63 of the 128 code points that OpenMetrics allows. Tags that a view left out are not shown here either.
    private static byte[]? Text(ref readonly Exemplar exemplar, double value) => exemplar.TraceId == default
        ? null
        : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $" # {{trace_id=\"{exemplar.TraceId.ToHexString()}\",span_id=\"{exemplar.SpanId.ToHexString()}\"}} {NumberText.Value(value)} {exemplar.Timestamp.ToUnixTimeMilliseconds() / 1000.0:F3}"));

    private readonly record struct Place(KeyValuePair<string, object?>[] Tags, byte[] Labels)
    {
        public bool Is(ReadOnlyTagCollection tags)
        {
            if (tags.Count != Tags.Length) return false;
            var at = 0;
            foreach (var tag in tags)
            {
                if (tag.Key != Tags[at].Key || !Equals(tag.Value, Tags[at].Value)) return false;
                at++;
            }

            return true;
        }
    }
}
