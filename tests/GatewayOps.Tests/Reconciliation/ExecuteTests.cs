using System.Net;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Reconciliation;

public sealed class ExecuteTests
{
    [Fact]
    public async Task Execute_PlannedRevision_DoesExactlyThePlan()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300,"rate_limiting_limit":100,"rate_limiting_interval":60}""");

        var plan = await world.PostAsync("content/rules/plan", "");
        var executed = await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}"}""");
        var live = await world.LiveAsync();
        var after = await world.PostAsync("content/rules/plan", "{}");

        Assert.Equal(["cache_ttl", "rate_limiting_interval", "rate_limiting_limit"], Fields(plan["gateways"]![0]!));
        Assert.Equal("succeeded", executed["outcome"]!.GetValue<string>());
        Assert.All(executed["runs"]![0]!["changes"]!.AsArray(), change => Assert.Equal("done", change!["result"]!.GetValue<string>()));
        Assert.Equal("300", live["cache_ttl"]!.ToJsonString());
        Assert.Empty(after["gateways"]![0]!["changes"]!.AsArray());
        Assert.Single(await world.WritesAsync(), write => write.StartsWith("PUT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Execute_FieldsWeDoNotKnow_SurviveByteForByte()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        await world.Cloudflare.CreateGatewayAsync(ReconciliationWorld.Gateway, new Dictionary<string, object?> { ["brand_new"] = new Dictionary<string, object?> { ["b"] = 1, ["a"] = "x" }, ["authentication"] = true });
        await world.MeddleAsync("""{"brand_new":{"b":1.50,"a":"x\u00e9"},"log_management":20000}""");
        var before = (await world.LiveAsync())["brand_new"]!.ToJsonString();

        await world.ApplyAsync("""{"cache_ttl":120}""");

        var live = await world.LiveAsync();
        Assert.Equal("120", live["cache_ttl"]!.ToJsonString());
        Assert.Equal(before, live["brand_new"]!.ToJsonString());
        Assert.Equal("20000", live["log_management"]!.ToJsonString());
        Assert.Equal("true", live["authentication"]!.ToJsonString());
    }

    [Fact]
    public async Task Execute_PlanHashOfAnotherState_Is409AndChangesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");
        await world.MeddleAsync("""{"cache_ttl":77}""");

        var problem = await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}"}""", HttpStatusCode.Conflict);

        Assert.EndsWith("plan_changed", problem["type"]!.GetValue<string>());
        Assert.NotEqual(plan["hash"]!.GetValue<string>(), problem["planHash"]!.GetValue<string>());
        Assert.Equal("77", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(0, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Execute_DryRun_ChangesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");

        var answer = await world.ExecuteAsync("""{"dryRun":true}""");

        Assert.Equal("planned", answer["outcome"]!.GetValue<string>());
        Assert.Equal("0", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(0, await CountAsync(world, "activations"));
        Assert.Equal(0, await CountAsync(world, "runs"));
    }

    [Fact]
    public async Task Execute_GatewayMissing_IsRefusedWithTheFix()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        await world.AddAsync("""{"cache_ttl":300}""");

        var plan = await world.PostAsync("content/rules/plan", "{}");
        var problem = await world.ExecuteAsync("{}", HttpStatusCode.Conflict);

        Assert.False(plan["gateways"]![0]!["exists"]!.GetValue<bool>());
        Assert.EndsWith("gateway_not_found", problem["type"]!.GetValue<string>());
        Assert.Contains("gatewayops gateway create prod", problem["detail"]!.GetValue<string>());
        Assert.Equal(0, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Execute_RuleOfTwoSetsTies_NamesBothAndLeavesTheFirstActive()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        foreach (var name in (string[])["one", "two"])
        {
            await world.PostAsync($"content?name={name}", """{"gateways":["prod"],"rules":[{"name":"chat","pattern":"/chat/completions"}]}""", HttpStatusCode.Created);
        }

        await world.PostAsync("content/one/execute", "{}", HttpStatusCode.OK);
        var problem = await world.PostAsync("content/two/execute", "{}", HttpStatusCode.UnprocessableEntity);

        Assert.EndsWith("rule_set_conflict", problem["type"]!.GetValue<string>());
        Assert.Contains("one@1", problem["detail"]!.GetValue<string>());
        Assert.Contains("two@1", problem["detail"]!.GetValue<string>());
        Assert.Equal(["one"], await world.Database.QueryAsync<string>("select rule_set from activations"));
    }

    [Fact]
    public async Task Execute_UnknownRuleSetOrRevision_Is404()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("{}");

        await world.PostAsync("content/other/execute", "{}", HttpStatusCode.NotFound);
        await world.ExecuteAsync("""{"revision":9}""", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Execute_CloudflareRefusesTheWrite_SaysSoAndTheNextPassGoesOn()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", method = "PUT", status = 400 });

        var failed = await world.ExecuteAsync();
        var gateway = await world.GetAsync("gateways/prod");
        await world.Cloudflare.ClearManagementFaultsAsync();
        var runs = await world.PostAsync("reconcile", "");

        Assert.Equal("failed", failed["outcome"]!.GetValue<string>());
        Assert.Equal("failed", failed["runs"]![0]!["changes"]![0]!["result"]!.GetValue<string>());
        Assert.Equal(("False", "CloudflareRejected"), ConditionOf(gateway, "Ready"));
        Assert.Equal(("False", "ChangesPending"), ConditionOf(gateway, "Synced"));
        Assert.Equal("succeeded", runs["runs"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
    }

    [Fact]
    public async Task Execute_CloudflareAway_Is503AndNothingIsActivated()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways/prod", method = "GET", status = 403 });

        await world.ExecuteAsync("{}", HttpStatusCode.BadGateway);

        Assert.Equal(0, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Rollback_EarlierRevision_IsANewActivation()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.ApplyAsync("""{"cache_ttl":600}""");

        var answer = await world.PostAsync("content/rules/rollback", """{"revision":1}""");

        Assert.Equal(1, answer["revision"]!.GetValue<int>());
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(3, await CountAsync(world, "activations"));
        Assert.Equal("rules@1", (await world.GetAsync("gateways/prod"))["applied"]!.GetValue<string>());
    }

    [Fact]
    public async Task Execute_TwoReplicasAtOnce_HaveOneEffect()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        await world.AddAsync("""{"cache_ttl":300}""");

        var answers = await Task.WhenAll(world.PostAsync("content/rules/execute", "{}"), world.PostAsync("content/rules/execute", "{}", api: other.Operator));

        Assert.All(answers, answer => Assert.Equal("succeeded", answer["outcome"]!.GetValue<string>()));
        Assert.Single(await world.WritesAsync(), write => write.StartsWith("PUT", StringComparison.Ordinal));
        Assert.Equal(1, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Execute_RepeatedWithItsKey_IsAnsweredFromTheRecord()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var keyed = world.Service.NewClient(TestService.ApplyToken);
        keyed.DefaultRequestHeaders.Add("Idempotency-Key", "one");

        var first = await world.PostAsync("content/rules/execute", "{}", api: keyed);
        var second = await world.PostAsync("content/rules/execute", "{}", api: keyed);

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(["applier"], await world.Database.QueryAsync<string>("select actor from audit where action = 'content.activate'"));
        Assert.Equal(1, await CountAsync(world, "runs"));
    }

    [Fact]
    public async Task Plan_AsText_IsForPeople()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/content/rules/plan") { Headers = { Accept = { new("text/plain") } } };

        using var response = await world.Api.SendAsync(request);

        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("gateway prod at rules@1: 1 to update", text);
        Assert.Contains("gateway setting  /settings/cache_ttl", text);
        Assert.EndsWith($"gatewayops content execute --name rules --plan-hash {(await world.Database.QueryAsync<string>("select hash from plans"))[0]}\n", text);
    }

    [Fact]
    public async Task Execute_WithoutTheScope_IsRefused()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("{}");

        await world.PostAsync("content/rules/execute", "{}", HttpStatusCode.Forbidden, world.Service.NewClient(TestService.ReadToken));
        await world.PostAsync("content/rules/rollback", """{"revision":1}""", HttpStatusCode.Forbidden, world.Service.NewClient(TestService.ReadToken));
    }

    internal static (string Status, string Reason) ConditionOf(JsonNode gateway, string type)
    {
        var condition = gateway["conditions"]!.AsArray().Single(condition => condition!["type"]!.GetValue<string>() == type)!;
        return (condition["status"]!.GetValue<string>(), condition["reason"]!.GetValue<string>());
    }

    internal static async Task<long> CountAsync(ReconciliationWorld world, string table) => (await world.Database.QueryAsync<long>($"select count(*) from {table}"))[0];

    private static IEnumerable<string> Fields(JsonNode plan) => plan["changes"]!.AsArray().Select(change => change!["field"]!.GetValue<string>());
}
