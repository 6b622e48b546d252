using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace GatewayOps.ControlPlane.Telemetry;

/// <summary>How each instrument is kept: which meters, how many series, without which labels, and never as an exponential histogram.</summary>
public sealed class MetricViews(IMeterFactory meters)
{
    /// <summary>Meters listened to. Named one by one but for ours: `Private.InternalDiagnostics.*` and name look-ups stay out.</summary>
    public static IReadOnlyList<string> Meters { get; } =
    [
        "GatewayOps.*",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting", "Microsoft.AspNetCore.Diagnostics",
        "System.Net.Http", "System.Runtime", "Npgsql", "Quartz",
    ];

    private static readonly string[] Peers = ["network.peer.address", "network.peer.port"];
    private static readonly string[] PoolName = ["db.client.connection.pool.name"];

    public MetricStreamConfiguration ViewOf(Instrument instrument) =>
        // Meters of another host in this process: its own telemetry shows them.
        instrument.Meter.Scope is IMeterFactory owner && owner != meters
            ? MetricStreamConfiguration.Drop
            : IsHistogram(instrument)
                ? new ExplicitBucketHistogramConfiguration { CardinalityLimit = SeriesOf(instrument), ExcludedTagKeys = NeverALabel(instrument) }
                : new MetricStreamConfiguration { CardinalityLimit = SeriesOf(instrument), ExcludedTagKeys = NeverALabel(instrument) };

    // The SDK's default of 2000 is no bound for a label, and it sets aside the memory of all of them.
    private static int SeriesOf(Instrument instrument) => MetricCatalogue.Find(instrument.Name)?.Series ?? MetricCatalogue.MostSeries;

    // Addresses of peers have no bound; Npgsql's pool name is the connection string where the data source has no name. Only where such labels are: leaving out costs on each measurement.
    private static string[]? NeverALabel(Instrument instrument) => (instrument.Meter.Name, instrument.Name) switch
    {
        ("System.Net.Http", not ("http.client.request.duration" or "http.client.active_requests" or "http.client.request.time_in_queue")) => Peers,
        ("Npgsql", _) => PoolName,
        _ => null,
    };

    private static bool IsHistogram(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Histogram<>);
}
