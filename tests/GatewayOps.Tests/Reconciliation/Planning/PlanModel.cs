using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>What applying a plan does to the world, said as a pure function: the model against which the planner's properties are checked.</summary>
internal static class PlanModel
{
    public static (ObservedState Observed, Inventory Inventory) Apply(Plan plan, ObservedState observed, Inventory inventory)
    {
        var items = inventory.Items.ToHashSet();
        foreach (var change in plan.Actions)
        {
            observed = Apply(change, observed, items);
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
}
