namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// Puts the series of all meters under their family names: one family per name, one series per label set, and no two families whose sample names meet.
/// `Refused` holds the names that could not be shown beside another family.
/// </summary>
public sealed class FamilyCollection
{
    private sealed record Underway(FamilyKind Kind, string Unit, string Help)
    {
        public SortedDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);
    }

    private readonly SortedDictionary<string, Underway> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sampleNames = [];

    public List<string> Refused { get; } = [];

    /// <summary>Adds series to the family of this name. Of two meters that publish one name the first gives kind, unit and help; the other must agree on kind and unit.</summary>
    public void Add(string name, FamilyKind kind, string unit, string help, IEnumerable<Series> series)
    {
        if (!_families.TryGetValue(name, out var family))
        {
            string[] names = [.. SampleNames(name, kind)];
            if (names.Any(_sampleNames.ContainsKey))
            {
                Refused.Add(name);
                return;
            }
            foreach (var sample in names) _sampleNames.Add(sample, name);
            _families.Add(name, family = new(kind, unit, help));
        }
        else if (family.Kind != kind || family.Unit != unit)
        {
            Refused.Add(name);
            return;
        }
        foreach (var one in series)
            family.Series[one.Labels] = family.Series.TryGetValue(one.Labels, out var there) ? Merged(kind, there, one) : one;
    }

    /// <summary>Sorted by name, so that two scrapes of the same state are the same text. A family without series is left out.</summary>
    public IReadOnlyList<MetricFamily> ToFamilies() =>
        [.. from family in _families where family.Value.Series.Count > 0 select new MetricFamily(family.Key, family.Value.Kind, family.Value.Unit, family.Value.Help, [.. family.Value.Series.Values])];

    // What counts adds up; a level cannot, so the later one stands.
    private static Series Merged(FamilyKind kind, Series one, Series other) => kind switch
    {
        FamilyKind.Counter => one with { Value = one.Value + other.Value },
        FamilyKind.Histogram when one.Buckets.Select(bucket => bucket.UpperBound).SequenceEqual(other.Buckets.Select(bucket => bucket.UpperBound)) =>
            one with { Value = one.Value + other.Value, Buckets = [.. one.Buckets.Zip(other.Buckets, (a, b) => a with { Count = a.Count + b.Count })] },
        FamilyKind.Histogram => one,
        _ => other,
    };

    private static IEnumerable<string> SampleNames(string name, FamilyKind kind) => kind switch
    {
        FamilyKind.Counter => [name, $"{name}_total", $"{name}_created"],
        FamilyKind.Histogram => [name, $"{name}_bucket", $"{name}_sum", $"{name}_count", $"{name}_created"],
        FamilyKind.Info => [name, $"{name}_info"],
        _ => [name],
    };
}
