using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

public sealed class CustomProviderPlanTests
{
    private const string Live = """{"name":"Provider own","base_url":"https://LLM.example.com/v1/","enable":1,"description":"theirs","headers":"{\"authorization\":\"Bearer sk-canary\"}"}""";

    [Fact]
    public void Diff_CustomProviderMissing_CreatesIt() =>
        GoldenPlan.Matches("custom-provider-create", Planner.Diff(Desired().WithCustomProvider("own", description: "ours"), Observed(), Inventory.Empty), json: true);

    [Fact]
    public void Diff_CustomProviderDiffers_NamesTheFields() => GoldenPlan.Matches("custom-provider-update", Planner.Diff(
        Desired().WithCustomProvider("own", "https://llm2.example.com/v1"), Observed().WithLiveCustomProvider("own", """{"name":"Provider own","base_url":"https://llm.example.com/v1","enable":false}"""), Inventory.Empty));

    [Fact]
    public void Diff_WhatIsNotDeclared_IsNeitherComparedNorShown()
    {
        var plan = Planner.Diff(Desired().WithCustomProvider("own"), Observed().WithLiveCustomProvider("own", Live), Ours(Made(ObjectKind.CustomProvider, "own")));
        var gone = Planner.Diff(Desired("""{"cache_ttl":0}""").Pruning(), Observed().WithLiveCustomProvider("own", Live), Ours(Made(ObjectKind.CustomProvider, "own")));

        Assert.Empty(plan.Changes);
        Assert.Equal(ChangeOp.Delete, Assert.Single(gone.Changes).Op);
        Assert.DoesNotContain("sk-canary", System.Text.Json.JsonSerializer.Serialize(gone));
    }

    [Fact]
    public void Diff_NoLongerDeclared_IsReportedUntilTheAccountIsPruned()
    {
        var observed = Observed().WithLiveCustomProvider("own", Live);
        var inventory = Ours(Made(ObjectKind.CustomProvider, "own"));
        var desired = Desired("""{"cache_ttl":0}""");

        GoldenPlan.Matches("custom-provider-surplus", Planner.Diff(desired with { Prune = true }, observed, inventory));
        GoldenPlan.Matches("custom-provider-delete", Planner.Diff(desired.Pruning(), observed, inventory));
    }

    [Fact]
    public void Diff_DeclaredByAnotherGateway_Stays() => Assert.Empty(Planner.Diff(
        Desired("""{"cache_ttl":0}""").Pruning() with { DeclaredElsewhere = new HashSet<string> { "own" } }, Observed().WithLiveCustomProvider("own", Live), Ours(Made(ObjectKind.CustomProvider, "own"))).Changes);

    [Fact]
    public void Diff_CalledByARouteThatStays_IsReported()
    {
        var desired = Desired().WithRoute("chat", Graph("llama", "custom-own")).Pruning();
        var observed = Observed().WithLiveRoute("chat", Graph("llama", "custom-own")).WithLiveCustomProvider("own", Live);

        var change = Assert.Single(Planner.Diff(desired, observed, Ours(Made(ObjectKind.CustomProvider, "own"))).Changes);

        Assert.Equal((ChangeOp.Report, "no longer declared, but route chat of prod still calls it"), (change.Op, change.Reason));
    }

    [Fact]
    public void Diff_CalledByARouteThatGoes_GoesAfterIt() => Assert.Equal(
        [ObjectKind.Route, ObjectKind.CustomProvider],
        Planner.Diff(
            Desired("""{"cache_ttl":0}""").Pruning(),
            Observed().WithLiveRoute("chat", Graph("llama", "custom-own")).WithLiveCustomProvider("own", Live),
            Ours(Made(ObjectKind.CustomProvider, "own"), Made(ObjectKind.Route, "chat"))).Actions.Select(change => change.Kind));
}
