using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Changes of whole objects, said the same way for each kind.</summary>
internal static class Make
{
    public static Change Create(ObjectKind kind, string key, string reason, IReadOnlyDictionary<string, FieldValue> wanted) =>
        new(ChangeOp.Create, kind, key, reason, To: Whole(wanted), Owner: FieldOwner.ControlPlane);

    public static Change Update(ObjectKind kind, string key, string by, bool ours, FieldDifference difference) => new(
        ChangeOp.Update, kind, key, ours ? $"set by {by}" : $"set by {by}; made elsewhere, taken over", difference.Field, difference.From, difference.To, FieldOwner.ControlPlane);

    public static Change Delete(ObjectKind kind, string key, IReadOnlyDictionary<string, FieldValue> live, bool prune) => prune
        ? new(ChangeOp.Delete, kind, key, "made by GatewayOps and no longer declared", From: Whole(live), Owner: FieldOwner.ControlPlane)
        : new(ChangeOp.Report, kind, key, "made by GatewayOps and no longer declared: execute with --prune to delete it", From: Whole(live), Owner: FieldOwner.ControlPlane);

    private static FieldValue Whole(IReadOnlyDictionary<string, FieldValue> fields) => new(CanonicalJson.Of(fields));
}
