using System.Diagnostics.Metrics;
using System.Reflection;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>What the telemetry says of itself: which build this is, and which metrics met more label values than they keep.</summary>
public sealed class TelemetryMetrics
{
    public const string MeterName = "GatewayOps.Telemetry";

    private readonly Counter<long> _overflow;

    public TelemetryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _overflow = meter.CreateCounter<long>("gatewayops_metric_overflow", null, "Label values or series that a metric did not keep, because it is bounded.");
        var build = new Measurement<int>(1, new("version", Version), new("revision", Revision), new("runtime", Environment.Version.ToString()));
        meter.CreateObservableGauge("gatewayops_build_info", () => build, null, "Always 1; the labels say which build this is.");
    }

    // 0.1.0+<commit>, where the build knows its commit.
    private static readonly string[] Informational =
        (typeof(TelemetryMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', 2);

    public static string Version => Informational[0];

    public static string Revision => Informational is [_, var revision] ? revision : "unknown";

    /// <summary>`metric` is a name of our own, without suffixes.</summary>
    public void Overflowed(string metric) => _overflow.Add(1, new KeyValuePair<string, object?>("metric", metric));

    /// <summary>Shows the metric at zero.</summary>
    public void Watch(string metric) => _overflow.Add(0, new KeyValuePair<string, object?>("metric", metric));
}
