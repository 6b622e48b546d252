using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

/// <summary>Where a gateway pushes its spans is Pulumi's; it is filled where it is empty, and somebody asked for it.</summary>
public sealed class ExporterPlanTests
{
    private const string Ours = "https://ops.example/otlp/prod/v1/traces";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"otel":null}""")]
    [InlineData("""{"otel":[]}""")]
    public void Diff_NobodyGetsTheSpans_WeDo(string live)
    {
        var change = Assert.Single(Plan(live).Changes);

        Assert.Equal((ChangeOp.Update, "otel", "[]", FieldOwner.ControlPlane), (change.Op, change.Field, change.From?.Json, change.Owner));
        Assert.Contains(Ours, change.Reason);
    }

    [Theory]
    [InlineData("canary-token", null)]
    [InlineData("older-token", ChangeOp.Update)] // ours, as it was before the token changed
    public void Diff_WeGetThemAlone_TheTokenIsKept(string token, ChangeOp? op) => Assert.Equal(op, Plan($"[{Exporter(Ours, token)}]").Changes.SingleOrDefault()?.Op);

    [Fact]
    public void Diff_OthersGetThem_IsLeftToThem()
    {
        var change = Assert.Single(Plan($"[{Exporter("https://other.example/?key=canary-key", "x")}]").Changes);

        Assert.Equal((ChangeOp.Report, FieldOwner.Pulumi), (change.Op, change.Owner));
        Assert.Contains($"add {Ours}", change.Reason);
        Assert.Empty(Plan($"[{Exporter("https://other.example", "x")},{Exporter(Ours, "of the stack")}]").Changes);
    }

    [Fact]
    public void Diff_ARuleSetAssertsIt_OrNobodyAsked_ChangesNothing()
    {
        Assert.Empty(Planner.Diff(Desired("""{"otel":[]}""") with { Exporter = Wanted }, Observed(), Inventory.Empty).Changes);
        Assert.Empty(Planner.Diff(Desired(), Observed(), Inventory.Empty).Changes);
    }

    [Fact]
    public void Diff_IgnoredByAnOperator_IsOnlyTold()
    {
        var plan = Planner.Diff(Desired() with { Exporter = Wanted, Ignored = new HashSet<string> { "otel" } }, Observed(), Inventory.Empty);
        Assert.Equal(ChangeOp.Report, Assert.Single(plan.Changes).Op);
    }

    [Theory]
    [InlineData("""[{"url":7},"x"]""")]
    [InlineData("""{"url":"x"}""")]
    public void Diff_ExportersOfAnUnknownShape_AreLeftAlone(string live) => Assert.DoesNotContain(Plan(live).Changes, change => change.IsAction);

    [Fact]
    public void Plan_ShowsNoToken()
    {
        var plan = Plan("[]");
        Assert.DoesNotContain("canary", System.Text.Json.JsonSerializer.Serialize(plan) + plan);
        Assert.Contains("canary-token", Wanted.ToNode().ToJsonString());
    }

    private static DesiredExporter Wanted => new(JsonNode.Parse(Exporter(Ours, "canary-token"))!.AsObject());

    private static string Exporter(string url, string token) => $$"""{"url":"{{url}}","headers":{"authorization":"Bearer {{token}}"},"content_type":"protobuf"}""";

    private static Plan Plan(string live) => Planner.Diff(Desired() with { Exporter = Wanted }, Observed(live.StartsWith('{') && live.Contains("otel", StringComparison.Ordinal) || live == "{}" ? live : $$"""{"otel":{{live}}}"""), Inventory.Empty);
}
