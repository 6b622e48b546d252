using System.Text.Json.Nodes;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>One leaf at which two objects differ; <paramref name="Field"/> is its path (`action/amount`), null is absent.</summary>
public readonly record struct FieldDifference(string Field, FieldValue? From, FieldValue? To)
{
    /// <summary>By path. A member that only one side has is one leaf, whatever is in it.</summary>
    public static IEnumerable<FieldDifference> Between(IReadOnlyDictionary<string, FieldValue> from, IReadOnlyDictionary<string, FieldValue> to, string prefix = "")
    {
        foreach (var name in from.Keys.Union(to.Keys).Order(StringComparer.Ordinal))
        {
            FieldValue? before = from.TryGetValue(name, out var f) ? f : null;
            FieldValue? after = to.TryGetValue(name, out var t) ? t : null;
            if (before == after)
            {
                continue;
            }

            if (before?.ToNode() is JsonObject one && after?.ToNode() is JsonObject other)
            {
                foreach (var below in Between(Members(one), Members(other), $"{prefix}{name}/"))
                {
                    yield return below;
                }
            }
            else
            {
                yield return new FieldDifference(prefix + name, before, after);
            }
        }
    }

    private static Dictionary<string, FieldValue> Members(JsonObject value) => value.ToDictionary(member => member.Key, member => new FieldValue(CanonicalJson.Of(member.Value)));
}
