using System.Net;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.KillSteps;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Killed where nothing is left of a call but the call: every point in the long suite.</summary>
public sealed class ExecuteKillTests
{
    [Theory]
    [InlineData("call.sent:2")] // the POST of the provider_config
    public Task Execute_KilledAtAPoint_IsFinishedByTheRestart(string point) => KillAsync(point);

    internal static async Task KillAsync(string point)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        await world.AddAsync("""{"cache_ttl":300}""");
        await DeleteConfigsAsync(world); // so that the plan has two calls
        await world.StopAsync();

        await using (var child = await ChildService.StartAsync(world.Database, world.Cloudflare, point))
        {
            await child.PostAndDieAsync("content/rules/execute", "{}");
        }

        await world.AddReplicaAsync(Restarted);
        await world.SettledAsync();

        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Single(await world.ProviderConfigsAsync());
        Assert.Equal(["prod_openai_default"], await world.SecretNamesAsync());
        Assert.Single((await world.GetAsync("provider-keys"))["keys"]!.AsArray());
        Assert.Equal(1, await ExecuteTests.CountAsync(world, "activations"));
    }

    private static async Task DeleteConfigsAsync(ReconciliationWorld world)
    {
        foreach (var config in await world.ProviderConfigsAsync())
        {
            using var response = await world.Cloudflare.Management.DeleteAsync(new Uri($"ai-gateway/gateways/prod/provider_configs/{config["id"]}", UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode);
        }
    }
}
