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
        var (observed, inventory) = PlanModel.Apply(plan, world.Desired, world.Observed, world.Inventory);
        return Planner.Diff(world.Desired, observed, inventory).IsEmpty.Label(PlanText.Of(plan));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_OrderOfInputs_DoesNotMatter() => Prop.ForAll(Worlds(), world =>
    {
        var reversed = world with
        {
            Desired = world.Desired with { Keys = [.. world.Desired.Keys.Reverse()], Fields = world.Desired.Fields.Reverse().ToDictionary(), Routes = [.. world.Desired.Routes.Reverse()], Policies = [.. world.Desired.Policies.Reverse()], CustomProviders = [.. world.Desired.CustomProviders.Reverse()] },
            Observed = world.Observed with
            {
                Secrets = [.. world.Observed.Secrets.Reverse()],
                ProviderConfigs = [.. world.Observed.ProviderConfigs.Reverse()],
                Routes = [.. world.Observed.Routes.Reverse()],
                Policies = [.. world.Observed.Policies.Reverse()],
                CustomProviders = [.. world.Observed.CustomProviders.Reverse()],
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

    [Fact]
    public void Diff_IgnoredOrContested_IsNeverAnAction() => Prop.ForAll(Worlds(), world =>
        Planner.Diff(world.Desired, world.Observed, world.Inventory).Actions.All(change => !world.Desired.Ignored.Contains(change.Subject) && !world.Desired.Contested.Contains(change.Subject)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_WithoutPrune_DeletesNoRouteNoPolicyNoCustomProvider() => Prop.ForAll(Worlds(), world =>
        Planner.Diff(world.Desired with { Prune = false, PruneAccount = false }, world.Observed, world.Inventory).Actions.All(change => change.Op != ChangeOp.Delete || change.Kind is ObjectKind.ProviderConfig or ObjectKind.Secret))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Diff_EverySubject_SaysWhyAndOfWhat() => Prop.ForAll(Worlds(), world =>
        Planner.Diff(world.Desired, world.Observed, world.Inventory).Changes.All(change => change.Reason.Length > 0 && change.Key.Length > 0)).QuickCheckThrowOnFailure();

    private static string IdOf(Change change, ObservedState observed) => change.Kind switch
    {
        ObjectKind.Secret => observed.Secrets.Single(secret => secret.Name == change.Key).Id,
        ObjectKind.ProviderConfig => observed.ProviderConfigs.Single(config => config.Key == change.Key).Id,
        ObjectKind.Route => observed.Routes.Single(route => route.Name == change.Key).Id,
        ObjectKind.Policy => observed.Policies.Single(policy => policy.Name == change.Key && !policy.IsDraft).Id,
        _ => observed.CustomProviders.Single(provider => provider.Slug == change.Key).Id,
    };

    private sealed record World(DesiredState Desired, ObservedState Observed, Inventory Inventory);

    /// <summary>What may be true of one key slot: declared, its secret there, active, scoped, ours; its configuration there, ours, pointing elsewhere.</summary>
    private sealed record Slot(bool Declared, bool Secret, bool Active, bool Scoped, bool SecretOurs, bool Config, bool ConfigOurs, bool PointsElsewhere, bool OtherDefault);

    /// <summary>What may be true of one route, policy or custom provider: declared, and which way; there, and which way; ours; an operator's or a rival's to keep.</summary>
    private sealed record Thing(int Declared, int Live, bool Ours, bool Ignored, bool Contested);

    private static readonly string[] Graphs =
    [
        Graph(), Graph("gpt-4o"), Graph("llama", "custom-a"), Graph("llama", "custom-b", 5000),
        """[{"id":"start","type":"start","outputs":{"next":{"elementId":"l"}}},{"id":"l","type":"rate_limit","properties":{"key":"metadata.u","limit":5,"interval":60},"outputs":{"success":{"elementId":"end"}}},{"id":"end","type":"end","position":{"x":1}}]""",
        """[{"id":"start","type":"start","outputs":{"next":{"elementId":"l"}}},{"id":"l","type":"percentage","outputs":{"10%":{"elementId":"end"},"90%":{"elementId":"end"}}},{"id":"end","type":"end","outputs":{}}]""",
    ];

    private static readonly string[] Actions = ["""{"type":"no-limit"}""", """{"type":"block","except":true}""", """{"type":"limit","amount":5,"period":"daily"}""", """{"type":"limit","amount":5.5,"period":"weekly"}"""];

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
        var things =
            (from declared in Gen.Choose(0, Graphs.Length)
             from live in Gen.Choose(0, Graphs.Length)
             from ours in flag
             from ignored in Gen.Elements(false, false, false, true)
             from contested in Gen.Elements(false, false, false, true)
             select new Thing(declared, live, ours, ignored, contested)).ArrayOf(9);
        var generator =
            from wanted in fields
            from live in fields
            from keys in slots
            from store in flag
            from link in Gen.Elements("null", "\"\"", $"\"{StoreId}\"", "\"gone\"")
            from objects in things
            from prune in flag
            from most in flag
            let world = WorldOf(wanted + "}", live + $",\"store_id\":{link}}}", keys, store)
            select With(world with { Desired = prune ? world.Desired.Pruning(most) : world.Desired }, objects);
        return generator.ToArbitrary();
    }

    private static World With(World world, Thing[] things)
    {
        var (desired, observed, ours, ignored, contested) = (world.Desired, world.Observed, world.Inventory.Items.ToList(), new HashSet<string>(), new HashSet<string>());
        foreach (var (thing, index) in things.Select((thing, index) => (thing, index)))
        {
            var (kind, key) = ((ObjectKind[])[ObjectKind.Route, ObjectKind.Policy, ObjectKind.CustomProvider])[index % 3] is var found ? (found, ((string[])["a", "b", "c"])[index / 3]) : default;
            var subject = $"{(kind switch { ObjectKind.Route => "route", ObjectKind.Policy => "policy", _ => "custom_provider" })}/{key}";
            if (thing.Declared > 0)
            {
                desired = kind switch
                {
                    ObjectKind.Route => desired.WithRoute(key, Graphs[thing.Declared - 1]),
                    ObjectKind.Policy => desired.WithPolicy(key, Actions[(thing.Declared - 1) % Actions.Length], model: thing.Declared > 4 ? "gpt-*" : null),
                    _ => desired.WithCustomProvider(key, $"https://{thing.Declared}.example.com", thing.Declared > 3 ? "said" : null),
                };
            }

            if (thing.Live > 0)
            {
                var draft = kind == ObjectKind.Policy && thing.Live == Graphs.Length;
                observed = kind switch
                {
                    ObjectKind.Route => observed.WithLiveRoute(key, Graphs[thing.Live - 1]),
                    ObjectKind.Policy => observed.WithLivePolicy(key, $$"""{"actor":"*","resource":"*","action":{{Actions[(thing.Live - 1) % Actions.Length]}}}""", draft: draft),
                    _ => observed.WithLiveCustomProvider(key, $$"""{"name":"Provider {{key}}","base_url":"https://{{thing.Live}}.example.com/","enable":1,"description":"{{thing.Live}}"}"""),
                };
                ours.AddRange(thing.Ours && !draft ? [Made(kind, key)] : []);
            }

            ignored.UnionWith(thing.Ignored ? [subject] : []);
            contested.UnionWith(thing.Contested ? [subject] : []);
        }

        return new World(desired with { Ignored = ignored, Contested = contested }, observed, new Inventory(ours));
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
