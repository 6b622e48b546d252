using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

public sealed class PlannerTests
{
    private static readonly DeclaredKey OpenAi = Key("openai");
    private static readonly DeclaredKey Team = Key("anthropic", "team-a");

    [Fact]
    public void Diff_OneFieldDiffers_NamesOnlyThatField()
    {
        var plan = Planner.Diff(Desired("""{"cache_ttl":300,"collect_logs":true}"""), Observed("""{"cache_ttl":600,"collect_logs":true,"rate_limiting_limit":50}"""), Inventory.Empty);

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeOp.Update, ObjectKind.Gateway, "cache_ttl", "600", "300", FieldOwner.ControlPlane),
            (change.Op, change.Kind, change.Field, change.From?.Json, change.To?.Json, change.Owner));
    }

    [Fact]
    public void Diff_FieldOfPulumiDiffers_IsReportedAndNeverAnAction()
    {
        var plan = Planner.Diff(Desired("""{"authentication":true}"""), Observed("""{"authentication":false}"""), Inventory.Empty);

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeOp.Report, FieldOwner.Pulumi), (change.Op, change.Owner));
        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void Diff_FieldNobodyKnows_DoesNotAppear()
    {
        var plan = Planner.Diff(Desired("""{"cache_ttl":0,"brand_new":1}"""), Observed("""{"cache_ttl":null,"brand_new":2,"account_tag":"x"}"""), Inventory.Empty);

        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void Diff_GatewayMissing_ReportsItAndPlansNothingElse()
    {
        var plan = Planner.Diff(Desired("""{"cache_ttl":300}""", OpenAi), ObservedState.Missing("prod"), Inventory.Empty);

        GoldenPlan.Matches("gateway-missing", plan);
        Assert.False(plan.Exists);
        Assert.True(plan.IsEmpty);
    }

    [Fact]
    public void Diff_FirstExecute_PlansFieldsThenReports() => GoldenPlan.Matches("first-execute", Planner.Diff(
        Desired("""{"cache_ttl":300,"rate_limiting_limit":1000,"rate_limiting_interval":60,"rate_limiting_technique":"sliding","collect_logs":true,"authentication":true}"""),
        Observed("""{"cache_ttl":0,"collect_logs":true,"cache_invalidate_on_update":false,"rate_limiting_limit":null,"rate_limiting_interval":null}"""),
        Inventory.Empty));

    [Fact]
    public void Diff_NothingDiffers_SaysSo() => GoldenPlan.Matches("no-changes", Planner.Diff(Desired("""{"cache_ttl":300}"""), Observed("""{"cache_ttl":300}"""), Inventory.Empty));

    [Fact]
    public void Diff_KeysDeclaredAndSecretsThere_LinksTheStoreBeforeTheConfigs() =>
        GoldenPlan.Matches("keys-declared", Planner.Diff(Desired("""{"cache_ttl":60}""", Team, OpenAi), Observed().WithStore().WithSecret(OpenAi).WithSecret(Team), Inventory.Empty));

    [Fact]
    public void Diff_NoStore_CreatesItAndAsksForTheValues() =>
        GoldenPlan.Matches("no-store", Planner.Diff(Desired("{}", OpenAi), Observed(), Inventory.Empty));

    [Fact]
    public void Diff_KeyRemoved_DeletesConfigThenSecretButOnlyOurs()
    {
        var elsewhere = Key("groq");
        var observed = Observed($$"""{"store_id":"{{StoreId}}"}""").WithStore()
            .WithSecret(OpenAi).WithConfig(OpenAi)
            .WithSecret(elsewhere).WithConfig(elsewhere);
        var inventory = Ours(new(ObjectKind.Secret, OpenAi.SecretName, "s-openai-default"), new(ObjectKind.ProviderConfig, OpenAi.ConfigKey, "c-openai-default"));

        GoldenPlan.Matches("key-removed", Planner.Diff(Desired(), observed, inventory));
    }

    [Fact]
    public void Diff_SurplusSecretInUseElsewhere_IsReported()
    {
        var observed = Observed().WithStore().WithSecret(OpenAi).WithConfig(Team, secretId: "s-openai-default");

        var change = Assert.Single(Planner.Diff(Desired(), observed, Ours(new InventoryItem(ObjectKind.Secret, OpenAi.SecretName, "s-openai-default"))).Changes);
        Assert.Equal(ChangeOp.Report, change.Op);
    }

    [Fact]
    public void Diff_ObjectOfOurNameMadeAnewBySomebodyElse_IsNotDeleted()
    {
        var observed = Observed().WithStore().WithSecret(OpenAi, id: "theirs").WithConfig(OpenAi, id: "theirs");
        var inventory = Ours(new(ObjectKind.Secret, OpenAi.SecretName, "ours"), new(ObjectKind.ProviderConfig, OpenAi.ConfigKey, "ours"));

        Assert.Empty(Planner.Diff(Desired(), observed, inventory).Changes);
    }

    [Theory]
    [InlineData(true, ChangeOp.Update)]
    [InlineData(false, ChangeOp.Report)]
    public void Diff_ConfigRefersToAnotherSecret_IsReplacedOnlyIfOurs(bool ours, ChangeOp expected)
    {
        var observed = Observed($$"""{"store_id":"{{StoreId}}"}""").WithStore().WithSecret(OpenAi).WithConfig(OpenAi, secretId: "gone");
        var inventory = ours ? Ours(new InventoryItem(ObjectKind.ProviderConfig, OpenAi.ConfigKey, "c-openai-default")) : Inventory.Empty;

        Assert.Equal(expected, Assert.Single(Planner.Diff(Desired("{}", OpenAi), observed, inventory).Changes).Op);
    }

    [Fact]
    public void Diff_SecretPending_WaitsWithTheConfig()
    {
        var plan = Planner.Diff(Desired("{}", OpenAi), Observed($$"""{"store_id":"{{StoreId}}"}""").WithStore().WithSecret(OpenAi, active: false), Inventory.Empty);

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeOp.Report, ObjectKind.Secret), (change.Op, change.Kind));
    }

    [Fact]
    public void Diff_GatewayNamesAStoreThatIsGone_ReportsAndMakesNoConfig()
    {
        var plan = Planner.Diff(Desired("{}", OpenAi), Observed("""{"store_id":"gone"}""").WithStore().WithSecret(OpenAi), Inventory.Empty);

        Assert.True(plan.IsEmpty);
        Assert.Equal("store_id", Assert.Single(plan.Changes).Field);
    }

    [Fact]
    public void Diff_CredentialsInAField_ShowOnlyFingerprints()
    {
        var plan = Planner.Diff(Desired("""{"stripe":{"authorization":"sk_live_desired","usage_events":[]}}"""), Observed("""{"stripe":{"authorization":"sk_live_observed","usage_events":[]}}"""), Inventory.Empty);

        Assert.Single(plan.Changes);
        Assert.DoesNotContain("sk_live", PlanText.Of(plan));
    }

    [Fact]
    public void Hash_AnythingThatWouldBeDoneDiffers_IsAnotherHash()
    {
        var live = Observed().WithLiveRoute("chat", Graph()).WithLivePolicy("budget", """{"actor":"*","resource":"*","action":{"type":"block"}}""").WithLiveCustomProvider("own", """{"name":"Provider own","base_url":"https://old.example.com","enable":true}""");
        var none = Observed();
        DesiredState[] wanted =
        [
            Desired(),
            Desired().WithRoute("chat", Graph("a")),
            Desired().WithRoute("chat", Graph("b")),
            Desired().WithRoute("other", Graph("a")),
            Desired().WithPolicy("budget"),
            Desired().WithPolicy("budget", """{"type":"limit","amount":1,"period":"daily"}"""),
            Desired().WithCustomProvider("own"),
            Desired().WithCustomProvider("own", "https://a.example.com"),
            Desired().WithRoute("chat", Graph("a")) with { Ignored = new HashSet<string> { "route/chat" } },
        ];

        foreach (var observed in new[] { live, none })
        {
            var hashes = wanted.Select(desired => Planner.Diff(desired, observed, Inventory.Empty).Hash).ToList();
            Assert.Equal(hashes, hashes.Distinct());
            Assert.Equal(hashes, wanted.Select(desired => Planner.Diff(desired, observed, Inventory.Empty).Hash));
        }
    }

    [Fact]
    public void Hash_OtherStart_IsAnotherHash()
    {
        var desired = Desired("""{"cache_ttl":300}""");

        Assert.NotEqual(Planner.Diff(desired, Observed("""{"cache_ttl":600}"""), Inventory.Empty).Hash, Planner.Diff(desired, Observed("""{"cache_ttl":601}"""), Inventory.Empty).Hash);
    }
}
