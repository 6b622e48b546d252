namespace GatewayOps.Tests.Reconciliation;

public sealed class JournalRecoveryTests
{
    [Fact]
    public async Task Interval_CallThatAnotherReplicaLeftOpen_IsLookedUp()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: KillSteps.Restarted);
        await OpenAsync(world, "create", "prod");
        await OpenAsync(world, "create", "never-made");

        await world.Service.EventuallyAsync(
            async () => (await world.Database.QueryAsync<long>("select count(*) from operations where status = 'pending'"))[0] == 0, "the end of both calls");

        Assert.Equal(["prod"], await world.Database.QueryAsync<string>("select key from inventory"));
        Assert.Empty(await world.WritesAsync());
    }

    private static Task OpenAsync(ReconciliationWorld world, string op, string gateway) => world.Database.ExecuteAsync(
        "insert into operations (id, run_id, gateway, kind, key, op, payload_hash, status, created_at) values (gen_random_uuid(), gen_random_uuid(), $1, 'gateway', $1, $2, '', 'pending', now())",
        gateway, op);
}
