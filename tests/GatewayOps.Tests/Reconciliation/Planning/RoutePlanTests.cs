using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation.Planning;

public sealed class RoutePlanTests
{
    private const string Split = """
        [{"id":"start","type":"start","outputs":{"next":{"elementId":"split"}}},
         {"id":"split","type":"percentage","outputs":{"10%":{"elementId":"m"},"else":{"elementId":"end"}}},
         {"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":30000,"retries":2},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},
         {"id":"end","type":"end","outputs":{}}]
        """;

    [Fact]
    public void Diff_RouteMissing_CreatesItWithItsElements() =>
        GoldenPlan.Matches("route-create", Planner.Diff(Desired().WithRoute("chat", Graph()), Observed(), Inventory.Empty), json: true);

    [Fact]
    public void Diff_GraphDiffers_NamesElementsAndTheirFields() =>
        GoldenPlan.Matches("route-update", Planner.Diff(Desired().WithRoute("chat", Split), Observed().WithLiveRoute("chat", Graph()), Ours(Made(ObjectKind.Route, "chat"))), json: true);

    [Fact]
    public void Diff_RouteOfSomebodyElse_IsTakenOver() =>
        Assert.All(Planner.Diff(Desired().WithRoute("chat", Graph("gpt-4o")), Observed().WithLiveRoute("chat", Graph()), Inventory.Empty).Changes, change =>
            Assert.Equal((ChangeOp.Update, "set by production-rules@3; made elsewhere, taken over"), (change.Op, change.Reason)));

    [Fact]
    public void Diff_RouteOfSomebodyElseThatIsAsDeclared_IsLeftAlone() =>
        Assert.Empty(Planner.Diff(Desired().WithRoute("chat", Graph()), Observed().WithLiveRoute("chat", Graph()), Inventory.Empty).Changes);

    [Fact]
    public void Diff_RouteNoLongerDeclared_IsReportedUntilPruning()
    {
        var observed = Observed().WithLiveRoute("chat", Graph()).WithLiveRoute("theirs", Graph());
        var inventory = Ours(Made(ObjectKind.Route, "chat"));

        GoldenPlan.Matches("route-surplus", Planner.Diff(Desired("""{"cache_ttl":0}"""), observed, inventory));
        GoldenPlan.Matches("route-delete", Planner.Diff(Desired("""{"cache_ttl":0}""").Pruning(), observed, inventory), json: true);
    }

    [Fact]
    public void Diff_RouteMadeAnewBySomebodyElse_IsNotDeleted() =>
        Assert.Empty(Planner.Diff(Desired().Pruning(), Observed().WithLiveRoute("chat", Graph(), id: "theirs"), Ours(Made(ObjectKind.Route, "chat"))).Changes);

    [Theory]
    [InlineData("another order of the elements", """[{"id":"end","type":"end","outputs":{}},{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":60000,"retries":2},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}}}]""")]
    [InlineData("no fallback, no outputs of the end", """[{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}}},{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":60000,"retries":2},"outputs":{"success":{"elementId":"end"}}},{"id":"end","type":"end"}]""")]
    [InlineData("other texts of numbers", """[{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}}},{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":6e4,"retries":2.0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},{"id":"end","type":"end","outputs":{}}]""")]
    [InlineData("members that nobody declared", """[{"id":"start","type":"start","outputs":{"next":{"elementId":"m","label":"go"}},"position":{"x":1}},{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":60000,"retries":2,"brand_new":true},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},{"id":"end","type":"end","outputs":{}}]""")]
    public void Diff_SameGraphSaidDifferently_IsNoDifference(string how, string live)
    {
        Assert.NotEmpty(how);
        Assert.Empty(Planner.Diff(Desired().WithRoute("chat", Graph()), Observed().WithLiveRoute("chat", live), Inventory.Empty).Changes);
    }

    [Fact]
    public void Diff_OlderWords_MeanTheSame()
    {
        const string old = """
            [{"id":"start","type":"start","outputs":{"next":{"elementId":"c"}}},
             {"id":"c","type":"conditional","properties":{"condition":{"metadata.plan":{"$eq":"free"}}},"outputs":{"true":{"elementId":"l"},"false":{"elementId":"end"}}},
             {"id":"l","type":"rate_limit","properties":{"key":"metadata.user","limit":10,"interval":60},"outputs":{"success":{"elementId":"end"}}},
             {"id":"end","type":"end"}]
            """;
        const string present = """
            [{"id":"start","type":"start","outputs":{"next":{"elementId":"c"}}},
             {"id":"c","type":"conditional","properties":{"conditions":{"metadata.plan":{"$eq":"free"}}},"outputs":{"true":{"elementId":"l"},"false":{"elementId":"end"}}},
             {"id":"l","type":"rate","properties":{"limitType":"count","key":"metadata.user","limit":10,"window":60},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},
             {"id":"end","type":"end","outputs":{}}]
            """;

        Assert.Empty(Planner.Diff(Desired().WithRoute("chat", present), Observed().WithLiveRoute("chat", old), Inventory.Empty).Changes);
        Assert.Empty(Planner.Diff(Desired().WithRoute("chat", old), Observed().WithLiveRoute("chat", present), Inventory.Empty).Changes);
    }

    [Theory]
    [InlineData("""{"metadata.plan":{"$eq":"pro"}}""")]
    [InlineData("""{"metadata.plan":{"$eq":"free"},"metadata.beta":true}""")]
    public void Diff_OtherCondition_IsADifference(string live)
    {
        static string With(string conditions) => $$$"""
            [{"id":"start","type":"start","outputs":{"next":{"elementId":"c"} } },
             {"id":"c","type":"conditional","properties":{"conditions":{{{conditions}}} },"outputs":{"true":{"elementId":"end"},"false":{"elementId":"end"} } },
             {"id":"end","type":"end","outputs":{}}]
            """;

        Assert.NotEmpty(Planner.Diff(Desired().WithRoute("chat", With("""{"metadata.plan":{"$eq":"free"}}""")), Observed().WithLiveRoute("chat", With(live)), Inventory.Empty).Changes);
    }

    [Fact]
    public void Merged_MembersThatNobodyDeclared_AreWrittenBack()
    {
        var live = RouteElements.Of(JsonNode.Parse("""
            [{"id":"start","type":"start","outputs":{"next":{"elementId":"m","label":"go"}},"position":{"x":1}},
             {"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":60000,"retries":2,"brand_new":true},"outputs":{"success":{"elementId":"end"}}},
             {"id":"gone","type":"end"}, {"id":"end","type":"end"}]
            """)!.AsArray());

        var merged = RouteElements.Of(RouteElements.Merged(live, RouteElements.Of(JsonNode.Parse(Graph("gpt-4o"))!.AsArray())));

        Assert.Equal(["end", "m", "start"], merged.Keys);
        Assert.Equal("""{"id":"start","outputs":{"next":{"elementId":"m","label":"go"}},"position":{"x":1},"type":"start"}""", merged["start"].Json);
        Assert.Contains("\"brand_new\":true,\"model\":\"gpt-4o\"", merged["m"].Json);
    }

    [Fact]
    public void Diff_RouteCallsACustomProviderOfThePlan_ComesAfterIt() => GoldenPlan.Matches("route-after-custom-provider", Planner.Diff(
        Desired().WithRoute("own", Graph("llama", "custom-own")).WithCustomProvider("own"), Observed(), Inventory.Empty));

    [Fact]
    public void Diff_RouteCallsACustomProviderThatIsNotMade_WaitsWithTheReason()
    {
        var desired = Desired().WithRoute("own", Graph("llama", "custom-own")).WithRoute("lost", Graph("llama", "custom-lost")).WithCustomProvider("own") with { Ignored = new HashSet<string> { "custom_provider/own" } };

        GoldenPlan.Matches("route-waits", Planner.Diff(desired, Observed(), Inventory.Empty));
    }
}
