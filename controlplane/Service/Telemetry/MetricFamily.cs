using System.Runtime.InteropServices;

namespace GatewayOps.ControlPlane.Telemetry;

public enum FamilyKind { Counter, Gauge, Histogram, Info }

/// <summary>What one scrape shows of one name, immutable. `Name` is without `_total` and `_info`; `Unit` is its last part, or empty.</summary>
public sealed record MetricFamily(string Name, FamilyKind Kind, string Unit, string Help, IReadOnlyList<Series> Series);

/// <summary>One label set, written out and escaped: `a="b",c="d"`. `Value` is the sum where there are buckets.</summary>
public sealed record Series(string Labels, double Value, IReadOnlyList<Bucket> Buckets);

/// <summary>How many observations were at most `UpperBound`; the last bucket's is +Inf.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Bucket(double UpperBound, long Count);
