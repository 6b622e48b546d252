using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>How full the queue of request records is: it fills while the database is slow or away.</summary>
public sealed class UsageQueueMetrics
{
    public UsageQueueMetrics(IMeterFactory meters, UsageRecorder recorder, IOptions<UsageOptions> options)
    {
        var meter = meters.Create(UsageMetrics.MeterName);
        meter.CreateObservableGauge("gatewayops_usage_records_queued", () => recorder.Reader.Count, description: "Request records that wait for the database.");
        meter.CreateObservableGauge("gatewayops_usage_records_limit", () => options.Value.QueueLength, description: "Request records that may wait (GatewayOps:Usage:QueueLength); what comes then is dropped.");
    }
}
