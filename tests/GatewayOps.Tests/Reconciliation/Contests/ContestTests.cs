using GatewayOps.ControlPlane.Reconciliation.Contests;
using GatewayOps.Tests.Reconciliation.Controls;

namespace GatewayOps.Tests.Reconciliation.Contests;

public sealed class ContestTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, false)]
    [InlineData(2, 0, true)]
    [InlineData(2, 24, true)]
    [InlineData(2, 25, false)]
    [InlineData(7, 0, true)]
    public void IsFight_PutRightSoOftenAndMovedAgain_CountsWithinADay(int putRight, int hoursAgo, bool fight) =>
        Assert.Equal(fight, ContestRules.IsFight(putRight == 0 ? null : new Contest("cache_ttl", null, putRight, Now.AddHours(-hoursAgo), Since: null), Now));

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(2, 24, 3)]
    [InlineData(2, 25, 1)]
    public void FlipsAfter_ALongSilence_BeginsAnew(int before, int hoursAgo, int after) =>
        Assert.Equal(after, ContestRules.FlipsAfter(before == 0 ? null : new Contest("cache_ttl", null, before, Now.AddHours(-hoursAgo), Since: null), Now));

    [Fact]
    public async Task Fight_ThirdMove_IsLeftAloneUntilResumed()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300,"collect_logs":true}""");

        Assert.Equal("300", await MovedAndPassedAsync(world, """{"cache_ttl":5}"""));
        Assert.Equal("300", await MovedAndPassedAsync(world, """{"cache_ttl":6}"""));
        Assert.Equal("7", await MovedAndPassedAsync(world, """{"cache_ttl":7,"collect_logs":false}"""));
        Assert.Equal("true", (await world.LiveAsync())["collect_logs"]!.ToJsonString());
        Assert.Equal("7", await PassedAsync(world));

        var gateway = await world.GetAsync("gateways/prod");
        var conflict = gateway["conditions"]!.AsArray().Single(condition => condition!["type"]!.GetValue<string>() == "OwnershipConflict")!;
        Assert.Equal(("True", "Contested"), (conflict["status"]!.GetValue<string>(), conflict["reason"]!.GetValue<string>()));
        Assert.Equal("cache_ttl was put right 2 times and moved again, to 7 instead of 300: agree on one owner, then `gatewayops gateway resume prod`", conflict["message"]!.GetValue<string>());
        var contested = Assert.Single(gateway["contested"]!.AsArray())!;
        Assert.Equal(("cache_ttl", "7", "300", 3), (contested["subject"]!.GetValue<string>(), contested["theirs"]!.ToJsonString(), contested["ours"]!.ToJsonString(), contested["flips"]!.GetValue<int>()));
        Assert.Equal(("True", "ReportedOnly"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal(["prod/cache_ttl contested"], await GatewayControlTests.EventsAsync(world, "gateway.contest"));

        await world.PostAsync("gateways/prod/resume", "{}");
        Assert.Equal("300", await PassedAsync(world));
        Assert.Equal(("False", "NoConflict"), ExecuteTests.ConditionOf(await world.GetAsync("gateways/prod"), "OwnershipConflict"));
        Assert.Equal("300", await MovedAndPassedAsync(world, """{"cache_ttl":8}"""));
    }

    [Fact]
    public async Task Fight_OverTwoReplicas_IsCountedOnce()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");

        foreach (var api in new[] { world.Api, other.Operator, world.Api })
        {
            await world.MeddleAsync("""{"cache_ttl":5}""");
            await world.PostAsync("reconcile", "{}", api: api);
        }

        Assert.Equal("5", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
    }

    [Fact]
    public async Task Moves_WithAnOperatorsChangeInBetween_AreNoFight()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await MovedAndPassedAsync(world, """{"cache_ttl":5}""");
        await MovedAndPassedAsync(world, """{"cache_ttl":5}""");

        await world.ApplyAsync("""{"cache_ttl":400}""");

        Assert.Equal("400", await MovedAndPassedAsync(world, """{"cache_ttl":5}"""));
    }

    [Fact]
    public async Task Moves_OfAWriterThatFailed_AreNotCountedTwice()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", method = "PUT", status = 400 });
        for (var i = 0; i < 4; i++)
        {
            await world.PostAsync("reconcile", "{}");
        }

        await world.Cloudflare.ClearManagementFaultsAsync();

        Assert.Equal("300", await PassedAsync(world));
    }

    private static async Task<string> MovedAndPassedAsync(ReconciliationWorld world, string fields)
    {
        await world.MeddleAsync(fields);
        return await PassedAsync(world);
    }

    private static async Task<string> PassedAsync(ReconciliationWorld world)
    {
        await world.PostAsync("reconcile", "{}");
        return (await world.LiveAsync())["cache_ttl"]!.ToJsonString();
    }
}
