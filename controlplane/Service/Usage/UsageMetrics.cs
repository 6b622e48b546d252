using System.Diagnostics.Metrics;

namespace GatewayOps.ControlPlane.Usage;

public sealed class UsageMetrics
{
    public const string MeterName = "GatewayOps.Usage";

    private readonly Counter<long> _dropped;

    public UsageMetrics(IMeterFactory meters)
    {
        _dropped = meters.Create(MeterName).CreateCounter<long>(
            "gatewayops_usage_records_dropped", description: "Request records that could not be kept: the queue was full or the database stayed away.");
        _dropped.Add(0);
    }

    public void Dropped(int records) => _dropped.Add(records);
}
