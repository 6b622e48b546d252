using System.Net;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.KillSteps;

namespace GatewayOps.Tests.Reconciliation;

public sealed class KeyKillTests
{
    [Theory]
    [InlineData("call.sent:1")] // store
    [InlineData("journal.written:2")] // secret
    [InlineData("call.sent:2")]
    [InlineData("journal.done:2")]
    [InlineData("call.sent:4")] // provider_config
    public async Task PutKey_KilledAtAPoint_LeavesNothingBehindOrEverything(string point)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.StopAsync();

        await using (var child = await ChildService.StartAsync(world.Database, world.Cloudflare, point))
        {
            await child.PostAndDieAsync("provider-keys", Key);
        }

        await world.AddReplicaAsync(Restarted);
        await world.SettledAsync();
        var declared = (await world.GetAsync("provider-keys"))["keys"]!.AsArray().Count;

        Assert.Equal(declared, (await world.SecretNamesAsync()).Count);
        Assert.Equal(declared, (await world.ProviderConfigsAsync()).Count);
        await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        Assert.Single(await world.SecretNamesAsync());
        Assert.Single(await world.ProviderConfigsAsync());
    }
}
