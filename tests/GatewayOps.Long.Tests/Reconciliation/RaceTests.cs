using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;

namespace GatewayOps.Long.Tests.Reconciliation;

/// <summary>Two replicas as processes of their own, and one plan that fifty callers execute at the same time.</summary>
public sealed class RaceTests(ITestOutputHelper output)
{
    private const int Callers = 50;

    [Fact]
    public async Task Execute_FiftyAtOnceOverTwoReplicas_OneIsDoneAndTheRestAreRefused()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await using var first = await ChildService.StartAsync(world.Database, world.Cloudflare, "");
        await using var second = await ChildService.StartAsync(world.Database, world.Cloudflare, "");
        await world.AddAsync("""{"cache_ttl":300}""");
        var hash = (await world.PostAsync("content/rules/plan", "{}"))["hash"]!.GetValue<string>();

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => ExecuteAsync(i % 2 == 0 ? first : second, hash)));

        output.WriteLine(string.Join(", ", answers.GroupBy(answer => answer).Select(group => $"{group.Count()} × {group.Key}")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(Callers - 1, answers.Count(answer => answer is { Status: HttpStatusCode.Conflict, Code: "plan_executed" or "plan_changed" }));
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(["PUT"], (await world.WritesAsync()).Select(write => write.Split(' ')[0]));
        Assert.Equal([1L], await world.Database.QueryAsync<long>("select count(*) from activations"));
        Assert.Equal([0L], await world.Database.QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"));
    }

    private static async Task<(HttpStatusCode Status, string? Code)> ExecuteAsync(ChildService replica, string hash)
    {
        using var content = new StringContent(new JsonObject { ["planHash"] = hash }.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await replica.Operator.PostAsync(new Uri("/api/v1/content/rules/execute", UriKind.Relative), content);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())?["type"]?.GetValue<string>().Split(':')[^1]);
    }
}
