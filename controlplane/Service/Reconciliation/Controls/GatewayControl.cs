using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Controls;

/// <summary>What a pass does with a difference that it finds.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ReconcileMode>))]
public enum ReconcileMode
{
    /// <summary>Put it right.</summary>
    Enforce,

    /// <summary>Show it. Only what an operator asks for by name is written: an execute, a rollback, a key.</summary>
    Observe,
}

/// <summary>That nothing is written to a gateway, by anybody, until it is resumed.</summary>
public sealed record Pause(DateTimeOffset At, string By, string? Reason);

/// <summary>How an operator wants a gateway to be reconciled. <paramref name="Version"/> is 0 where nobody ever said anything, else the version of what is stored.</summary>
public sealed record GatewayControl(string Gateway, ReconcileMode Mode, IReadOnlyList<string> Ignored, Pause? Paused, int Version, DateTimeOffset? UpdatedAt)
{
    /// <summary>
    /// Of a plan, what a pass that was begun by <paramref name="trigger"/> may write: all of it, nothing, or the part that an operator asked for by name.
    /// Pure; the reason is null where all of it may be written.
    /// </summary>
    public (Plan Plan, Withheld? Withheld) Allow(Plan plan, string trigger) => (Paused, Mode, trigger) switch
    {
        ({ }, _, _) => (plan with { Changes = [] }, Withheld.Paused),
        (_, ReconcileMode.Enforce, _) or (_, _, RunTrigger.Execute or RunTrigger.Rollback) => (plan, null),
        (_, _, RunTrigger.Keys) => (plan with { Changes = [.. plan.Changes.Where(IsOfKeys)] }, Withheld.Observed),
        _ => (plan with { Changes = [] }, Withheld.Observed),
    };

    private static bool IsOfKeys(Change change) =>
        change.Kind is ObjectKind.SecretStore or ObjectKind.Secret or ObjectKind.ProviderConfig || change is { Kind: ObjectKind.Gateway, Field: "store_id" };
}

/// <summary>Why a pass left alone what it could have put right.</summary>
public enum Withheld
{
    Observed,
    Paused,
}

/// <summary>Nothing is written to this gateway until somebody resumes it.</summary>
public sealed class GatewayPausedException(GatewayControl control)
    : Exception($"Gateway {control.Gateway} is paused by {control.Paused!.By} since {control.Paused.At:u}{(control.Paused.Reason is { } reason ? $" ({reason})" : "")}: "
        + $"`gatewayops gateway resume {control.Gateway}` first");
