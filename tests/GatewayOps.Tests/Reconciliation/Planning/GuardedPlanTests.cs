using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>What keeps a plan from writing: ignore lists, fights, and deletions that are too many to be meant.</summary>
public sealed class GuardedPlanTests
{
    [Fact]
    public void Diff_EveryKindAtOnce_IsInTheOrderOfNeed() => GoldenPlan.Matches("mixed", Planner.Diff(
        (Desired("""{"cache_ttl":300,"authentication":true}""", Key("openai")).WithRoute("own", Graph("llama", "custom-own")).WithPolicy("everybody").WithCustomProvider("own") with
        {
            Ignored = new HashSet<string> { "policy/everybody" },
            Contested = new HashSet<string> { "cache_ttl" },
        }).Pruning(),
        Observed().WithStore().WithSecret(Key("openai")).WithSecret(Key("groq")).WithConfig(Key("groq")).WithLiveRoute("old", Graph()).WithLivePolicy("old", """{"actor":"*","resource":"*","action":{"type":"block"}}""").WithLiveCustomProvider("old", """{"name":"x","base_url":"https://x.example.com","enable":true}"""),
        Ours(
            Made(ObjectKind.Route, "old"), Made(ObjectKind.Policy, "old"), Made(ObjectKind.CustomProvider, "old"), Made(ObjectKind.Route, "own"), Made(ObjectKind.Route, "more"), Made(ObjectKind.Route, "most"),
            new(ObjectKind.Secret, "prod_groq_default", "s-groq-default"), new(ObjectKind.ProviderConfig, "groq/default", "c-groq-default"))), json: true);

    [Theory]
    [InlineData("cache_ttl")]
    [InlineData("route/chat")]
    [InlineData("policy/everybody")]
    [InlineData("custom_provider/own")]
    [InlineData("provider_config/openai/default")]
    [InlineData("store_id")]
    public void Diff_SubjectIsIgnoredOrContested_IsAReportAndTheRestGoesOn(string subject)
    {
        var desired = Desired("""{"cache_ttl":300}""", Key("openai")).WithRoute("chat", Graph()).WithPolicy("everybody").WithCustomProvider("own");
        var observed = Observed().WithStore().WithSecret(Key("openai"));
        var free = Planner.Diff(desired, observed, Inventory.Empty);

        var ignored = Planner.Diff(desired with { Ignored = new HashSet<string> { subject } }, observed, Inventory.Empty);
        var contested = Planner.Diff(desired with { Contested = new HashSet<string> { subject } }, observed, Inventory.Empty);

        Assert.Contains(free.Actions, change => change.Subject == subject);
        Assert.DoesNotContain(ignored.Actions.Concat(contested.Actions), change => change.Subject == subject);
        Assert.StartsWith("ignored", Assert.Single(ignored.Changes, change => change.Subject == subject).Reason);
        Assert.StartsWith("contested", Assert.Single(contested.Changes, change => change.Subject == subject).Reason);
        // Without store_id there is nothing that a configuration could refer to.
        var expected = free.Actions.Count() - (subject == "store_id" ? 2 : 1);
        Assert.Equal((expected, expected), (ignored.Actions.Count(), contested.Actions.Count()));
    }

    [Fact]
    public void Diff_StoreIsIgnored_LinksNothingToAStoreThatNobodyMakes()
    {
        var plan = Planner.Diff(Desired("{}", Key("openai")) with { Ignored = new HashSet<string> { "secret_store/default_secrets_store" } }, Observed(), Inventory.Empty);

        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void Diff_MostOfWhatWeMadeWouldGo_IsHeldBackUntilItIsAllowed()
    {
        var (desired, observed, inventory) = Shrinking(of: 5, keep: 2);

        var held = Planner.Diff(desired.Pruning(), observed, inventory);
        var allowed = Planner.Diff(desired.Pruning(allowMassDelete: true), observed, inventory);

        GoldenPlan.Matches("mass-delete", held, json: true);
        Assert.Equal((3, 5, false), (held.MassDelete!.Deletes, held.MassDelete.Made, held.MassDelete.NothingDeclared));
        Assert.True(held.IsEmpty);
        Assert.Null(allowed.MassDelete);
        Assert.Equal(3, allowed.Actions.Count());
    }

    [Theory]
    [InlineData(6, 3)] // half
    [InlineData(3, 1)] // two
    public void Diff_ASmallPartWouldGo_IsNotHeldBack(int of, int keep)
    {
        var (desired, observed, inventory) = Shrinking(of, keep);

        var plan = Planner.Diff(desired.Pruning(), observed, inventory);

        Assert.Null(plan.MassDelete);
        Assert.Equal(of - keep, plan.Actions.Count());
    }

    [Fact]
    public void Diff_RuleSetEmptied_HoldsEvenOneDeletionBack()
    {
        var plan = Planner.Diff(Desired().Pruning(), Observed().WithLiveRoute("chat", Graph()), Ours(Made(ObjectKind.Route, "chat")));

        Assert.True(plan.MassDelete!.NothingDeclared);
        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void Diff_KeysRemoved_GoWithoutPruneAndWithoutTheGuard()
    {
        var keys = new[] { Key("openai"), Key("groq"), Key("grok") };
        var observed = keys.Aggregate(Observed().WithStore(), (seen, key) => seen.WithSecret(key).WithConfig(key));
        var inventory = Ours([.. keys.Select(key => new InventoryItem(ObjectKind.ProviderConfig, key.ConfigKey, $"c-{key.Provider}-default")), .. keys.Select(key => new InventoryItem(ObjectKind.Secret, key.SecretName, $"s-{key.Provider}-default"))]);

        Assert.Equal(6, Planner.Diff(Desired(), observed, inventory).Actions.Count());
    }

    private static (DesiredState, ObservedState, Inventory) Shrinking(int of, int keep)
    {
        var names = Enumerable.Range(1, of).Select(number => $"r{number}").ToList();
        return (
            names.Take(keep).Aggregate(Desired(), (desired, name) => desired.WithRoute(name, Graph())),
            names.Aggregate(Observed(), (observed, name) => observed.WithLiveRoute(name, Graph())),
            Ours([.. names.Select(name => Made(ObjectKind.Route, name))]));
    }
}
