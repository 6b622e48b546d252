using System.Diagnostics.Metrics;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Telemetry;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>Secrets whose age is told.</summary>
public static class SecretKinds
{
    public const string OperatorToken = "operator_token";
    public const string VirtualKey = "virtual_key";
    public const string ProviderKey = "provider_key";

    public static IReadOnlyList<string> All { get; } = [OperatorToken, VirtualKey, ProviderKey];
}

/// <summary>Meter `GatewayOps.Reconciliation`. Labels are sets of ours, save for the gateway. Source: product contract, section 10.</summary>
public sealed class ReconciliationMetrics
{
    public const string MeterName = "GatewayOps.Reconciliation";

    private static readonly string[] Results = [RunOutcome.Succeeded, RunOutcome.Failed, "skipped"];
    private static readonly string[] ChangeResults = ["done", "failed"];

    private readonly Counter<long> _passes;
    private readonly Histogram<double> _duration;
    private readonly Gauge<double> _lastSuccess;
    private readonly Gauge<long> _drift;
    private readonly Gauge<long> _revision;
    private readonly Counter<long> _operations;
    private readonly Gauge<double> _oldestSecret;
    private readonly BoundedLabel _gateways;
    private readonly TimeProvider _time;

    public ReconciliationMetrics(IMeterFactory meters, TelemetryMetrics telemetry, TimeProvider time)
    {
        _gateways = new BoundedLabel("gatewayops_drift_resources", "gateway", telemetry);
        _time = time;
        var meter = meters.Create(MeterName);
        _passes = meter.CreateCounter<long>("gatewayops_reconcile", description: "Passes of the reconciler over a gateway, by what began them and how they ended (skipped: another replica was at it).");
        _duration = meter.CreateHistogram<double>("gatewayops_reconcile_duration", "s", "Duration of a pass and of its phases.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
        _lastSuccess = meter.CreateGauge<double>("gatewayops_reconcile_last_success_timestamp", "s", "Unix time of the last pass without an error; 0 before the first.");
        _drift = meter.CreateGauge<long>("gatewayops_drift_resources", description: "Differences between the desired and the observed state of a gateway at the last look, reports included.");
        _revision = meter.CreateGauge<long>("gatewayops_ruleset_revision", description: "Revision number of a gateway's rule set (the sum of the numbers where several are active), by state.");
        _operations = meter.CreateCounter<long>("gatewayops_plan_operations", description: "Changes that plans asked for, by object, operation and result.");
        _oldestSecret = meter.CreateGauge<double>("gatewayops_secret_oldest_timestamp", "s", "Unix time at which the oldest secret in force of a kind was made or last rotated; 0 where there is none. Tokens of the settings have no time.");
        StartAtZero();
    }

    public void Passed(string trigger, string result)
    {
        _passes.Add(1, new("kind", trigger), new("result", result));
        if (result == RunOutcome.Succeeded)
        {
            _lastSuccess.Record(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, new KeyValuePair<string, object?>("kind", trigger));
        }
    }

    /// <param name="trigger">What began the pass.</param>
    /// <param name="phase">observe, apply or total.</param>
    /// <param name="duration">Its length.</param>
    public void Took(string trigger, string phase, TimeSpan duration) => _duration.Record(duration.TotalSeconds, new("kind", trigger), new("phase", phase));

    public void Changed(Change change, string result) => _operations.Add(1, new("kind", Word(change.Kind)), new("op", Word(change.Op)), new("result", result));

    public void Desired(string gateway, long revision) => _revision.Record(revision, new("gateway", _gateways.Of(gateway)), new("state", "desired"));

    /// <summary>Shown by every replica from the stored status: the one that ran the pass is no special one.</summary>
    public void Status(GatewayStatus status)
    {
        _revision.Record(NumberOf(status.Applied), new("gateway", _gateways.Of(status.Gateway)), new("state", "applied"));
        foreach (var kind in Enum.GetValues<ObjectKind>())
        {
            _drift.Record(status.Drift.Count(change => change.Kind == kind), new("gateway", _gateways.Of(status.Gateway)), new("kind", Word(kind)));
        }
    }

    /// <param name="kind">One of <see cref="SecretKinds"/>.</param>
    /// <param name="madeAt">Of the oldest in force; null for none.</param>
    public void OldestSecret(string kind, DateTimeOffset? madeAt) => _oldestSecret.Record((madeAt?.ToUnixTimeMilliseconds() ?? 0) / 1000.0, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>`a@1+b@2` is 3; `none` and nothing are 0.</summary>
    internal static long NumberOf(string? label) => label is null ? 0 : label.Split('+').Sum(part => long.TryParse(part[(part.LastIndexOf('@') + 1)..], out var number) ? number : 0);

    private void StartAtZero()
    {
        foreach (var kind in SecretKinds.All)
        {
            OldestSecret(kind, madeAt: null);
        }

        foreach (var trigger in RunTrigger.All)
        {
            _lastSuccess.Record(0, new KeyValuePair<string, object?>("kind", trigger));
            foreach (var result in Results)
            {
                _passes.Add(0, new("kind", trigger), new("result", result));
            }
        }

        foreach (var kind in Enum.GetValues<ObjectKind>())
        {
            foreach (var op in new[] { ChangeOp.Create, ChangeOp.Update, ChangeOp.Delete })
            {
                foreach (var result in ChangeResults)
                {
                    _operations.Add(0, new("kind", Word(kind)), new("op", Word(op)), new("result", result));
                }
            }
        }
    }

    private static string Word<T>(T value)
        where T : struct, Enum => SnakeCaseEnum<T>.Of(value);
}
