using System.Net;
using System.Text;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>SIGKILL of the real process at named points, then a restart: no duplicate, nothing acknowledged lost, nothing left to do.</summary>
public sealed class KillTests
{
    private const string Key = """{"gateway":"prod","provider":"openai","value":"sk-killed-0123456789"}""";

    private static readonly Dictionary<string, string> Restarted = new()
    {
        ["GatewayOps:Reconciliation:Enabled"] = "true",
        ["GatewayOps:Reconciliation:Interval"] = "00:00:01",
    };

    [Theory]
    [InlineData("execute.activated")]
    [InlineData("journal.written:1")] // the PUT of the gateway
    [InlineData("call.sent:1")]
    [InlineData("journal.done:1")]
    [InlineData("journal.written:2")] // the POST of the provider_config
    [InlineData("call.sent:2")]
    [InlineData("journal.done:2")]
    public async Task Execute_KilledAtAPoint_IsFinishedByTheRestart(string point)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        await world.AddAsync("""{"cache_ttl":300}""");
        await DeleteConfigsAsync(world); // so that the plan has two calls
        await world.StopAsync();

        await using (var child = await ChildService.StartAsync(world.Database, world.Cloudflare, point))
        {
            await PostAndDieAsync(child, "content/rules/execute", "{}");
        }

        await world.AddReplicaAsync(Restarted);
        await SettledAsync(world);

        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Single(await world.ProviderConfigsAsync());
        Assert.Equal(["prod_openai_default"], await world.SecretNamesAsync());
        Assert.Single((await world.GetAsync("provider-keys"))["keys"]!.AsArray());
        Assert.Equal(1, await ExecuteTests.CountAsync(world, "activations"));
    }

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
            await PostAndDieAsync(child, "provider-keys", Key);
        }

        await world.AddReplicaAsync(Restarted);
        await SettledAsync(world);
        var declared = (await world.GetAsync("provider-keys"))["keys"]!.AsArray().Count;

        Assert.Equal(declared, (await world.SecretNamesAsync()).Count);
        Assert.Equal(declared, (await world.ProviderConfigsAsync()).Count);
        await world.PostAsync("provider-keys", Key, HttpStatusCode.Created);
        Assert.Single(await world.SecretNamesAsync());
        Assert.Single(await world.ProviderConfigsAsync());
    }

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
        await SettledAsync(world);
        await world.MeddleAsync("""{"cache_ttl":6}""");
        await replica.EventuallyAsync(async () => (await world.LiveAsync())["cache_ttl"]!.ToJsonString() == "300", "the repair by the recovered job");

        Assert.Contains("interrupted", await world.Database.QueryAsync<string>("select outcome from runs"));
    }

    private static async Task PostAndDieAsync(ChildService child, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => child.Operator.PostAsync(new Uri($"/api/v1/{path}", UriKind.Relative), content));
        await child.KilledAsync();
    }

    private static async Task DeleteConfigsAsync(ReconciliationWorld world)
    {
        foreach (var config in await world.ProviderConfigsAsync())
        {
            using var response = await world.Cloudflare.Management.DeleteAsync(new Uri($"ai-gateway/gateways/prod/provider_configs/{config["id"]}", UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    // Nobody asks for anything: the restart and the interval do it.
    private static async Task SettledAsync(ReconciliationWorld world)
    {
        await world.Service.EventuallyAsync(
            async () => (await world.Database.QueryAsync<long>(
                "select (select count(*) from operations where status = 'pending') + (select count(*) from runs where outcome = 'running')"))[0] == 0,
            "the end of what the killed process began");
        await world.Service.EventuallyAsync(
            async () => !(await world.GetAsync("gateways/prod/drift"))["drifted"]!.GetValue<bool>(),
            "an empty plan");
    }
}
