using System.Buffers;
using System.Buffers.Text;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>Writes families in one of the two formats. Source: Prometheus text 0.0.4; OpenMetrics 1.0.</summary>
public static class ExpositionWriter
{
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<MetricFamily> families, bool openMetrics)
    {
        foreach (var family in families)
        {
            output.Write(openMetrics ? family.Head.Open : family.Head.Text);
            for (var i = 0; i < family.Series.Count; i++)
                if (family.Buckets is { } buckets) WriteHistogram(output, family.Head.Sample, family.Series[i], buckets, openMetrics);
                else WriteSample(output, family.Head.Sample, family.Series[i], openMetrics);
        }
        if (openMetrics) output.Write("# EOF\n"u8);
    }

    private static void WriteSample(IBufferWriter<byte> output, byte[] name, in Series series, bool openMetrics)
    {
        var line = new Line(output, name.Length + series.Labels.Length + NumberText.Longest);
        line.Put(name);
        line.Braces(series.Labels);
        line.Value(series.Value);
        line.End(openMetrics && series.Exemplars is [{ } exemplar] ? exemplar : []);
    }

    private static void WriteHistogram(IBufferWriter<byte> output, byte[] name, in Series series, BucketBounds buckets, bool openMetrics)
    {
        var longest = name.Length + series.Labels.Length + (3 * NumberText.Longest);
        var counts = series.Counts.Span;
        var bounds = openMetrics ? buckets.Canonical : buckets.Text;
        for (var i = 0; i < counts.Length; i++)
        {
            var line = new Line(output, longest);
            line.Put(name);
            line.Put("_bucket{"u8);
            if (series.Labels.Length > 0)
            {
                line.Put(series.Labels);
                line.Put(","u8);
            }

            line.Put("le=\""u8);
            line.Put(bounds[i]);
            line.Put("\"} "u8);
            line.Whole(counts[i]);
            line.End(openMetrics && series.Exemplars?[i] is { } exemplar ? exemplar : []);
        }

        var sum = new Line(output, longest);
        sum.Put(name);
        sum.Put("_sum"u8);
        sum.Braces(series.Labels);
        sum.Value(series.Value);
        sum.End([]);
        var count = new Line(output, longest);
        count.Put(name);
        count.Put("_count"u8);
        count.Braces(series.Labels);
        count.Put(" "u8);
        count.Whole(counts[^1]);
        count.End([]);
    }

    /// <summary>One line in one piece of the output.</summary>
    private ref struct Line(IBufferWriter<byte> output, int longest)
    {
        // An exemplar: 63 characters of labels with their frame, two numbers.
        private readonly Span<byte> _span = output.GetSpan(longest + 192);
        private int _length;

        public void Put(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_span[_length..]);
            _length += text.Length;
        }

        public void Braces(ReadOnlySpan<byte> labels)
        {
            if (labels.Length == 0) return;
            Put("{"u8);
            Put(labels);
            Put("}"u8);
        }

        public void Value(double value)
        {
            Put(" "u8);
            _length += NumberText.Value(value, _span[_length..]);
        }

        public void Whole(long value)
        {
            Utf8Formatter.TryFormat(value, _span[_length..], out var written);
            _length += written;
        }

        public void End(ReadOnlySpan<byte> exemplar)
        {
            Put(exemplar);
            Put("\n"u8);
            output.Advance(_length);
        }
    }
}
