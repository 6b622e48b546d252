using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GatewayOps.Tests.Support;

/// <summary>What a bucket or a counter points at. `At` is Unix time in seconds.</summary>
public sealed record PrometheusExemplar(IReadOnlyDictionary<string, string> Labels, double Value, double At);

/// <summary>One sample line: `Labels` in one canonical text, `le` included.</summary>
public sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value, PrometheusExemplar? Exemplar = null)
{
    public string Key => $"{Name}{{{string.Join(',', Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))}}}";
}

/// <summary>One family under the name of its TYPE line.</summary>
public sealed record PrometheusFamily(string Name, string Type, string? Help, string? Unit, IReadOnlyList<PrometheusSample> Samples);

/// <summary>
/// Reads what `/metrics` writes, and refuses whatever either format forbids, also where Prometheus itself is lenient (duplicate series, split families,
/// missing +Inf). Source: Prometheus text 0.0.4; OpenMetrics 1.0. Everything here is ours: a family without TYPE is refused too.
/// </summary>
public sealed partial class PrometheusText
{
    private readonly bool _openMetrics;
    private readonly Dictionary<string, PrometheusFamily> _families = [];
    private readonly HashSet<string> _series = [];
    private readonly HashSet<string> _meta = [];
    private List<PrometheusSample> _samples = [];
    private string? _name, _type, _help, _unit;
    private int _line;

    private PrometheusText(bool openMetrics) => _openMetrics = openMetrics;

    /// <summary>The families by name. Throws FormatException that names line and fault.</summary>
    public static IReadOnlyDictionary<string, PrometheusFamily> Parse(string text, bool openMetrics)
    {
        var parser = new PrometheusText(openMetrics);
        parser.Read(text);
        return parser._families;
    }

    private void Read(string text)
    {
        if (text.Contains('\r', StringComparison.Ordinal)) Fault("a carriage return");
        if (!text.EndsWith('\n')) Fault("the last line does not end");
        var lines = text[..^1].Split('\n');
        var ended = false;
        foreach (var line in lines)
        {
            _line++;
            if (ended) Fault("something after # EOF");
            if (line == "# EOF" && _openMetrics) ended = true;
            else if (line.StartsWith('#')) Meta(line);
            else if (line.Length == 0) Fault("an empty line");
            else Sample(line);
        }
        if (_openMetrics && !ended) Fault("no # EOF");
        Close();
    }

    private void Meta(string line)
    {
        if (line.Split(' ', 4) is not ["#", var what, var name, var rest] || what is not ("HELP" or "TYPE" or "UNIT")) throw Faulty("a comment that is no HELP, TYPE or UNIT");
        if (!MetricName().IsMatch(name)) Fault($"the name {name}");
        if (name != _name)
        {
            Close();
            if (_families.ContainsKey(name)) Fault($"{name} is split, or named twice");
            _name = name;
        }
        if (_samples.Count > 0) Fault($"{what} after a sample of {name}");
        if (!_meta.Add($"{what} {name}")) Fault($"a second {what} of {name}");
        switch (what)
        {
            case "HELP":
                _help = Unescaped(rest, quotes: _openMetrics);
                break;
            case "UNIT":
                if (!_openMetrics) Fault("UNIT belongs to OpenMetrics");
                if (!name.EndsWith($"_{rest}", StringComparison.Ordinal)) Fault($"{name} does not end in its unit {rest}");
                _unit = rest;
                break;
            default:
                if (rest is not ("counter" or "gauge" or "histogram") && !(rest == "info" && _openMetrics)) Fault($"the type {rest}");
                if (rest == "counter" && name.EndsWith("_total", StringComparison.Ordinal) == _openMetrics) Fault($"the counter family is called {name}");
                if (rest == "gauge" && name.EndsWith("_total", StringComparison.Ordinal)) Fault($"the gauge is called {name}");
                _type = rest;
                break;
        }
    }

    private void Sample(string line)
    {
        if (SampleLine().Match(line) is not { Success: true } match) throw Faulty($"not a sample: {line}");
        var labels = Labels(match.Groups["labels"].Value);
        var sample = new PrometheusSample(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value), match.Groups["exemplar"].Success ? Exemplar(match) : null);
        if (_name is null || _type is null || !Belongs(sample.Name)) Fault(_families.Keys.Any(name => sample.Name.StartsWith(name, StringComparison.Ordinal))
            ? $"{sample.Name} is split from its family, or of none" : $"{sample.Name} has no TYPE");
        if (!_series.Add(sample.Key)) Fault($"the series {sample.Key} twice");
        if (_type == "counter" && !(sample.Value >= 0)) Fault($"the counter {sample.Key} is {sample.Value}");
        if (_type == "info" && sample.Value != 1) Fault($"the info {sample.Key} is {sample.Value}");
        if (_type != "histogram" && labels.ContainsKey("le")) Fault($"{sample.Key} is no histogram");
        _samples.Add(sample);
    }

    private Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        foreach (var label in LabelPair().Matches(text).Cast<Match>())
        {
            if (!labels.TryAdd(label.Groups["key"].Value, Unescaped(label.Groups["value"].Value, quotes: true))) Fault($"the label {label.Groups["key"].Value} twice");
        }
        return labels;
    }

    private PrometheusExemplar Exemplar(Match line)
    {
        if (!_openMetrics) Fault("an exemplar belongs to OpenMetrics");
        if (!line.Groups["name"].Value.EndsWith("_bucket", StringComparison.Ordinal) && !line.Groups["name"].Value.EndsWith("_total", StringComparison.Ordinal)) Fault($"{line.Groups["name"].Value} has an exemplar");
        var labels = Labels(line.Groups["pointers"].Value);
        if (labels.Sum(label => label.Key.EnumerateRunes().Count() + label.Value.EnumerateRunes().Count()) > 128) Fault("an exemplar of more than 128 code points");
        return new(labels, Number(line.Groups["exemplified"].Value), Number(line.Groups["at"].Value));
    }

    private bool Belongs(string sample) => _type switch
    {
        "counter" => sample == (_openMetrics ? $"{_name}_total" : _name),
        "info" => sample == $"{_name}_info",
        "histogram" => sample == $"{_name}_bucket" || sample == $"{_name}_sum" || sample == $"{_name}_count",
        _ => sample == _name,
    };

    private void Close()
    {
        if (_name is null) return;
        if (_type is null) Fault($"{_name} has no TYPE");
        if (_samples.Count == 0) Fault($"{_name} has no sample");
        if (_type == "histogram") Histograms();
        _families.Add(_name, new(_name, _type!, _help, _unit, _samples));
        (_name, _type, _help, _unit, _samples) = (null, null, null, null, []);
    }

    private void Histograms()
    {
        foreach (var series in _samples.GroupBy(sample => string.Join(',', sample.Labels.Where(label => label.Key != "le").OrderBy(label => label.Key, StringComparer.Ordinal))))
        {
            var (bound, count, seen) = (double.NegativeInfinity, 0.0, 0);
            foreach (var sample in series.Where(sample => sample.Name == $"{_name}_bucket"))
            {
                if (!sample.Labels.TryGetValue("le", out var le)) throw Faulty($"a bucket of {_name} without le");
                var upper = Number(le);
                if (_openMetrics && !Canonical().IsMatch(le)) Fault($"le=\"{le}\" is not canonical");
                if (!(upper > bound)) Fault($"the buckets of {_name} are out of order at {le}");
                if (sample.Value < count) Fault($"the buckets of {_name} shrink at {le}");
                (bound, count, seen) = (upper, sample.Value, seen + 1);
            }
            if (seen == 0 || !double.IsPositiveInfinity(bound)) Fault($"{_name} has no +Inf bucket");
            if (series.Count(sample => sample.Name == $"{_name}_sum") != 1) Fault($"{_name} has no sum");
            if (series.SingleOrDefault(sample => sample.Name == $"{_name}_count")?.Value != count) Fault($"the count of {_name} is not its +Inf bucket");
        }
    }

    private double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? number : throw Faulty($"the number {text}"),
    };

    private string Unescaped(string text, bool quotes)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && quotes) Fault("a quote that is not escaped");
            if (text[i] != '\\') plain.Append(text[i]);
            else plain.Append((++i < text.Length ? text[i] : ' ') switch { '\\' => '\\', 'n' => '\n', '"' when quotes => '"', _ => throw Faulty($"the escape in {text}") });
        }
        return plain.ToString();
    }

    private void Fault(string fault) => throw Faulty(fault);

    private FormatException Faulty(string fault) => new($"line {_line}: {fault}");

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    private static partial Regex MetricName();

    // No timestamp: we never write one.
    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*")*)\})? (?<value>[^ ]+)(?<exemplar> # \{(?<pointers>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*")*)\} (?<exemplified>[^ ]+) (?<at>[^ ]+))?$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)"(,|$)""")]
    private static partial Regex LabelPair();

    [GeneratedRegex(@"^(\+Inf|-?([0-9]{1,6}\.[0-9]+|[0-9](\.[0-9]+)?e[+-][0-9]{2,3}))$")]
    private static partial Regex Canonical();
}
