using System.Net;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.Emulator;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>What is broken shows as a state with its fix, costs little while it lasts, and is over without a restart once it is mended.</summary>
public sealed class RecoveryTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(1000, 4)]
    public void IntervalsAfter_MoreFailures_WaitLongerAndNeverLong(int failures, int intervals) => Assert.Equal(intervals, Backoff.IntervalsAfter(failures));

    [Theory]
    [InlineData(503, null, "CloudflareUnavailable", "503")]
    [InlineData(401, null, "CloudflareTokenRefused", "https://dash.cloudflare.com/profile/api-tokens")]
    [InlineData(403, null, "CloudflarePermissionMissing", "AI Gateway: Edit")]
    [InlineData(403, "PUT", "CloudflarePermissionMissing", "AI Gateway: Edit")]
    public async Task Fault_OfCloudflare_IsAStateWithItsFixAndEndsByItself(int status, string? method, string reason, string said)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", method, status });

        await world.PostAsync("reconcile", "{}");
        await world.PostAsync("reconcile", "{}");
        var failing = await world.GetAsync("gateways/prod");
        await world.Cloudflare.ClearManagementFaultsAsync();
        await world.PostAsync("reconcile", "{}");
        var mended = await world.GetAsync("gateways/prod");

        Assert.Equal(("False", reason), ExecuteTests.ConditionOf(failing, "Ready"));
        Assert.Contains(said, failing["conditions"]!.AsArray().Single(condition => condition!["type"]!.GetValue<string>() == "Ready")!["message"]!.GetValue<string>());
        Assert.Equal(("True", "Reconciled"), ExecuteTests.ConditionOf(mended, "Ready"));
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Single(world.Service.Log.Lines, line => line.Contains("[2002]"));
    }

    [Fact]
    public async Task Fault_ThatLasts_LeavesOutIntervals()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", status = 403 });
        await world.PostAsync("reconcile", "{}");
        await world.PostAsync("reconcile", "{}");
        var asked = (await world.Cloudflare.ManagementRequestsAsync()).Count;

        await world.PassOfTheIntervalAsync();
        var held = (await world.Cloudflare.ManagementRequestsAsync()).Count;
        await world.Cloudflare.ClearManagementFaultsAsync();
        await world.PostAsync("reconcile", "{}");
        await world.PassOfTheIntervalAsync();

        Assert.Equal(asked, held);
        Assert.Equal(held + 2, (await world.Cloudflare.ManagementRequestsAsync()).Count);
    }

    [Fact]
    public async Task Gateway_DeletedUnderUs_IsAStateAndComesBackWhenItIsMadeAgain()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: KillSteps.Restarted);
        await world.ApplyAsync("""{"cache_ttl":300}""");
        using (await world.Cloudflare.Management.DeleteAsync(new Uri("ai-gateway/gateways/prod", UriKind.Relative)))
        {
        }

        await world.Service.EventuallyAsync(async () => ExecuteTests.ConditionOf(await world.GetAsync("gateways/prod"), "Ready") == ("False", "GatewayNotFound"), "the state");
        await world.PostAsync("gateways", """{"id":"prod"}""", HttpStatusCode.Created);

        await world.Service.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the gateway as it is desired");
        await world.Service.EventuallyAsync(async () => ExecuteTests.ConditionOf(await world.GetAsync("gateways/prod"), "Ready") == ("True", "Reconciled"), "the end of the state");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    public async Task Create_AtTheLimitOfTheAccount_SaysSoAndMakesNothing(int limit)
    {
        await using var world = await ReconciliationWorld.StartAsync(new EmulatorOptions { MaxGateways = limit }, withGateway: false);
        for (var i = 0; i < limit; i++)
        {
            await world.Cloudflare.CreateGatewayAsync($"gateway-{i}");
        }

        var problem = await world.PostAsync("gateways", """{"id":"one-more"}""", HttpStatusCode.Conflict);
        using (await world.Cloudflare.Management.DeleteAsync(new Uri("ai-gateway/gateways/gateway-0", UriKind.Relative)))
        {
        }

        Assert.EndsWith("gateway_limit_reached", problem["type"]!.GetValue<string>());
        Assert.Contains($"the account has {limit} gateways", problem["detail"]!.GetValue<string>());
        await world.PostAsync("gateways", """{"id":"one-more"}""", HttpStatusCode.Created);
    }

    [Fact]
    public async Task Database_GoneAndBack_IsOverWithoutARestart()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: KillSteps.Restarted);
        await world.ApplyAsync("""{"cache_ttl":300}""");
        var name = (await world.Database.QueryAsync<string>("select current_database()::text")).Single();
        await using var elsewhere = await TestDatabase.CreateEmptyAsync();
        await elsewhere.ExecuteAsync($"alter database {name} allow_connections false");
        await elsewhere.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name);
        await world.Service.EventuallyAsync(async () => (await world.Api.GetAsync("/api/v1/runs")).StatusCode == HttpStatusCode.ServiceUnavailable, "503");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        using var ready = await world.Service.Anonymous.GetAsync("/readyz");
        using var live = await world.Service.Anonymous.GetAsync("/healthz");

        await elsewhere.ExecuteAsync($"alter database {name} allow_connections true");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (ready.StatusCode, live.StatusCode));
        await world.Service.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the repair", TimeSpan.FromSeconds(60));
    }
}
