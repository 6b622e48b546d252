namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>Dynamic routes, by name. A changed graph is a new version that is deployed; the route, its id and its older versions stay.</summary>
internal static class RouteChanges
{
    public static IEnumerable<Change> Wanted(DesiredState desired, ObservedState observed, Inventory inventory, IReadOnlyCollection<Change> providers) =>
        desired.Routes.OrderBy(route => route.Name, StringComparer.Ordinal).SelectMany(route =>
        {
            var changes = Changes(route, observed, inventory).ToList();
            return changes.Count > 0 && Missing(route.Elements, observed, providers) is { } missing
                ? [new Change(ChangeOp.Report, ObjectKind.Route, route.Name, missing)]
                : changes;
        });

    public static IEnumerable<Change> Surplus(DesiredState desired, ObservedState observed, Inventory inventory)
    {
        var declared = desired.Routes.Select(route => route.Name).ToHashSet();
        return observed.Routes
            .Where(route => inventory.Owns(ObjectKind.Route, route.Name, route.Id) && !declared.Contains(route.Name))
            .OrderByDescending(route => route.Name, StringComparer.Ordinal)
            .Select(route => Make.Delete(ObjectKind.Route, route.Name, route.Elements, desired.Prune));
    }

    private static IEnumerable<Change> Changes(DesiredRoute route, ObservedState observed, Inventory inventory)
    {
        var (name, wanted) = (route.Name, route.Elements);
        if (observed.Routes.FirstOrDefault(seen => seen.Name == name) is not { } live)
        {
            return [Make.Create(ObjectKind.Route, name, $"declared by {route.Source}", wanted)];
        }

        if (RouteElements.Same(live.Elements, wanted))
        {
            return [];
        }

        var ours = inventory.Owns(ObjectKind.Route, name, live.Id);
        return FieldDifference.Between(RouteElements.SpokenOf(live.Elements, wanted), wanted, "elements/").Select(difference => Make.Update(ObjectKind.Route, name, route.Source.ToString(), ours, difference));
    }

    private static string? Missing(IReadOnlyDictionary<string, FieldValue> wanted, ObservedState observed, IReadOnlyCollection<Change> providers)
    {
        foreach (var slug in RouteElements.CustomProviders(wanted).Order(StringComparer.Ordinal))
        {
            var change = providers.FirstOrDefault(change => change.Key == slug);
            if (observed.CustomProviders.All(provider => provider.Slug != slug) && change is not { IsAction: true })
            {
                return change is null
                    ? $"waits: it calls custom-{slug}, which the account does not have and no active rule set of this gateway declares"
                    : $"waits for custom_provider {slug}, which is not made ({change.Reason})";
            }
        }

        return null;
    }
}
