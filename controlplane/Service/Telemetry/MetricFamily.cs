using System.Runtime.InteropServices;
using System.Text;

namespace GatewayOps.ControlPlane.Telemetry;

public enum FamilyKind { Counter, Gauge, Histogram, Info }

/// <summary>What a family is called and how it begins in either format; it stays the same from scrape to scrape. `Name` is without `_total` and `_info`; `Unit` is its last part, or empty.</summary>
public sealed class FamilyHead
{
    public FamilyHead(string name, FamilyKind kind, string unit, string help)
    {
        (Name, Kind, Unit) = (name, kind, unit);
        var sample = kind switch { FamilyKind.Counter => $"{name}_total", FamilyKind.Info => $"{name}_info", _ => name };
        Sample = Encoding.UTF8.GetBytes(sample);
        // In OpenMetrics the family has a name of its own; in text it is called as its samples are.
        Text = Encoding.UTF8.GetBytes(Begin(sample, Escaped(help, openMetrics: false), kind == FamilyKind.Info ? "gauge" : Word(kind), unit: ""));
        Open = Encoding.UTF8.GetBytes(Begin(name, Escaped(help, openMetrics: true), Word(kind), unit));
    }

    public string Name { get; }

    public FamilyKind Kind { get; }

    public string Unit { get; }

    /// <summary>Name of its samples; of a histogram, without `_bucket`, `_sum` and `_count`.</summary>
    public byte[] Sample { get; }

    /// <summary>HELP and TYPE of text 0.0.4.</summary>
    public byte[] Text { get; }

    /// <summary>HELP, TYPE and UNIT of OpenMetrics.</summary>
    public byte[] Open { get; }

    /// <summary>All names that its samples may have, now or in another format: two families must not meet in one.</summary>
    public static IEnumerable<string> SampleNames(string name, FamilyKind kind) => kind switch
    {
        FamilyKind.Counter => [name, $"{name}_total", $"{name}_created"],
        FamilyKind.Histogram => [name, $"{name}_bucket", $"{name}_sum", $"{name}_count", $"{name}_created"],
        FamilyKind.Info => [name, $"{name}_info"],
        _ => [name],
    };

    private static string Begin(string name, string help, string type, string unit) =>
        $"{(help.Length > 0 ? $"# HELP {name} {help}\n" : "")}# TYPE {name} {type}\n{(unit.Length > 0 ? $"# UNIT {name} {unit}\n" : "")}";

    private static string Word(FamilyKind kind) => kind switch { FamilyKind.Counter => "counter", FamilyKind.Histogram => "histogram", FamilyKind.Info => "info", _ => "gauge" };

    private static string Escaped(string help, bool openMetrics)
    {
        help = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return openMetrics ? help.Replace("\"", "\\\"", StringComparison.Ordinal) : help;
    }
}

/// <summary>What one scrape shows of one name, immutable. Series are sorted by their labels, each label set once. Buckets are those of its histograms, else null.</summary>
public sealed record MetricFamily(FamilyHead Head, IReadOnlyList<Series> Series, BucketBounds? Buckets);

/// <summary>One label set, written out and escaped (`a="b",c="d"`). `Value` is the sum where there are buckets; `Counts` then has how many observations were at most each bound, +Inf last.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Series(byte[] Labels, double Value, ReadOnlyMemory<long> Counts, IReadOnlyList<byte[]?>? Exemplars);

/// <summary>Upper bounds of buckets as `le` has them in either format; the last is +Inf.</summary>
public sealed class BucketBounds(IReadOnlyList<double> bounds)
{
    public IReadOnlyList<double> Bounds { get; } = bounds;

    public byte[][] Text { get; } = [.. bounds.Select(bound => Encoding.ASCII.GetBytes(NumberText.Value(bound)))];

    public byte[][] Canonical { get; } = [.. bounds.Select(bound => Encoding.ASCII.GetBytes(NumberText.Canonical(bound)))];
}
