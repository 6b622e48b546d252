using System.Text.Json.Serialization;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>
/// Deletions that are too many to be meant: <paramref name="Deletes"/> of the <paramref name="Made"/> routes, policies and custom providers that are ours to look after: these, and those that
/// are declared. <paramref name="NothingDeclared"/>: the active rule sets say nothing at all any more.
/// </summary>
public sealed record MassDelete(int Deletes, int Made, bool NothingDeclared)
{
    private static readonly HashSet<ObjectKind> Counted = [ObjectKind.Route, ObjectKind.Policy, ObjectKind.CustomProvider];

    // Two of three objects may go without a question: a small set shrinks by half at any edit.
    private const int Least = 3;

    /// <summary>What happened, for a person.</summary>
    [JsonIgnore]
    public string Message => NothingDeclared
        ? $"nothing is declared any more, and {Deletes} routes, policies and custom providers made by GatewayOps would be deleted"
        : $"{Deletes} of the {Made} routes, policies and custom providers that GatewayOps looks after would be deleted at once";

    internal static bool Counts(ObjectKind kind) => Counted.Contains(kind);

    /// <summary>Too many: more than half and at least three, or any where nothing is declared any more. Null when they are not. What the same plan makes counts as kept, so that no later pass finds fewer.</summary>
    public static MassDelete? Of(DesiredState desired, IEnumerable<Change> changes)
    {
        var deletes = changes.Count(change => change.Op == ChangeOp.Delete && Counts(change.Kind));
        var made = deletes + desired.Routes.Count + desired.Policies.Count + desired.CustomProviders.Count;
        return (deletes >= Least && deletes * 2 > made) || (deletes > 0 && desired.IsEmpty) ? new MassDelete(deletes, made, desired.IsEmpty) : null;
    }
}
