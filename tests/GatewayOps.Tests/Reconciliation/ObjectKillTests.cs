using System.Net;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.KillSteps;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Killed where a route, a policy or a custom provider is half made, changed or deleted: every point in the long suite.</summary>
public sealed class ObjectKillTests
{
    [Theory]
    [InlineData("update", "journal.done:2")] // the version is made and not deployed
    public Task Execute_KilledAtAPoint_IsFinishedByTheRestart(string change, string point) => KillAsync(change, point);

    /// <summary>
    /// Calls of `create`: custom provider, route, policy. Of `update`: custom provider, version, deployment, policy. Of `delete`: policy, route, custom provider.
    /// </summary>
    internal static async Task KillAsync(string change, string point)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await ForeignAsync(world);
        await AddAsync(world, change == "create" ? Nothing : First);
        await world.ExecuteAsync();
        await AddAsync(world, change switch { "create" => First, "update" => Second, _ => Nothing });
        await world.StopAsync();
        await using (var child = await ChildService.StartAsync(world.Database, world.Cloudflare, point))
        {
            await child.PostAndDieAsync("content/rules/execute", """{"prune":true,"allowMassDelete":true}""");
        }

        await world.AddReplicaAsync(Restarted);
        await world.SettledAsync();

        string[] expected = change == "delete" ? [] : ["custom_provider * own", "policy prod budget", "route prod chat"];
        Assert.Equal(expected, await world.InventoryAsync());
        Assert.Equal(change == "delete" ? ["theirs"] : ["chat", "theirs"], (await world.RoutesAsync()).Select(route => route["name"]!.GetValue<string>()).Order());
        Assert.Equal(change == "delete" ? ["theirs"] : ["budget", "theirs"], (await world.PoliciesAsync()).Select(policy => policy["name"]!.GetValue<string>()).Order());
        Assert.Equal(change == "delete" ? ["theirs"] : ["own", "theirs"], (await world.CustomProvidersAsync()).Select(provider => provider["slug"]!.GetValue<string>()).Order());
        if (change != "delete")
        {
            var isSecond = change == "update";
            Assert.Contains(isSecond ? "llama-2" : "llama-1", (await world.GraphAsync("chat")).ToJsonString());
            Assert.Equal(isSecond ? 2 : 1, await world.VersionsAsync("chat"));
            Assert.Contains((await world.PoliciesAsync()).Select(policy => policy["action"]!["amount"]?.ToJsonString()), amount => amount == (isSecond ? "50" : "25"));
            Assert.Contains((await world.CustomProvidersAsync()).Select(provider => provider["base_url"]!.GetValue<string>()), url => url == $"https://llm{(isSecond ? 2 : 1)}.example.com");
        }

        Assert.Empty((await world.ExecuteAsync("""{"dryRun":true,"prune":true,"allowMassDelete":true}"""))["runs"]![0]!["changes"]!.AsArray());
    }

    private const string Nothing = """{"gateways":["prod"],"rules":[{"pattern":"/chat/completions"}]}""";

    private static string First => Document("llama-1", 25, 1);

    private static string Second => Document("llama-2", 50, 2);

    private static string Document(string model, int amount, int host) => $$"""
        {"gateways":["prod"],"rules":[{"pattern":"/chat/completions"}],
         "custom_providers":[{"slug":"own","name":"Own","base_url":"https://llm{{host}}.example.com"}],
         "routes":[{"name":"chat","elements":{{Graph(model, "custom-own")}}}],
         "policies":[{"name":"budget","actor":"user:{cf.user.id}","resource":"*","action":{"type":"limit","amount":{{amount}},"period":"daily"} }]}
        """;

    private static async Task AddAsync(ReconciliationWorld world, string document) => await world.PostAsync("content?name=rules", document, HttpStatusCode.Created);

    /// <summary>One of each kind that somebody else made.</summary>
    private static async Task ForeignAsync(ReconciliationWorld world)
    {
        await world.ElsewhereAsync(HttpMethod.Post, "ai-gateway/gateways/prod/routes", $$"""{"name":"theirs","elements":{{Graph()}}}""");
        await world.ElsewhereAsync(HttpMethod.Post, "ai-gateway/gateways/prod/policies?commit=true", """{"name":"theirs","actor":"*","resource":"*","condition":"true","action":{"type":"no-limit"}}""");
        await world.ElsewhereAsync(HttpMethod.Post, "ai-gateway/custom-providers", """{"name":"Theirs","slug":"theirs","base_url":"https://theirs.example.com"}""");
    }
}
