using System.Buffers;
using System.Text;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>Writes families in one of the two formats. Source: Prometheus text 0.0.4; OpenMetrics 1.0.</summary>
public static class ExpositionWriter
{
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<MetricFamily> families, ScrapeFormat format)
    {
        foreach (var family in families) Write(output, family, format.OpenMetrics);
        if (format.OpenMetrics) Put(output, "# EOF\n");
    }

    private static void Write(IBufferWriter<byte> output, MetricFamily family, bool openMetrics)
    {
        var sample = family.Kind switch { FamilyKind.Counter => $"{family.Name}_total", FamilyKind.Info => $"{family.Name}_info", _ => family.Name };
        // In OpenMetrics the family has a name of its own; in text it is called as its samples are.
        var name = openMetrics ? family.Name : sample;
        var type = family.Kind switch { FamilyKind.Counter => "counter", FamilyKind.Histogram => "histogram", FamilyKind.Info when openMetrics => "info", _ => "gauge" };

        if (family.Help.Length > 0) Put(output, $"# HELP {name} {Escaped(family.Help, openMetrics)}\n");
        Put(output, $"# TYPE {name} {type}\n");
        if (openMetrics && family.Unit.Length > 0) Put(output, $"# UNIT {name} {family.Unit}\n");
        foreach (var series in family.Series)
            if (family.Kind == FamilyKind.Histogram) WriteHistogram(output, name, series, openMetrics);
            else Put(output, $"{sample}{Braces(series.Labels)} {NumberText.Value(series.Value)}\n");
    }

    private static void WriteHistogram(IBufferWriter<byte> output, string name, Series series, bool openMetrics)
    {
        var before = series.Labels.Length > 0 ? series.Labels + "," : "";
        foreach (var (bound, count) in series.Buckets)
            Put(output, $"{name}_bucket{{{before}le=\"{(openMetrics ? NumberText.Canonical(bound) : NumberText.Value(bound))}\"}} {count}\n");
        Put(output, $"{name}_sum{Braces(series.Labels)} {NumberText.Value(series.Value)}\n");
        Put(output, $"{name}_count{Braces(series.Labels)} {series.Buckets[^1].Count}\n");
    }

    private static string Braces(string labels) => labels.Length > 0 ? $"{{{labels}}}" : "";

    private static string Escaped(string help, bool openMetrics)
    {
        help = help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return openMetrics ? help.Replace("\"", "\\\"", StringComparison.Ordinal) : help;
    }

    private static void Put(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
