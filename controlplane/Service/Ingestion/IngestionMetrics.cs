using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Ingestion;

public sealed class IngestionMetrics
{
    public const string MeterName = "GatewayOps.Ingestion";

    private const string Feed = "logs";
    private readonly Counter<long> _records;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _polled = new();
    private readonly BoundedLabel _gateways;
    private readonly TimeProvider _time;

    public IngestionMetrics(IMeterFactory meters, TelemetryMetrics telemetry, TimeProvider time)
    {
        _time = time;
        _gateways = new BoundedLabel("gatewayops_poll_lag", "gateway", telemetry);
        var meter = meters.Create(MeterName);
        _records = meter.CreateCounter<long>("gatewayops_poll_records", description: "Entries read from gateways, by whether they were new (added) or had been read before (repeated).");
        Read(added: 0, repeated: 0);
        meter.CreateObservableGauge("gatewayops_poll_lag", Lags, "s", "Time since the gateway's feed was last read to its end on this replica.");
    }

    public void Read(int added, int repeated)
    {
        _records.Add(added, new("feed", Feed), new("result", "added"));
        _records.Add(repeated, new("feed", Feed), new("result", "repeated"));
    }

    /// <summary>The gateway's feed was read to its end.</summary>
    public void Polled(string gateway, DateTimeOffset at) => _polled[_gateways.Of(gateway)] = at;

    private IEnumerable<Measurement<double>> Lags()
    {
        var now = _time.GetUtcNow();
        foreach (var (gateway, at) in _polled)
        {
            yield return new(Math.Max(0, (now - at).TotalSeconds), new("gateway", gateway), new("feed", Feed));
        }
    }
}
