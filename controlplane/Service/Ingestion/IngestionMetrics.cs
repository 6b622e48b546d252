using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Ingestion;

public sealed class IngestionMetrics
{
    public const string MeterName = "GatewayOps.Ingestion";

    private readonly Counter<long> _records;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _requests;
    private readonly ConcurrentDictionary<(string Gateway, string Feed), (DateTimeOffset At, long? Backlog)> _feeds = new();
    private readonly Gauge<int> _full;
    private readonly BoundedLabel _gateways;
    private readonly BoundedLabel _logs;
    private readonly TimeProvider _time;

    public IngestionMetrics(IMeterFactory meters, TelemetryMetrics telemetry, TimeProvider time)
    {
        _time = time;
        _gateways = new BoundedLabel("gatewayops_poll_lag", "gateway", telemetry);
        _logs = new BoundedLabel("gatewayops_log_full", "gateway", telemetry);
        var meter = meters.Create(MeterName);
        _records = meter.CreateCounter<long>(
            "gatewayops_poll_records",
            description: "Rows that sources delivered: new (added), known to another source and completed, read before (repeated), of a source that does not count (kept_out), too old or of a time to come (expired).");
        _gaps = meter.CreateCounter<long>("gatewayops_poll_gaps", description: "Times that a source no longer had the row that was read last, or took no more rows, so that rows may have been lost unread.");
        _full = meter.CreateGauge<int>("gatewayops_log_full", description: "1 where the gateway's log has as many rows as it keeps and takes no more (STOP_INSERTING); known to the replica that polls, every ten minutes.");
        _requests = meter.CreateCounter<long>("gatewayops_otlp_requests", description: "Exports that gateways pushed to us, by result.");
        foreach (var feed in LogSources.All)
        {
            Read(feed, default);
            _gaps.Add(0, new KeyValuePair<string, object?>("feed", feed));
        }

        foreach (var result in Otlp.OtlpResult.All)
        {
            Received(result, 0);
        }

        meter.CreateObservableGauge("gatewayops_poll_lag", Lags, "s", "Time since the gateway's feed was last read to its end, or last delivered, on this replica; before the first time, since it was begun to be read.");
        meter.CreateObservableGauge("gatewayops_poll_backlog", Backlogs, description: "Rows that the gateway's feed still has for us, as its last answer said.");
    }

    public void Read(string feed, Stored stored)
    {
        foreach (var (result, count) in new[]
        {
            ("added", stored.Added), ("completed", stored.Completed), ("repeated", stored.Repeated), ("kept_out", stored.KeptOut), ("expired", stored.Expired),
        })
        {
            _records.Add(count, new("feed", feed), new("result", result));
        }
    }

    /// <summary>The gateway's feed was read to its end.</summary>
    public void Polled(string gateway, string feed, DateTimeOffset at) => _feeds[(_gateways.Of(gateway), feed)] = (at, 0);

    /// <summary>The gateway's feed has so many rows more. One that this replica never read to its end lags since it was begun.</summary>
    public void Behind(string gateway, string feed, long? backlog, DateTimeOffset at) =>
        _feeds.AddOrUpdate((_gateways.Of(gateway), feed), (at, backlog), (_, known) => (known.At, backlog));

    public void Gap(string feed) => _gaps.Add(1, new KeyValuePair<string, object?>("feed", feed));

    /// <summary>Whether the gateway's log takes no more rows.</summary>
    public void Full(string gateway, bool isFull) => _full.Record(isFull ? 1 : 0, new KeyValuePair<string, object?>("gateway", _logs.Of(gateway)));

    public void Received(string result, int count = 1) => _requests.Add(count, new KeyValuePair<string, object?>("result", result));

    private IEnumerable<Measurement<double>> Lags()
    {
        var now = _time.GetUtcNow();
        foreach (var ((gateway, feed), (at, _)) in _feeds)
        {
            yield return new(Math.Max(0, (now - at).TotalSeconds), new("gateway", gateway), new("feed", feed));
        }
    }

    private IEnumerable<Measurement<long>> Backlogs()
    {
        foreach (var ((gateway, feed), (_, backlog)) in _feeds)
        {
            if (backlog is { } rows)
            {
                yield return new(rows, new("gateway", gateway), new("feed", feed));
            }
        }
    }
}
