using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Loaded;

public sealed class LoadedMetrics
{
    public const string MeterName = "GatewayOps.Loaded";

    private readonly Counter<long> _loads;

    /// <summary>Gateways are the label: there are as many as operators have rules for, and the label is bounded all the same.</summary>
    public LoadedMetrics(IMeterFactory meters, LoadedRuleSets loaded, TelemetryMetrics telemetry)
    {
        var gateways = new BoundedLabel("gatewayops_ruleset_revision", "gateway", telemetry);
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "gatewayops_ruleset_revision",
            () => loaded.All.Select(set => new Measurement<long>(
                // One number per gateway, also where several rule sets are merged; it is compared with the other states, not read by itself.
                set.Revisions.Sum(revision => (long)revision.Number),
                new("gateway", gateways.Of(set.Gateway)),
                new("state", "loaded"))),
            description: "Revision number of a gateway's rule set (the sum of the numbers where several are active), by state.");
        meter.CreateObservableGauge(
            "gatewayops_ruleset_load_failed",
            () => loaded.All.Select(set => new Measurement<int>(loaded.Failures.ContainsKey(set.Gateway) ? 1 : 0, new KeyValuePair<string, object?>("gateway", gateways.Of(set.Gateway)))),
            description: "1 where the active rule sets of a gateway cannot be compiled and an older state stays in service, else 0.");
        _loads = meter.CreateCounter<long>("gatewayops_ruleset_loads", description: "Rule sets compiled for service, by result.");
        Count(succeeded: 0, failed: 0);
    }

    public void Count(int succeeded, int failed)
    {
        _loads.Add(succeeded, new KeyValuePair<string, object?>("result", "ok"));
        _loads.Add(failed, new KeyValuePair<string, object?>("result", "failed"));
    }
}
