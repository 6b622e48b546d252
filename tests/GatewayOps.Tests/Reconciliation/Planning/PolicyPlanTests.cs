using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

public sealed class PolicyPlanTests
{
    private const string Limit = """{"type":"limit","amount":25,"period":"daily"}""";

    [Fact]
    public void Diff_PolicyMissing_CreatesIt() =>
        GoldenPlan.Matches("policy-create", Planner.Diff(Desired().WithPolicy("budget", Limit, model: "gpt-*", condition: "identity.metadata.team == 'core'"), Observed(), Inventory.Empty), json: true);

    [Fact]
    public void Diff_PolicyDiffers_NamesTheFields() => GoldenPlan.Matches("policy-update", Planner.Diff(
        Desired().WithPolicy("budget", Limit),
        Observed().WithLivePolicy("budget", """{"actor":"*","resource":{"provider":"openai"},"condition":"true","action":{"type":"limit","amount":30,"period":"daily","technique":"named-interval"}}"""),
        Ours(Made(ObjectKind.Policy, "budget"))));

    [Fact]
    public void Diff_PolicyNoLongerDeclared_IsReportedUntilPruning()
    {
        var observed = Observed().WithLivePolicy("budget", """{"actor":"*","resource":"*","action":{"type":"block"}}""").WithLivePolicy("theirs", """{"actor":"*","resource":"*","action":{"type":"no-limit"}}""");
        var inventory = Ours(Made(ObjectKind.Policy, "budget"));

        GoldenPlan.Matches("policy-surplus", Planner.Diff(Desired("""{"cache_ttl":0}"""), observed, inventory));
        GoldenPlan.Matches("policy-delete", Planner.Diff(Desired("""{"cache_ttl":0}""").Pruning(), observed, inventory));
    }

    [Theory]
    [InlineData("""{"actor":"*","resource":"*","condition":"true","action":{"type":"limit","amount":25.0,"period":"daily","technique":"named-interval"}}""")]
    [InlineData("""{"actor":"*","resource":{},"action":{"period":"daily","amount":25,"type":"limit","except":false},"created_at":1}""")]
    public void Diff_SamePolicySaidDifferently_IsNoDifference(string live) =>
        Assert.Empty(Planner.Diff(Desired().WithPolicy("budget", Limit), Observed().WithLivePolicy("budget", live), Inventory.Empty).Changes);

    [Fact]
    public void Diff_Drafts_AreReportedAndStandInForNothing() => GoldenPlan.Matches("policy-drafts", Planner.Diff(
        Desired().WithPolicy("budget", Limit),
        Observed().WithLivePolicy("budget", """{"actor":"*","resource":"*","action":{"type":"block"}}""", draft: true),
        Inventory.Empty));

    [Fact]
    public void Diff_SeveralOfOneName_MeansOursAndReportsTheOthers()
    {
        const string block = """{"actor":"*","resource":"*","action":{"type":"block"}}""";
        var observed = Observed().WithLivePolicy("budget", block, id: "a-theirs").WithLivePolicy("budget", """{"actor":"*","resource":"*","action":{"type":"limit","amount":25,"period":"daily"}}""");

        var change = Assert.Single(Planner.Diff(Desired().WithPolicy("budget", Limit), observed, Ours(Made(ObjectKind.Policy, "budget"))).Changes);

        Assert.Equal(ChangeOp.Report, change.Op);
        Assert.Contains("a-theirs", change.Reason);
    }
}
