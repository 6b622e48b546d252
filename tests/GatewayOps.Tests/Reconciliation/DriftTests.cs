using System.Net;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Reconciliation;

public sealed class DriftTests
{
    [Fact]
    public async Task Drift_FieldChangedBehindOurBack_IsReportedAndRepaired()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300,"collect_logs":true}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");

        var drift = await world.GetAsync("gateways/prod/drift");
        var runs = await world.PostAsync("reconcile", """{"gateway":"prod"}""");
        var gateway = await world.GetAsync("gateways/prod");

        var change = Assert.Single(drift["changes"]!.AsArray())!;
        Assert.Equal(("cache_ttl", "5", "300"), (change["field"]!.GetValue<string>(), change["from"]!.ToJsonString(), change["to"]!.ToJsonString()));
        Assert.True(drift["drifted"]!.GetValue<bool>());
        var repaired = Assert.Single(runs["runs"]![0]!["changes"]!.AsArray())!;
        Assert.Equal((true, "done"), (repaired["drift"]!.GetValue<bool>(), repaired["result"]!.GetValue<string>()));
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(("False", "Repaired"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal(("True", "InSync"), ExecuteTests.ConditionOf(gateway, "Synced"));
        Assert.Contains("drifted: 1 changes made elsewhere, cache_ttl", world.Service.Log.ToString());
    }

    [Fact]
    public async Task Drift_OnTheInterval_IsRepairedWithoutAnybodyAsking()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: new Dictionary<string, string>
        {
            ["GatewayOps:Reconciliation:Enabled"] = "true",
            ["GatewayOps:Reconciliation:Interval"] = "00:00:01",
        });
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");

        await world.Service.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the repair");

        await world.Service.EventuallyAsync(
            async () => (await world.GetAsync("runs?gateway=prod"))["runs"]!.AsArray().Any(run => run!["trigger"]!.GetValue<string>() == "interval" && run["changes"]![0]!["drift"]!.GetValue<bool>()),
            "the run of the interval");
    }

    [Fact]
    public async Task Drift_FieldOfPulumi_IsReportedAndLeftAlone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300,"authentication":true}""");

        var runs = await world.PostAsync("reconcile", "{}");
        var gateway = await world.GetAsync("gateways/prod");

        var change = Assert.Single(runs["runs"]![0]!["changes"]!.AsArray())!;
        Assert.Equal(("report", "pulumi", "reported"), (change["op"]!.GetValue<string>(), change["owner"]!.GetValue<string>(), change["result"]!.GetValue<string>()));
        Assert.NotEqual("true", (await world.LiveAsync())["authentication"]?.ToJsonString());
        Assert.Equal(("True", "ReportedOnly"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal(("True", "InSync"), ExecuteTests.ConditionOf(gateway, "Synced"));
    }

    [Fact]
    public async Task Drift_FieldThatNoRuleSetSets_IsLeftAlone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"rate_limiting_limit":7,"rate_limiting_interval":60,"brand_new":{"x":1}}""");

        await world.PostAsync("reconcile", "{}");

        var live = await world.LiveAsync();
        Assert.Equal(("7", """{"x":1}"""), (live["rate_limiting_limit"]!.ToJsonString(), live["brand_new"]!.ToJsonString()));
        Assert.False((await world.GetAsync("gateways/prod/drift"))["drifted"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Drift_GatewayDeletedElsewhere_IsACondition()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        using (await world.Cloudflare.Management.DeleteAsync(new Uri("ai-gateway/gateways/prod", UriKind.Relative)))
        {
        }

        await world.PostAsync("reconcile", "{}");
        var gateway = await world.GetAsync("gateways/prod");

        Assert.False(gateway["exists"]!.GetValue<bool>());
        Assert.Equal(("False", "GatewayNotFound"), ExecuteTests.ConditionOf(gateway, "Ready"));
    }

    [Fact]
    public async Task Signal_LookNow_ReconcilesInTheBackground()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");

        world.Service.Services.GetRequiredService<ReconcileSignal>().LookNow();

        await world.Service.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the repair");
    }

    [Fact]
    public async Task Reconcile_GatewayNobodyKnows_Is404AndLeavesNothingBehind()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        await world.PostAsync("reconcile", """{"gateway":"nowhere"}""", HttpStatusCode.NotFound);

        Assert.Equal(["prod"], (await world.GetAsync("gateways"))["gateways"]!.AsArray().Select(gateway => gateway!["gateway"]!.GetValue<string>()));
        Assert.Equal((0, 0), (await ExecuteTests.CountAsync(world, "runs"), await ExecuteTests.CountAsync(world, "gateway_statuses")));
    }

    [Fact]
    public async Task Reconcile_IdThatCannotBe_IsNotPutIntoACommand()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await world.PostAsync("reconcile", """{"gateway":"$(reboot)"}""", HttpStatusCode.NotFound);

        Assert.DoesNotContain("reboot", problem["detail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("gateway=%00")]
    [InlineData("gateway=..%2Fx")]
    [InlineData("cursor=b3RoZXI")]
    [InlineData("trigger=whim")]
    [InlineData("outcome=luck")]
    public async Task Runs_ThatCannotBe_Are400(string query)
    {
        await using var world = await ReconciliationWorld.StartAsync();

        await world.GetAsync($"runs?{query}", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Runs_ByTriggerAndOutcome_AreThoseAlone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.PostAsync("reconcile", "{}");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", status = 403, times = 1 });
        await world.PostAsync("reconcile", "{}");

        async Task<int> CountAsync(string query) => (await world.GetAsync($"runs?{query}"))["runs"]!.AsArray().Count;

        Assert.Equal((1, 2, 1, 1, 0), (await CountAsync("trigger=execute"), await CountAsync("trigger=signal&gateway=prod"), await CountAsync("outcome=failed"), await CountAsync("trigger=signal&outcome=succeeded"), await CountAsync("outcome=interrupted")));
    }

    [Fact]
    public async Task Runs_Pages_AreNewestFirstAndComplete()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        for (var i = 0; i < 3; i++)
        {
            await world.PostAsync("reconcile", "{}");
        }

        var seen = new List<string>();
        JsonNode page;
        var path = "runs?limit=3";
        do
        {
            page = await world.GetAsync(path);
            seen.AddRange(page["runs"]!.AsArray().Select(run => run!["id"]!.GetValue<string>()));
            path = $"runs?limit=3&cursor={page["next"]}";
        }
        while (page["next"] is not null);

        Assert.Equal(4, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
    }
}
