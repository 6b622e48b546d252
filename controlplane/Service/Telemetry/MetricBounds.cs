namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>
/// One label of a metric. Either a closed set (<paramref name="Values"/>, nothing else occurs), or names from outside: the first <paramref name="Kept"/> are kept, every later one is
/// <see cref="BoundedLabel.Other"/>; or names that the code declares elsewhere, at most <paramref name="Kept"/> of them.
/// </summary>
/// <param name="Name">As the instrument is tagged, before Prometheus' spelling.</param>
/// <param name="Kept">How many values have a place.</param>
/// <param name="IsOpen">Whether others come as `_other`.</param>
/// <param name="Meaning">What the values are.</param>
/// <param name="Values">All of a closed set; empty otherwise.</param>
public sealed record MetricLabel(string Name, int Kept, bool IsOpen, string Meaning, IReadOnlyList<string> Values)
{
    /// <summary>Values that may occur, `_other` included.</summary>
    public int Bound => IsOpen ? Kept + 1 : Kept;

    /// <summary>Names of callers, operators or Cloudflare.</summary>
    public static MetricLabel Open(string name, int kept, string meaning) => new(name, kept, IsOpen: true, meaning, []);

    /// <summary>Names of ours that another place declares.</summary>
    public static MetricLabel Declared(string name, int most, string meaning) => new(name, most, IsOpen: false, meaning, []);

    public static MetricLabel Of(string name, params string[] values) => new(name, values.Length, IsOpen: false, "", values);
}

/// <summary>What an instrument may be labelled with. <paramref name="Series"/> is how many label sets it keeps; what comes later counts in one series with `otel_metric_overflow="true"`.</summary>
public sealed record MetricBounds(string Instrument, IReadOnlyList<MetricLabel> Labels, int Series)
{
    public MetricLabel Label(string name) =>
        Labels.FirstOrDefault(label => label.Name == name) ?? throw new InvalidOperationException($"{Instrument} declares no label {name}: add it to its row of MetricCatalogue");
}
