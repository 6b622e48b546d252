using System.Net;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>Fifty executes of one plan at once, over two processes: one does it.</summary>
public sealed class ParallelExecuteTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Execute_OnePlanFiftyTimesAtOnce_OverTwoProcesses_IsExecutedOnce(int round)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("dev");
        await world.PostAsync("content?name=rules", $$"""{"gateways":["prod","dev"],"settings":{"cache_ttl":{{60 * round}} } }""", HttpStatusCode.Created);
        await using var one = await ChildService.StartAsync(world.Database, world.Cloudflare, faultPoint: "never");
        await using var two = await ChildService.StartAsync(world.Database, world.Cloudflare, faultPoint: "never");
        var plan = await world.PostAsync("content/rules/plan", "{}");

        await PlanTests.OnceAsync(world, $$"""{"planHash":"{{plan["hash"]}}"}""", 50, [one.Operator, two.Operator]);

        Assert.Equal(["dev", "prod"], await world.Database.QueryAsync<string>("select gateway from activations order by id"));
        Assert.Equal(2, (await world.WritesAsync()).Count(write => write.StartsWith("PUT", StringComparison.Ordinal)));
    }
}
