namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>One aspect of a gateway's state. `Status` is True, False or Unknown; `Reason` is one word for machines, `Message` a sentence for people.</summary>
public sealed record Condition(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransitionTime)
{
    public const string Ready = nameof(Ready);
    public const string Synced = nameof(Synced);
    public const string Drifted = nameof(Drifted);
}

/// <summary>What a pass came to know, from which the conditions follow.</summary>
public sealed record PassFacts
{
    /// <summary>What was to be done, or reported, when the pass looked first; null when it could not look.</summary>
    public Planning.Plan? Found { get; init; }

    /// <summary>What is left after the pass, as far as it could look; null when it could not look at all.</summary>
    public Planning.Plan? Remaining { get; init; }

    /// <summary>The same revisions had been applied before: whatever was found has moved since.</summary>
    public bool WasApplied { get; init; }

    /// <summary>Reason and message of what went wrong; null when nothing did.</summary>
    public (string Reason, string Message)? Fault { get; init; }
}

/// <summary>The conditions of a gateway after a pass. Pure.</summary>
public static class Conditions
{
    public static IReadOnlyList<Condition> Of(PassFacts facts, IReadOnlyList<Condition> previous, DateTimeOffset now) =>
        [.. new[] { Ready(facts), Synced(facts), Drifted(facts) }.Select(next => Timed(next, previous, now))];

    private static Condition Ready(PassFacts facts) => facts switch
    {
        { Fault: var (reason, message) } => New(Condition.Ready, "False", reason, message),
        _ => New(Condition.Ready, "True", "Reconciled", "the last pass ended without an error"),
    };

    private static Condition Synced(PassFacts facts) => facts.Remaining switch
    {
        null => New(Condition.Synced, "Unknown", "NotObserved", "Cloudflare could not be read"),
        { Exists: false } => New(Condition.Synced, "False", "GatewayNotFound", "there is no gateway to compare with"),
        { IsEmpty: true } plan => New(Condition.Synced, "True", "InSync", $"everything that GatewayOps may write is as {plan.Revision} says"),
        var plan => New(Condition.Synced, "False", "ChangesPending", $"{plan.Actions.Count()} changes are still to be made"),
    };

    private static Condition Drifted(PassFacts facts) => facts switch
    {
        { Found: null } => New(Condition.Drifted, "Unknown", "NotObserved", "Cloudflare could not be read"),
        { Found.Exists: false } => New(Condition.Drifted, "Unknown", "GatewayNotFound", "there is no gateway to compare with"),
        { Remaining: { IsEmpty: true, Changes.Count: > 0 } left } => New(Condition.Drifted, "True", "ReportedOnly", $"{left.Changes.Count} differences belong to another owner or need a person"),
        { WasApplied: false } => New(Condition.Drifted, "False", "NotAppliedBefore", "these revisions had not been applied yet"),
        { Found.IsEmpty: true } => New(Condition.Drifted, "False", "NoDrift", "nothing moved since the last apply"),
        { Remaining.IsEmpty: true, Found: var found } => New(Condition.Drifted, "False", "Repaired", $"{found.Actions.Count()} changes were found and put right"),
        { Found: var found } => New(Condition.Drifted, "True", "Changed", $"{found.Actions.Count()} changes made elsewhere were found"),
    };

    private static Condition New(string type, string status, string reason, string message) => new(type, status, reason, message, default);

    private static Condition Timed(Condition next, IReadOnlyList<Condition> previous, DateTimeOffset now)
    {
        var before = previous.FirstOrDefault(condition => condition.Type == next.Type);
        return next with { LastTransitionTime = before?.Status == next.Status ? before.LastTransitionTime : now };
    }
}
