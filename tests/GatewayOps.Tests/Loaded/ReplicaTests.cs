using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Loaded;

public sealed class ReplicaTests
{
    [Fact]
    public async Task Activation_IsServedByEveryReplicaWithinTwoSeconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await TestService.StartAsync(database);
        await using var second = await TestService.StartAsync(database);
        await first.AddAsync("a", "{}");

        await first.ActivateAsync("prod", "a", 1);

        await ServedAsync("a@1", [first, second]);
    }

    [Fact]
    public async Task Activation_WithoutItsNotification_IsServedByEveryReplicaWithinTwoSeconds()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await TestService.StartAsync(database);
        await using var second = await TestService.StartAsync(database);
        await first.AddAsync("a", "{}");

        // The row alone: nobody is notified, as if the message had been lost.
        await database.ExecuteAsync("insert into activations (gateway, rule_set, revision, kind, activated_at, activated_by) values ('prod', 'a', 1, 'execute', now(), 'test')");

        await ServedAsync("a@1", [first, second]);
    }

    [Fact]
    public async Task Replicas_TellEachOtherWhatTheyServe()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await TestService.StartAsync(database);
        await using var second = await TestService.StartAsync(database);
        await first.AddAsync("a", "{}");
        await first.ActivateAsync("prod", "a", 1);

        await first.EventuallyAsync(async () => (await ListAsync(first)) is [var a, var b] && All([a, b], "a@1"), "two replicas at a@1");

        var loaded = await first.Services.GetRequiredService<Replicas>().LoadedAsync(["prod", "other"], CancellationToken.None);
        Assert.Equal(["other none", "other none", "prod a@1", "prod a@1"], loaded.Select(entry => $"{entry.Gateway} {entry.Revision}").Order());
        Assert.All(await ListAsync(second), replica => Assert.Empty(replica["behind"]!.AsArray()));
    }

    [Fact]
    public async Task Replica_ThatCannotCompile_IsShownBehind()
    {
        await using var service = await TestService.StartAsync();
        await service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await service.AddAsync("b", """{"settings":{"cache_ttl":70}}""");
        await service.ActivateAsync("prod", "a", 1);
        await service.ActivateAsync("prod", "b", 1);

        await service.EventuallyAsync(async () => (await ListAsync(service)) is [var replica] && replica["behind"]!.ToJsonString() == """["prod"]""", "the replica behind");

        var gateways = await service.Operator.GetFromJsonAsync<JsonObject>("/api/v1/gateways");
        Assert.True(gateways!["gateways"]![0]!["replicas"]![0]!["behind"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Replica_ThatStops_IsGoneAtOnceAndOneThatDied_IsRemovedByTheOthers()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var service = await TestService.StartAsync(database);
        await using (var other = await TestService.StartAsync(database))
        {
            await service.EventuallyAsync(async () => (await ListAsync(service)).Count == 2, "both replicas");
            await other.App.StopAsync();
        }

        await database.ExecuteAsync("insert into replicas (id, build, started_at, seen_at, loaded) values ('dead', 'x', now(), now() - interval '31 seconds', '{}')");

        Assert.Single(await ListAsync(service));
        // Whoever has something to tell removes the dead row with it: within a second, not with the next beat.
        await service.AddAsync("rules", "{}");
        await service.ActivateAsync("prod", "rules", 1);
        await service.EventuallyAsync(async () => (await database.QueryAsync<string>("select id from replicas")).Count == 1, "the removal of the dead row");
    }

    private static async Task ServedAsync(string label, TestService[] replicas)
    {
        var since = Stopwatch.StartNew();
        foreach (var replica in replicas)
        {
            await replica.EventuallyAsync(() => replica.Services.GetRequiredService<LoadedRuleSets>().For("prod").Label == label, $"{label} everywhere");
        }

        Assert.True(since.Elapsed < TimeSpan.FromSeconds(2), $"{since.Elapsed.TotalSeconds:0.0} s");
    }

    private static bool All(JsonNode[] replicas, string label) => replicas.All(replica => replica["loaded"]!["prod"]?.GetValue<string>() == label);

    private static async Task<List<JsonNode>> ListAsync(TestService service) =>
        [.. (await service.Operator.GetFromJsonAsync<JsonObject>("/api/v1/replicas"))!["replicas"]!.AsArray().Select(replica => replica!)];
}
