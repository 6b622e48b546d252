using GatewayOps.ControlPlane.Reconciliation.Contests;
using GatewayOps.ControlPlane.Reconciliation.Controls;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>One aspect of a gateway's state. `Status` is True, False or Unknown; `Reason` is one word for machines, `Message` a sentence for people.</summary>
public sealed record Condition(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransitionTime)
{
    public const string Ready = nameof(Ready);
    public const string Synced = nameof(Synced);
    public const string Drifted = nameof(Drifted);

    // These say what holds now, not what a pass found: nobody has to wait for one to see them.
    public const string OwnershipConflict = nameof(OwnershipConflict);
    public const string Observed = nameof(Observed);
    public const string Paused = nameof(Paused);
}

/// <summary>What a pass came to know, from which the conditions follow.</summary>
public sealed record PassFacts
{
    /// <summary>What was to be done, or reported, when the pass looked first; null when it could not look.</summary>
    public Plan? Found { get; init; }

    /// <summary>What is left after the pass, as far as it could look; null when it could not look at all.</summary>
    public Plan? Remaining { get; init; }

    /// <summary>The same revisions had been applied before: whatever was found has moved since.</summary>
    public bool WasApplied { get; init; }

    /// <summary>Reason and message of what went wrong; null when nothing did.</summary>
    public (string Reason, string Message)? Fault { get; init; }

    /// <summary>Why the pass left alone what it could have put right; null when it did not.</summary>
    public Withheld? Withheld { get; init; }

    /// <summary>The pass has not ended: whether the gateway is ready is not known anew.</summary>
    public bool IsUnderWay { get; init; }

    /// <summary>Subjects whose differences nobody wants to hear of.</summary>
    public IReadOnlySet<string> Ignored { get; init; } = new HashSet<string>();

    /// <summary>Whether the difference counts as drift.</summary>
    public bool Counts(Change change) => !Ignored.Contains(change.Subject);
}

/// <summary>The conditions of a gateway after a pass. Pure.</summary>
public static class Conditions
{
    public static IReadOnlyList<Condition> Of(PassFacts facts, IReadOnlyList<Condition> previous, DateTimeOffset now) =>
        [.. new[] { facts.IsUnderWay && Find(previous, Condition.Ready) is { } ready ? ready : Ready(facts), Synced(facts), Drifted(facts) }.Select(next => Timed(next, previous, now))];

    private static Condition Ready(PassFacts facts) => facts switch
    {
        { Fault: var (reason, message) } => New(Condition.Ready, "False", reason, message),
        _ => New(Condition.Ready, "True", "Reconciled", "the last pass ended without an error"),
    };

    private static Condition Synced(PassFacts facts) => facts.Remaining switch
    {
        null => New(Condition.Synced, "Unknown", "NotObserved", "Cloudflare could not be read"),
        { Exists: false } => New(Condition.Synced, "False", "GatewayNotFound", "there is no gateway to compare with"),
        { IsEmpty: false } plan when facts.Withheld is { } why => New(Condition.Synced, "False", why.ToString(), $"{plan.Actions.Count()} changes are not made: {Release(plan.Gateway, why)}"),
        { IsEmpty: true } plan => New(Condition.Synced, "True", "InSync", $"everything that GatewayOps may write is as {plan.Revision} says"),
        var plan => New(Condition.Synced, "False", "ChangesPending", $"{plan.Actions.Count()} changes are still to be made"),
    };

    private static Condition Drifted(PassFacts facts) => facts switch
    {
        { Found: null } => New(Condition.Drifted, "Unknown", "NotObserved", "Cloudflare could not be read"),
        { Found.Exists: false } => New(Condition.Drifted, "Unknown", "GatewayNotFound", "there is no gateway to compare with"),
        { Remaining: { IsEmpty: true } left } when left.Changes.Count(facts.Counts) is > 0 and var count => New(Condition.Drifted, "True", "ReportedOnly", $"{count} differences belong to another owner or need a person"),
        { WasApplied: false } => New(Condition.Drifted, "False", "NotAppliedBefore", "these revisions had not been applied yet"),
        { Found.IsEmpty: true } => New(Condition.Drifted, "False", "NoDrift", "nothing moved since the last apply"),
        { Remaining.IsEmpty: true, Found: var found } => New(Condition.Drifted, "False", "Repaired", $"{found.Actions.Count()} changes were found and put right"),
        { Found: var found } => New(Condition.Drifted, "True", "Changed", $"{found.Actions.Count()} changes made elsewhere were found"),
    };

    /// <summary>What holds of a gateway whatever the last pass found. <paramref name="drift"/>: the differences that it left.</summary>
    public static IReadOnlyList<Condition> Standing(GatewayControl control, IReadOnlyList<Contest> contests, IReadOnlyList<Change> drift, DateTimeOffset? observedAt)
    {
        var since = control.UpdatedAt ?? observedAt ?? default;
        var fought = contests.Where(contest => contest.Since is not null).OrderBy(contest => contest.Subject, StringComparer.Ordinal).ToList();
        return
        [
            fought.Count == 0
                ? New(Condition.OwnershipConflict, "False", "NoConflict", "nobody else keeps writing what GatewayOps writes") with { LastTransitionTime = since }
                : New(Condition.OwnershipConflict, "True", "Contested", $"{string.Join("; ", fought.Select(contest => Told(contest, drift)))}: agree on one owner, then `gatewayops gateway resume {control.Gateway}`")
                    with { LastTransitionTime = fought.Min(contest => contest.Since!.Value) },
            control.Mode == ReconcileMode.Observe
                ? New(Condition.Observed, "True", "ObserveMode", $"differences are shown and not put right: {Release(control.Gateway, Withheld.Observed)}") with { LastTransitionTime = since }
                : New(Condition.Observed, "False", "EnforceMode", "differences are put right") with { LastTransitionTime = since },
            control.Paused is { } pause
                ? New(Condition.Paused, "True", "PausedByOperator", $"paused by {pause.By}{(pause.Reason is { } reason ? $": {reason}" : "")}; {Release(control.Gateway, Withheld.Paused)}") with { LastTransitionTime = pause.At }
                : New(Condition.Paused, "False", "NotPaused", "it may be written") with { LastTransitionTime = since },
        ];
    }

    private static string Release(string gateway, Withheld why) => why == Withheld.Paused
        ? $"`gatewayops gateway resume {gateway}` lets them"
        : $"`gatewayops gateway control {gateway} --mode enforce`, or `gatewayops content execute`, makes them";

    private static string Told(Contest contest, IReadOnlyList<Change> drift)
    {
        var ours = drift.FirstOrDefault(change => change.Subject == contest.Subject)?.To;
        return $"{contest.Subject} was put right {contest.Flips - 1} times and moved again, to {Shown(contest.Theirs)}{(ours is null ? "" : $" instead of {Shown(ours)}")}";
    }

    // A graph or a policy is too long for a sentence; `gateway drift` shows it.
    private static string Shown(FieldValue? value) => value is null ? "nothing" : value.Value.Json is { Length: > 80 } text ? text[..80] + "…" : value.Value.Json;

    private static Condition New(string type, string status, string reason, string message) => new(type, status, reason, message, default);

    private static Condition Timed(Condition next, IReadOnlyList<Condition> previous, DateTimeOffset now)
    {
        var before = Find(previous, next.Type);
        return next with { LastTransitionTime = before?.Status == next.Status ? before.LastTransitionTime : now };
    }

    private static Condition? Find(IReadOnlyList<Condition> conditions, string type) => conditions.FirstOrDefault(condition => condition.Type == type);
}
