using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Reconciliation.Contests;

/// <summary>
/// How often in a row a subject was put right and found moved again by somebody else. <paramref name="Theirs"/> is the value that was found last, as canonical JSON;
/// <paramref name="Since"/> is set while the subject is left alone because of the fight.
/// </summary>
public sealed record Contest(string Subject, FieldValue? Theirs, int Flips, DateTimeOffset LastAt, DateTimeOffset? Since)
{
    /// <summary>A subject that was put right this often less one, and is found moved again, is fought over. Source: product contract, section 7a.</summary>
    public const int Most = 3;

    /// <summary>A move that comes later than this after the repair before it begins a new count.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(24);

    public static Contest Of(ContestRow row) => new(row.Subject, row.Theirs is { } theirs ? new FieldValue(theirs) : null, row.Flips, row.LastAt, row.PausedAt);
}

/// <summary>When a difference is no drift to put right but a fight to leave to people. Pure.</summary>
public static class ContestRules
{
    /// <summary>Whether a subject that is found moved is to be left alone from now on. <paramref name="before"/> null: it was never put right.</summary>
    public static bool IsFight(Contest? before, DateTimeOffset now) =>
        before is { Since: null, Flips: >= Contest.Most - 1 } && now - before.LastAt <= Contest.Window;

    /// <summary>The count after the subject was put right once more.</summary>
    public static int FlipsAfter(Contest? before, DateTimeOffset now) => before is not null && now - before.LastAt <= Contest.Window ? before.Flips + 1 : 1;
}
