using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Events;

/// <summary>What became of an attempt; the values of the label `result`.</summary>
public static class EventResult
{
    public const string Delivered = "delivered";
    public const string Failed = "failed";
    public const string GivenUp = "given_up";

    public static IReadOnlyList<string> All { get; } = [Delivered, Failed, GivenUp];
}

/// <summary>Labels are the names of the configured webhooks.</summary>
public sealed class EventMetrics
{
    private readonly Counter<long> _deliveries;
    private readonly Gauge<long> _behind;
    private readonly Gauge<int> _failing;
    private readonly ConcurrentDictionary<string, bool> _failingNow = new();

    public EventMetrics(IMeterFactory meters, IOptions<EventOptions> options)
    {
        var meter = meters.Create("GatewayOps.Events");
        _deliveries = meter.CreateCounter<long>("gatewayops_event_deliveries", description: "Attempts of this replica to deliver an event to a webhook, by result; given_up: an event that was refused for a day and is skipped.");
        _behind = meter.CreateGauge<long>("gatewayops_event_sink_behind", description: "Audit rows that a webhook has not been told of yet.");
        _failing = meter.CreateGauge<int>("gatewayops_event_sink_failing", description: "1 where a webhook has not taken an event for a day, else 0.");
        foreach (var name in options.Value.Webhooks.Select(webhook => webhook.Name))
        {
            foreach (var result in EventResult.All)
            {
                _deliveries.Add(0, new("sink", name), new("result", result));
            }

            Seen(name, behind: 0, isFailing: false);
        }
    }

    /// <summary>The webhooks that were failing when last looked at.</summary>
    public IReadOnlyList<string> Failing => [.. _failingNow.Where(sink => sink.Value).Select(sink => sink.Key).Order(StringComparer.Ordinal)];

    public void Delivered(string sink, string result) => _deliveries.Add(1, new("sink", sink), new("result", result));

    public void Seen(string sink, long behind, bool isFailing)
    {
        _behind.Record(behind, new KeyValuePair<string, object?>("sink", sink));
        _failing.Record(isFailing ? 1 : 0, new KeyValuePair<string, object?>("sink", sink));
        _failingNow[sink] = isFailing;
    }
}
