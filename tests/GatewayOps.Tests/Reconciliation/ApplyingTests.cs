using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Reconciliation;

public sealed class ApplyingTests
{
    [Fact]
    public async Task Apply_FieldMovedSinceThePlan_WritesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await Locks(world).AcquireAsync("prod", CancellationToken.None);
        var look = await LookAsync(world);
        await world.MeddleAsync("""{"cache_ttl":77}""");
        var writes = await world.WritesAsync();

        await Assert.ThrowsAsync<PlanStaleException>(() => ApplyAsync(world, held, look));

        Assert.Equal(writes, await world.WritesAsync());
        Assert.Equal("77", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
    }

    [Fact]
    public async Task Apply_OtherFieldMovedSinceThePlan_KeepsIt()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await Locks(world).AcquireAsync("prod", CancellationToken.None);
        var look = await LookAsync(world);
        await world.MeddleAsync("""{"rate_limiting_limit":9}""");

        await ApplyAsync(world, held, look);

        var live = await world.LiveAsync();
        Assert.Equal(("300", "9"), (live["cache_ttl"]!.ToJsonString(), live["rate_limiting_limit"]!.ToJsonString()));
    }

    [Fact]
    public async Task Apply_SessionOfTheLockLost_MakesNoCall()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var held = await Locks(world).AcquireAsync("prod", CancellationToken.None);
        var look = await LookAsync(world);
        await world.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");

        // What comes is the fault of the journal's insert, as EF Core and Npgsql happen to wrap it.
        Assert.IsNotType<CloudflareException>(await Assert.ThrowsAnyAsync<Exception>(() => ApplyAsync(world, held, look)));

        Assert.Empty(await world.WritesAsync());
        await using var next = await FencingTests.LocksOf(await world.AddReplicaAsync()).AcquireAsync("prod", CancellationToken.None);
        Assert.Equal(held.Epoch + 1, next.Epoch);
    }

    [Fact]
    public async Task TryAcquire_WhileHeld_IsRefusedAndOtherGatewaysAreFree()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var locks = Locks(world);

        await using (await locks.AcquireAsync("prod", CancellationToken.None))
        {
            Assert.Null(await locks.TryAcquireAsync("prod", CancellationToken.None));
            await using var other = await locks.TryAcquireAsync("other", CancellationToken.None);
            Assert.NotNull(other);
        }

        await using var after = await locks.TryAcquireAsync("prod", CancellationToken.None);
        Assert.NotNull(after);
    }

    private static GatewayLocks Locks(ReconciliationWorld world) => world.Service.Services.GetRequiredService<GatewayLocks>();

    private static async Task<Look> LookAsync(ReconciliationWorld world)
    {
        var desired = new DesiredState
        {
            Gateway = "prod",
            Revision = "rules@1",
            Fields = new Dictionary<string, FieldValue> { ["cache_ttl"] = Normalizer.Field("cache_ttl", 300) },
            Asserted = new Dictionary<string, FieldValue>(),
            Keys = [],
        };
        return await world.Service.Services.GetRequiredService<Lookout>().LookAsync("prod", new DesiredReading { Desired = desired, Inventory = Inventory.Empty }, CancellationToken.None);
    }

    private static Task ApplyAsync(ReconciliationWorld world, GatewayLock held, Look look) =>
        world.Service.Services.GetRequiredService<PlanApplier>().ApplyAsync(held, Guid.CreateVersion7(), look, _ => { }, CancellationToken.None);
}
