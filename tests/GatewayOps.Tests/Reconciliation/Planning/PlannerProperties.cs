using FsCheck;
using FsCheck.Fluent;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>What must hold for any gateway: over fields, stores, secrets and configurations of ours and of others.</summary>
public sealed class PlannerProperties
{
    [Fact]
    public void Diff_AfterApply_HasNothingLeftToDo() => Prop.ForAll(Worlds(), world =>
    {
        var plan = Planner.Diff(world.Desired, world.Observed, world.Inventory);
        var (observed, inventory) = PlanModel.Apply(plan, world.Observed, world.Inventory);
        return Planner.Diff(world.Desired, observed, inventory).IsEmpty.Label(PlanText.Of(plan));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_OrderOfInputs_DoesNotMatter() => Prop.ForAll(Worlds(), world =>
    {
        var reversed = world with
        {
            Desired = world.Desired with { Keys = [.. world.Desired.Keys.Reverse()], Fields = world.Desired.Fields.Reverse().ToDictionary() },
            Observed = world.Observed with
            {
                Secrets = [.. world.Observed.Secrets.Reverse()],
                ProviderConfigs = [.. world.Observed.ProviderConfigs.Reverse()],
            },
        };
        return Planner.Diff(world.Desired, world.Observed, world.Inventory).Hash == Planner.Diff(reversed.Desired, reversed.Observed, reversed.Inventory).Hash;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_Deletions_AreOnlyOfWhatWeMade() => Prop.ForAll(Worlds(), world =>
        Planner.Diff(world.Desired, world.Observed, world.Inventory).Changes
            .Where(change => change.Op == ChangeOp.Delete || (change.Op == ChangeOp.Update && change.Kind == ObjectKind.ProviderConfig))
            .All(change => world.Inventory.Owns(change.Kind, change.Key, IdOf(change, world.Observed)))).QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_FieldsNotSetByTheRuleSet_AreNeverTouched() => Prop.ForAll(Worlds(), world =>
        Planner.Diff(world.Desired, world.Observed, world.Inventory).Actions
            .Where(change => change.Kind == ObjectKind.Gateway)
            .All(change => change.Field == "store_id" || world.Desired.Fields.ContainsKey(change.Field!))).QuickCheckThrowOnFailure();

    private static string IdOf(Change change, ObservedState observed) => change.Kind == ObjectKind.Secret
        ? observed.Secrets.Single(secret => secret.Name == change.Key).Id
        : observed.ProviderConfigs.Single(config => config.Key == change.Key).Id;

    private sealed record World(DesiredState Desired, ObservedState Observed, Inventory Inventory);

    /// <summary>What may be true of one key slot: declared, its secret there, active, scoped, ours; its configuration there, ours, pointing elsewhere.</summary>
    private sealed record Slot(bool Declared, bool Secret, bool Active, bool Scoped, bool SecretOurs, bool Config, bool ConfigOurs, bool PointsElsewhere, bool OtherDefault);

    private static Arbitrary<World> Worlds()
    {
        var flag = Gen.Elements(true, false);
        var slots = (from f in flag.ListOf(9) select new Slot(f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8])).ArrayOf(4);
        var value = Gen.Elements("null", "0", "60", "300", "300.0");
        var fields = from ttl in value
                     from limit in value
                     from collect in Gen.Elements("true", "false", "null")
                     from auth in Gen.Elements("true", "false")
                     select $$"""{"cache_ttl":{{ttl}},"rate_limiting_limit":{{limit}},"collect_logs":{{collect}},"authentication":{{auth}}""";
        var generator =
            from wanted in fields
            from live in fields
            from keys in slots
            from store in flag
            from link in Gen.Elements("null", "\"\"", $"\"{StoreId}\"", "\"gone\"")
            select WorldOf(wanted + "}", live + $",\"store_id\":{link}}}", keys, store);
        return generator.ToArbitrary();
    }

    private static World WorldOf(string wanted, string live, Slot[] slots, bool store)
    {
        var keys = new[] { Key("openai"), Key("openai", "team-a"), Key("anthropic"), Key("groq", "b") };
        var observed = Observed(live);
        observed = store ? observed.WithStore() : observed;
        var ours = new List<InventoryItem>();
        foreach (var (slot, key) in slots.Zip(keys))
        {
            // Secrets live in a store; without one there are none.
            if (slot.Secret && store)
            {
                observed = observed.WithSecret(key, active: slot.Active, forGateways: slot.Scoped);
                ours.AddRange(slot.SecretOurs ? [new InventoryItem(ObjectKind.Secret, key.SecretName, $"s-{key.Provider}-{key.Alias}")] : []);
            }

            if (slot.Config)
            {
                observed = observed.WithConfig(key, secretId: slot.PointsElsewhere ? "elsewhere" : null, isDefault: slot.OtherDefault ^ key.IsDefault);
                ours.AddRange(slot.ConfigOurs ? [new InventoryItem(ObjectKind.ProviderConfig, key.ConfigKey, $"c-{key.Provider}-{key.Alias}")] : []);
            }
        }

        return new World(Desired(wanted, [.. slots.Zip(keys).Where(pair => pair.First.Declared).Select(pair => pair.Second)]), observed, new Inventory(ours));
    }
}
