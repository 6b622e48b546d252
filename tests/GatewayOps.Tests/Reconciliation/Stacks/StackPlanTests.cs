using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Stacks;

/// <summary>What a stack's word does to a plan: its fields are told, its secrets are linked, and neither is ever written.</summary>
public sealed class StackPlanTests
{
    private static readonly DeclaredKey Theirs = Key("openai") with { Stack = "gateways/prod" };

    [Fact]
    public void Diff_FieldOfTheStackDiffers_IsAReportThatNamesTheStack()
    {
        var plan = Planner.Diff(OfStack("zdr", "true"), Observed("""{"zdr":false}"""), Inventory.Empty);

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeOp.Report, "zdr", FieldOwner.Pulumi), (change.Op, change.Field, change.Owner));
        Assert.Contains("gateways/prod", change.Reason);
    }

    [Fact]
    public void Diff_RuleSetAndStackSayTheSame_IsToldOnce()
    {
        var desired = OfStack("authentication", "true", """{"authentication":true}""");

        Assert.Single(Planner.Diff(desired, Observed("""{"authentication":false}"""), Inventory.Empty).Changes);
    }

    [Fact]
    public void Diff_RuleSetAndStackDisagree_TellsWhoeverIsNotMet()
    {
        var desired = OfStack("authentication", "false", """{"authentication":true}""");

        var change = Assert.Single(Planner.Diff(desired, Observed("""{"authentication":false}"""), Inventory.Empty).Changes);

        Assert.Contains("production-rules@3", change.Reason);
    }

    [Fact]
    public void Diff_StoreIdOfTheStackNotYetSet_IsLeftToPulumi()
    {
        var desired = OfStack("store_id", $"\"{StoreId}\"") with { Keys = [Theirs] };

        var plan = Planner.Diff(desired, Observed().WithStore().WithSecret(Theirs), Inventory.Empty);

        Assert.True(plan.IsEmpty);
        Assert.Contains(plan.Changes, change => change is { Op: ChangeOp.Report, Field: "store_id" });
    }

    [Fact]
    public void Diff_SecretOfTheStack_IsLinked()
    {
        var plan = Planner.Diff(Desired() with { Keys = [Theirs] }, Observed($$"""{"store_id":"{{StoreId}}"}""").WithStore().WithSecret(Theirs), Inventory.Empty);

        Assert.Equal((ChangeOp.Create, ObjectKind.ProviderConfig), Assert.Single(plan.Changes) is var change ? (change.Op, change.Kind) : default);
    }

    [Fact]
    public void Diff_StoreOfTheStackMissing_IsNotMadeByUs()
    {
        var plan = Planner.Diff(Desired() with { Keys = [Theirs] }, Observed(), Inventory.Empty);

        Assert.True(plan.IsEmpty);
        Assert.Contains("pulumi up", Assert.Single(plan.Changes).Reason);
    }

    [Fact]
    public void Diff_StackForgotten_TakesOurLinkAwayAndLeavesItsSecret()
    {
        var plan = Planner.Diff(Desired(), Observed().WithStore().WithSecret(Theirs).WithConfig(Theirs, id: "c1"), Ours(new InventoryItem(ObjectKind.ProviderConfig, Theirs.ConfigKey, "c1")));

        var change = Assert.Single(plan.Changes);
        Assert.Equal((ChangeOp.Delete, ObjectKind.ProviderConfig), (change.Op, change.Kind));
    }

    private static DesiredState OfStack(string field, string value, string settings = "{}") =>
        Desired(settings) with { Stack = "gateways/prod", StackFields = new Dictionary<string, FieldValue> { [field] = Normalizer.Field(field, System.Text.Json.Nodes.JsonNode.Parse(value)) } };
}
