using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>What applying a plan does to the world, said as a pure function: the model against which the planner's properties are checked.</summary>
internal static class PlanModel
{
    public static (ObservedState Observed, Inventory Inventory) Apply(Plan plan, DesiredState desired, ObservedState observed, Inventory inventory)
    {
        var items = inventory.Items.ToHashSet();
        foreach (var change in plan.Actions)
        {
            observed = change.Kind switch
            {
                ObjectKind.Route => Route(change, desired, observed, items),
                ObjectKind.Policy => Policy(change, desired, observed, items),
                ObjectKind.CustomProvider => CustomProvider(change, desired, observed, items),
                _ => Apply(change, observed, items),
            };
        }

        return (observed, new Inventory(items));
    }

    private static ObservedState Apply(Change change, ObservedState observed, HashSet<InventoryItem> items)
    {
        switch (change.Kind, change.Op)
        {
            case (ObjectKind.SecretStore, ChangeOp.Create):
                return observed with { Stores = [.. observed.Stores, new ObservedStore("new-store", change.Key)] };
            case (ObjectKind.Gateway, ChangeOp.Update):
                var to = change.To == FieldValue.NewStoreId ? FieldValue.Text(observed.Stores.Single().Id) : change.To!.Value;
                return observed with { Fields = observed.Fields!.Append(new(change.Field!, to)).GroupBy(field => field.Key).ToDictionary(group => group.Key, group => group.Last().Value) };
            case (ObjectKind.ProviderConfig, ChangeOp.Create):
            case (ObjectKind.ProviderConfig, ChangeOp.Update):
                var (provider, alias) = (change.Key.Split('/')[0], change.Key.Split('/')[1]);
                items.RemoveWhere(item => item.Kind == change.Kind && item.Key == change.Key);
                items.Add(new InventoryItem(change.Kind, change.Key, $"new-{change.Key}"));
                return observed with
                {
                    ProviderConfigs =
                    [
                        .. observed.ProviderConfigs.Where(config => config.Key != change.Key),
                        new ObservedProviderConfig($"new-{change.Key}", provider, alias, alias == DeclaredKey.DefaultAlias, change.To!.Value.ToNode()!.GetValue<string>()),
                    ],
                };
            case (ObjectKind.ProviderConfig, ChangeOp.Delete):
                return observed with { ProviderConfigs = [.. observed.ProviderConfigs.Where(config => config.Key != change.Key)] };
            case (ObjectKind.Secret, ChangeOp.Delete):
                return observed with { Secrets = [.. observed.Secrets.Where(secret => secret.Name != change.Key)] };
            default:
                throw new InvalidOperationException($"No plan holds {change.Op} of {change.Kind}.");
        }
    }

    // Whole objects: the first change of an object brings all of it, and what is there besides stays.
    private static ObservedState Route(Change change, DesiredState desired, ObservedState observed, HashSet<InventoryItem> items)
    {
        var live = observed.Routes.FirstOrDefault(route => route.Name == change.Key);
        var others = observed.Routes.Where(route => route != live).ToList();
        if (change.Op == ChangeOp.Delete)
        {
            Forget(change, items);
            return observed with { Routes = others };
        }

        var wanted = desired.Routes.Single(route => route.Name == change.Key).Elements;
        var made = new ObservedRoute(live?.Id ?? $"new-{change.Key}", change.Key, "new", RouteElements.Of(RouteElements.Merged(live?.Elements ?? RouteElements.Of(null), wanted)));
        Keep(change, made.Id, items);
        return observed with { Routes = [.. others, made] };
    }

    private static ObservedState Policy(Change change, DesiredState desired, ObservedState observed, HashSet<InventoryItem> items)
    {
        var live = observed.Policies.Where(policy => policy.Name == change.Key && !policy.IsDraft)
            .OrderByDescending(policy => items.Contains(new InventoryItem(change.Kind, policy.Name, policy.Id))).ThenBy(policy => policy.Id, StringComparer.Ordinal).FirstOrDefault();
        var others = observed.Policies.Where(policy => policy != live).ToList();
        if (change.Op == ChangeOp.Delete)
        {
            Forget(change, items);
            return observed with { Policies = others };
        }

        var made = new ObservedPolicy(live?.Id ?? $"new-{change.Key}", change.Key, PolicyFields.Of(desired.Policies.Single(policy => policy.Name == change.Key)), IsDraft: false);
        Keep(change, made.Id, items);
        return observed with { Policies = [.. others, made] };
    }

    private static ObservedState CustomProvider(Change change, DesiredState desired, ObservedState observed, HashSet<InventoryItem> items)
    {
        var live = observed.CustomProviders.FirstOrDefault(provider => provider.Slug == change.Key);
        var others = observed.CustomProviders.Where(provider => provider != live).ToList();
        if (change.Op == ChangeOp.Delete)
        {
            Forget(change, items);
            return observed with { CustomProviders = others };
        }

        var said = change.Op == ChangeOp.Create ? CustomProviderFields.Of(desired.CustomProviders.Single(entry => entry.Slug == change.Key)) : new Dictionary<string, FieldValue> { [change.Field!] = change.To!.Value };
        var fields = new Dictionary<string, FieldValue>(live?.Fields ?? new Dictionary<string, FieldValue>());
        foreach (var (name, value) in said)
        {
            fields[name] = value;
        }

        var made = new ObservedCustomProvider(live?.Id ?? $"new-{change.Key}", change.Key, fields);
        Keep(change, made.Id, items);
        return observed with { CustomProviders = [.. others, made] };
    }

    private static void Keep(Change change, string id, HashSet<InventoryItem> items)
    {
        Forget(change, items);
        items.Add(new InventoryItem(change.Kind, change.Key, id));
    }

    private static void Forget(Change change, HashSet<InventoryItem> items) => items.RemoveWhere(item => item.Kind == change.Kind && item.Key == change.Key);
}
