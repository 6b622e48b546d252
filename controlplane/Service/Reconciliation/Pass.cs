using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>What one pass over a gateway has seen and done so far.</summary>
internal sealed class Pass
{
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly List<(Change Change, bool Drift)> _done = [];
    private Plan? _plan;
    private Plan? _begun;

    public Pass(GatewayLock held, string trigger, GatewayControl control, GatewayStatus? before, TimeProvider time)
    {
        Held = held;
        Trigger = trigger;
        Control = control;
        Before = before;
        _time = time;
        _startedAt = time.GetUtcNow();
        Id = Guid.CreateVersion7(_startedAt);
        Facts = new PassFacts { Ignored = control.Ignored.ToHashSet() };
    }

    public Guid Id { get; }
    public GatewayLock Held { get; }
    public string Trigger { get; }

    /// <summary>What the operator said of the gateway when the pass began.</summary>
    public GatewayControl Control { get; }

    /// <summary>What the pass before left behind; null for the first.</summary>
    public GatewayStatus? Before { get; }
    public PassFacts Facts { get; private set; }

    /// <summary>The run has its row since something was to be written.</summary>
    public bool IsStored => _begun is not null;

    /// <summary>The changes that were made, and whether each put right what somebody else had moved.</summary>
    public IReadOnlyCollection<(Change Change, bool Drift)> Done => _done;

    public string Outcome => Facts switch
    {
        { Fault: not null } => RunOutcome.Failed,
        { Remaining: not null } => RunOutcome.Succeeded,
        _ => RunOutcome.Running,
    };

    /// <summary>The change at which a failed pass stopped.</summary>
    public Change? Failed => Facts.Fault is null ? null : _begun?.Actions.FirstOrDefault(change => !IsDone(change));

    /// <summary>Whether an operator waits for this pass, so that it is worth a run of its own.</summary>
    public bool IsAskedFor => Trigger is not (RunTrigger.Interval or RunTrigger.Resume);

    /// <summary>Whether what a plan of the applied revision asks for has moved since. What a key that was just put or removed asks for is no drift.</summary>
    public static bool IsDrift(string trigger, Plan plan, string? appliedRevision) => trigger != RunTrigger.Keys && appliedRevision == plan.Revision;

    public void See(Plan plan, string? appliedRevision)
    {
        _plan = plan;
        Facts = Facts with
        {
            Found = Facts.Found ?? plan,
            Remaining = plan.IsEmpty ? plan : null,
            WasApplied = IsDrift(Trigger, plan, appliedRevision),
        };
        if (!plan.Exists)
        {
            Fail(("GatewayNotFound", plan.Changes[0].Reason));
        }
    }

    /// <summary>These changes are about to be made.</summary>
    public void Begin(Plan allowed) => _begun = allowed;

    public void Withhold(Withheld why) => Facts = Facts with { Withheld = why };

    public void Did(Change change) => _done.Add((change, Facts.WasApplied));

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
        Changes = StoredJson.Write(_done.Select(entry => RunChange.Of(entry.Change, "done", entry.Drift)).Concat(Open())),
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

    private bool IsDone(Change change) => _done.Exists(entry => entry.Change == change);
}
