using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What one pass over a gateway has seen and done so far.</summary>
internal sealed class Pass
{
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly List<RunChange> _done = [];
    private Plan? _plan;

    public Pass(GatewayLock held, string trigger, TimeProvider time)
    {
        Held = held;
        Trigger = trigger;
        _time = time;
        _startedAt = time.GetUtcNow();
        Id = Guid.CreateVersion7(_startedAt);
    }

    public Guid Id { get; }
    public GatewayLock Held { get; }
    public string Trigger { get; }
    public PassFacts Facts { get; private set; } = new();

    /// <summary>The run has its row since something was planned.</summary>
    public bool IsStored => Facts.Found is { IsEmpty: false };

    public string Outcome => Facts switch
    {
        { Fault: not null } => RunOutcome.Failed,
        { Remaining: not null } => RunOutcome.Succeeded,
        _ => RunOutcome.Running,
    };

    /// <summary>The change at which a failed pass stopped.</summary>
    public Change? Failed => Facts.Fault is null ? null : _plan?.Actions.FirstOrDefault(change => !IsDone(change));

    public void See(Plan plan, string? appliedRevision)
    {
        _plan = plan;
        Facts = Facts with
        {
            Found = Facts.Found ?? plan,
            Remaining = plan.IsEmpty ? plan : null,
            // What a key that was just put or removed asks for is no drift.
            WasApplied = Trigger != RunTrigger.Keys && appliedRevision == plan.Revision,
        };
        if (!plan.Exists)
        {
            Fail(("GatewayNotFound", plan.Changes[0].Reason));
        }
    }

    public void Did(Change change) => _done.Add(RunChange.Of(change, "done", Facts.WasApplied));

    public void Remain(Plan plan) => Facts = Facts with { Remaining = plan };

    public void Fail((string Reason, string Message) fault) => Facts = Facts with { Fault = fault, Remaining = Facts.Remaining ?? _plan };

    public Run ToRun() => Run.Of(ToRow());

    public RunRow ToRow() => new()
    {
        Id = Id,
        Gateway = Held.Gateway,
        Trigger = Trigger,
        StartedAt = _startedAt,
        FinishedAt = Outcome == RunOutcome.Running ? null : _time.GetUtcNow(),
        Outcome = Outcome,
        Revision = _plan?.Revision,
        PlanHash = Facts.Found?.Hash,
        Epoch = Held.Epoch,
        Changes = StoredJson.Write(_done.Concat(Open())),
        Error = Facts.Fault?.Message,
    };

    // What the last plan named and the pass did not do.
    private IEnumerable<RunChange> Open()
    {
        var failed = Failed;
        return (_plan?.Changes ?? []).Where(change => !IsDone(change)).Select(change => RunChange.Of(
            change,
            !change.IsAction ? "reported" : change == failed ? "failed" : "not_done",
            drift: change.IsAction && Facts.WasApplied));
    }

    private bool IsDone(Change change) => _done.Contains(RunChange.Of(change, "done", Facts.WasApplied));
}
