namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Policies, by name. Cloudflare tells them apart by id alone, so that several may have one name: ours, or else the first, is the one that is meant.</summary>
internal static class PolicyChanges
{
    public static IEnumerable<Change> Wanted(DesiredState desired, ObservedState observed, Inventory inventory)
    {
        foreach (var policy in desired.Policies.OrderBy(policy => policy.Name, StringComparer.Ordinal))
        {
            var wanted = PolicyFields.Of(policy);
            var named = Named(policy.Name, observed, inventory);
            if (named.Count == 0)
            {
                yield return Make.Create(ObjectKind.Policy, policy.Name, $"declared by {desired.Revision}", wanted);
            }
            else
            {
                var ours = inventory.Owns(ObjectKind.Policy, policy.Name, named[0].Id);
                foreach (var difference in FieldDifference.Between(named[0].Fields, wanted))
                {
                    yield return Make.Update(ObjectKind.Policy, policy.Name, desired.Revision, ours, difference);
                }
            }

            foreach (var other in named.Skip(1))
            {
                yield return new Change(ChangeOp.Report, ObjectKind.Policy, policy.Name, $"another policy of this name, {other.Id}, was made elsewhere and is in force as well: delete it there");
            }
        }

        foreach (var draft in observed.Policies.Where(policy => policy.IsDraft).OrderBy(policy => policy.Name, StringComparer.Ordinal).ThenBy(policy => policy.Id, StringComparer.Ordinal))
        {
            yield return new Change(ChangeOp.Report, ObjectKind.Policy, draft.Name, $"a draft, {draft.Id}, was made elsewhere and is not in force: commit or delete it there");
        }
    }

    /// <summary>Those in force of that name; the first is the one that is meant.</summary>
    public static IReadOnlyList<ObservedPolicy> Named(string name, ObservedState observed, Inventory inventory) =>
        [.. observed.Policies.Where(policy => policy.Name == name && !policy.IsDraft).OrderByDescending(policy => inventory.Owns(ObjectKind.Policy, name, policy.Id)).ThenBy(policy => policy.Id, StringComparer.Ordinal)];

    public static IEnumerable<Change> Surplus(DesiredState desired, ObservedState observed, Inventory inventory)
    {
        var declared = desired.Policies.Select(policy => policy.Name).ToHashSet();
        return observed.Policies
            .Where(policy => !policy.IsDraft && inventory.Owns(ObjectKind.Policy, policy.Name, policy.Id) && !declared.Contains(policy.Name))
            .OrderByDescending(policy => policy.Name, StringComparer.Ordinal)
            .Select(policy => Make.Delete(ObjectKind.Policy, policy.Name, policy.Fields, desired.Prune));
    }
}
