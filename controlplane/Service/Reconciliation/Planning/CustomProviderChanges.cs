namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Custom providers: of the account, by slug. Planned with the gateways that declare them; gone only when no gateway does.</summary>
internal static class CustomProviderChanges
{
    public static IEnumerable<Change> Wanted(DesiredState desired, ObservedState observed, Inventory inventory)
    {
        foreach (var entry in desired.CustomProviders.OrderBy(entry => entry.Slug, StringComparer.Ordinal))
        {
            var wanted = CustomProviderFields.Of(entry);
            if (observed.CustomProviders.FirstOrDefault(provider => provider.Slug == entry.Slug) is not { } live)
            {
                yield return Make.Create(ObjectKind.CustomProvider, entry.Slug, $"declared by {desired.Revision}", wanted);
                continue;
            }

            // What the rule set does not say is not compared: it may be anybody's.
            var spoken = live.Fields.Where(field => wanted.ContainsKey(field.Key)).ToDictionary();
            var ours = inventory.Owns(ObjectKind.CustomProvider, live.Slug, live.Id);
            foreach (var difference in FieldDifference.Between(spoken, wanted))
            {
                yield return Make.Update(ObjectKind.CustomProvider, entry.Slug, desired.Revision, ours, difference);
            }
        }
    }

    /// <param name="desired">What is declared, here and elsewhere.</param>
    /// <param name="observed">What is there.</param>
    /// <param name="inventory">What we made.</param>
    /// <param name="surplusRoutes">The plan's removals of routes: a route that stays keeps its custom provider.</param>
    public static IEnumerable<Change> Surplus(DesiredState desired, ObservedState observed, Inventory inventory, IReadOnlyCollection<Change> surplusRoutes)
    {
        var declared = desired.CustomProviders.Select(entry => entry.Slug).Concat(desired.DeclaredElsewhere).ToHashSet();
        var surplus = observed.CustomProviders
            .Where(provider => inventory.Owns(ObjectKind.CustomProvider, provider.Slug, provider.Id) && !declared.Contains(provider.Slug))
            .OrderByDescending(provider => provider.Slug, StringComparer.Ordinal)
            .ToList();
        if (surplus.Count == 0)
        {
            yield break;
        }

        var going = surplusRoutes.Where(change => change.Op == ChangeOp.Delete).Select(change => change.Key).ToHashSet();
        var users = observed.Routes.Where(route => !going.Contains(route.Name) && desired.Routes.All(wanted => wanted.Name != route.Name)).Select(route => (route.Name, Calls: RouteElements.CustomProviders(route.Elements)))
            .Concat(desired.Routes.Select(route => (route.Name, Calls: RouteElements.CustomProviders(route.Elements))))
            .OrderBy(route => route.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var provider in surplus)
        {
            var user = users.Where(route => route.Calls.Contains(provider.Slug)).Select(route => route.Name).FirstOrDefault();
            yield return user is null
                ? Make.Delete(ObjectKind.CustomProvider, provider.Slug, provider.Fields, desired.PruneAccount)
                : new Change(ChangeOp.Report, ObjectKind.CustomProvider, provider.Slug, $"no longer declared, but route {user} of {desired.Gateway} still calls it");
        }
    }
}
