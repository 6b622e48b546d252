namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// Which metrics stand under which family name: one family per name, and no two families whose sample names meet. Made anew only when there is another metric.
/// `Refused` holds the names that could not be shown beside another family.
/// </summary>
internal sealed class FamilyLayout
{
    private readonly SortedDictionary<string, (FamilyHead Head, List<MetricReading> Readings)> _families = new(StringComparer.Ordinal);

    /// <summary>Of two metrics of one name the first gives kind, unit and help; the other must agree on kind and unit.</summary>
    /// <param name="first">Families that have their names already.</param>
    /// <param name="readings">In the order of the SDK.</param>
    public FamilyLayout(IEnumerable<FamilyHead> first, IEnumerable<MetricReading> readings)
    {
        var names = first.SelectMany(head => FamilyHead.SampleNames(head.Name, head.Kind)).ToHashSet();
        foreach (var reading in readings)
        {
            if (_families.TryGetValue(reading.Name, out var family))
            {
                if (family.Head.Kind == reading.Kind && family.Head.Unit == reading.Unit) family.Readings.Add(reading);
                else Refused.Add(reading.Name);
                continue;
            }

            string[] own = [.. FamilyHead.SampleNames(reading.Name, reading.Kind)];
            if (own.Any(names.Contains))
            {
                Refused.Add(reading.Name);
                continue;
            }

            names.UnionWith(own);
            _families.Add(reading.Name, (new(reading.Name, reading.Kind, reading.Unit, reading.Help), [reading]));
        }
    }

    public List<string> Refused { get; } = [];

    /// <summary>Sorted by name, so that two scrapes of the same state are the same text. A family without series is left out.</summary>
    public IEnumerable<MetricFamily> Take()
    {
        foreach (var (head, readings) in _families.Values)
        {
            var family = readings is [{ HasTwins: false } only] ? new(head, only.Series, only.Buckets) : Merged(head, readings);
            if (family.Series.Count > 0) yield return family;
        }
    }

    // One series per label set. What counts adds up; a level cannot, so the later one stands.
    private static MetricFamily Merged(FamilyHead head, List<MetricReading> readings)
    {
        var buckets = readings.Select(reading => reading.Buckets).FirstOrDefault(bounds => bounds is not null);
        var series = new SortedDictionary<byte[], Series>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var reading in readings)
        {
            // Counts by other bounds cannot be added to these.
            if (head.Kind == FamilyKind.Histogram && reading.Buckets?.Bounds.SequenceEqual(buckets!.Bounds) != true) continue;
            foreach (var one in reading.Series)
                series[one.Labels] = series.TryGetValue(one.Labels, out var there) ? Merged(head.Kind, there, one) : one;
        }

        return new(head, [.. series.Values], buckets);
    }

    private static Series Merged(FamilyKind kind, Series one, Series other) => kind switch
    {
        FamilyKind.Counter => one with { Value = one.Value + other.Value, Exemplars = one.Exemplars ?? other.Exemplars },
        FamilyKind.Histogram => one with { Value = one.Value + other.Value, Counts = Sum(one.Counts.Span, other.Counts.Span), Exemplars = one.Exemplars ?? other.Exemplars },
        _ => other,
    };

    private static long[] Sum(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var sum = new long[a.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = a[i] + b[i];
        return sum;
    }
}
