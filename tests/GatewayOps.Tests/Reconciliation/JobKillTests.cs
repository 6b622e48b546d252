using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.KillSteps;

namespace GatewayOps.Tests.Reconciliation;

public sealed class JobKillTests
{
    [Fact]
    public async Task Interval_KilledInTheJob_GoesOnAfterTheRestart()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        await world.StopAsync();

        await using (var child = await ChildService.StartAsync(world.Database, world.Cloudflare, "journal.written", Restarted))
        {
            await child.KilledAsync();
        }

        // The scheduler's tables still say that the dead node runs the job; the new node declares the job again and recovers it.
        var replica = await world.AddReplicaAsync(Restarted);
        await world.SettledAsync();
        await world.MeddleAsync("""{"cache_ttl":6}""");
        await replica.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the repair by the recovered job", TimeSpan.FromSeconds(60));

        Assert.Contains("interrupted", await world.Database.QueryAsync<string>("select outcome from runs"));
    }
}
