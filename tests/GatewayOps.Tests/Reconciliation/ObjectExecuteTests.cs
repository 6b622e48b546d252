using System.Net;
using System.Text.Json.Nodes;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation;

/// <summary>Dynamic routes, policies and custom providers from the rule set to Cloudflare and back out of it.</summary>
public sealed class ObjectExecuteTests
{
    private const string Own = """{"slug":"own","name":"Own","base_url":"https://llm.example.com"}""";

    [Fact]
    public async Task Execute_RoutesPoliciesAndCustomProviders_LeaveTheGatewayItselfAlone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.MeddleAsync("""{"authentication":true,"rate_limiting_limit":7,"rate_limiting_interval":60,"brand_new":{"x":1}}""");
        var before = (await world.LiveAsync()).ToJsonString();

        var run = await ExecuteAsync(world, Document("rules", ["prod"], $"\"custom_providers\":[{Own}],\"routes\":[{Route("chat", "custom-own")}],\"policies\":[{Policy("everybody")}]"));

        Assert.Equal(["custom_provider done", "route done", "policy done"], Results(run));
        Assert.Equal(before, (await world.LiveAsync()).ToJsonString());
        Assert.True((await world.GetAsync("gateways/prod/drift"))["changes"]!.AsArray().Count == 0);
    }

    [Fact]
    public async Task Execute_NoLongerDeclared_StaysUntilPruneIsSaid()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await ExecuteAsync(world, Document("rules", ["prod"], $"\"routes\":[{Route("a")},{Route("b")}]"));

        var kept = await ExecuteAsync(world, Document("rules", ["prod"], $"\"routes\":[{Route("a")}]"));
        var reconciled = await world.PostAsync("reconcile", """{"gateway":"prod"}""");
        var pruned = await world.ExecuteAsync("""{"prune":true}""");

        Assert.Equal(["route reported"], Results(kept));
        Assert.Contains("--prune", kept["runs"]![0]!["changes"]![0]!["reason"]!.GetValue<string>());
        Assert.Equal("reported", reconciled["runs"]![0]!["changes"]![0]!["result"]!.GetValue<string>());
        Assert.Equal(["route done"], Results(pruned));
        Assert.Equal(["a"], (await world.RoutesAsync()).Select(route => route["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Reconcile_RouteAndPolicyMovedElsewhere_ArePutRight()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await ExecuteAsync(world, Document("rules", ["prod"], $"\"routes\":[{Route("chat")}],\"policies\":[{Policy("everybody")}]"));
        var id = await world.RouteIdAsync("chat");
        var version = await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/versions", $$"""{"elements":{{Graph("theirs")}}}""");
        await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/deployments", $$"""{"version_id":{{version["result"]!["version_id"]!.ToJsonString()}}}""");
        await world.ElsewhereAsync(HttpMethod.Delete, $"ai-gateway/gateways/prod/policies/{(await world.PoliciesAsync())[0]["id"]!.GetValue<string>()}");

        var run = (await world.PostAsync("reconcile", """{"gateway":"prod"}"""))["runs"]![0]!;

        Assert.Equal(["update elements/m/properties/model true", "create  true"], run["changes"]!.AsArray().Select(change => $"{change!["op"]} {change["field"]} {change["drift"]}"));
        Assert.DoesNotContain("theirs", (await world.GraphAsync("chat")).ToJsonString());
        // Its own graph is one of the route's versions: it was deployed again, not made again.
        Assert.Equal((id, 2, 1), (await world.RouteIdAsync("chat"), await world.VersionsAsync("chat"), (await world.PoliciesAsync()).Count));
    }

    [Fact]
    public async Task Execute_CustomProviderDeclaredDifferentlyForAnotherGateway_IsAConflictThatNamesBoth()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("staging");
        await ExecuteAsync(world, Document("other", ["staging"], $"\"custom_providers\":[{Own}]"), "other");
        await world.PostAsync("content?name=rules", Document("rules", ["prod"], $"\"custom_providers\":[{Own.Replace("llm", "elsewhere")}]"));

        var problem = await world.ExecuteAsync(expected: HttpStatusCode.UnprocessableEntity);

        Assert.Equal("/custom_providers", problem["errors"]![0]!["pointer"]!.GetValue<string>());
        Assert.All(["rules@1", "prod", "other@1", "staging", "own"], word => Assert.Contains(word, problem["errors"]![0]!["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Execute_CustomProviderOfTwoGateways_GoesWithTheLastOfThem()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("staging");
        await ExecuteAsync(world, Document("other", ["staging"], $"\"custom_providers\":[{Own}]"), "other");
        var second = await ExecuteAsync(world, Document("rules", ["prod"], $"\"custom_providers\":[{Own}]"));

        await ExecuteAsync(world, Document("rules", ["prod"], ""), body: """{"prune":true}""");
        var afterOne = (await world.CustomProvidersAsync()).Count;
        await ExecuteAsync(world, Document("other", ["staging"], ""), "other", """{"prune":true}""");

        Assert.Empty(Results(second));
        Assert.Equal(1, afterOne);
        Assert.Empty(await world.CustomProvidersAsync());
    }

    private static async Task<JsonNode> ExecuteAsync(ReconciliationWorld world, string document, string name = "rules", string body = "{}")
    {
        await world.PostAsync($"content?name={name}", document);
        return await world.PostAsync($"content/{name}/execute", body, HttpStatusCode.OK);
    }

    private static IEnumerable<string> Results(JsonNode execution) => execution["runs"]![0]!["changes"]!.AsArray().Select(change => $"{change!["kind"]} {change["result"]}");

    private static string Document(string name, string[] gateways, string members) =>
        $$"""{"name":"{{name}}","gateways":["{{string.Join("\",\"", gateways)}}"],"rules":[{"pattern":"/{{name}}"}]{{(members.Length > 0 ? "," : "")}}{{members}}}""";

    private static string Route(string name, string provider = "openai") => $$"""{"name":"{{name}}","elements":{{Graph(provider: provider)}}}""";

    private static string Policy(string name) => $$"""{"name":"{{name}}","actor":"user:{cf.user.id}","resource":"*","action":{"type":"no-limit"} }""";
}
