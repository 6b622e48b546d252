using System.Net;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.KillSteps;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Killed between the secret's creation and its note: every point in the long suite.</summary>
public sealed class KeyKillTests
{
    [Theory]
    [InlineData("call.sent:2")]
    public Task PutKey_KilledAtAPoint_LeavesNothingBehindOrEverything(string point) => KillAsync(point);

    internal static async Task KillAsync(string point)
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
