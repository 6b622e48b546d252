using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Reconciliation;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.ExecuteTests;

namespace GatewayOps.Tests.Reconciliation;

public sealed class PlanTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Plan_CanBeExecutedForAQuarterOfAnHour_AndNamesItself()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");

        var plan = await world.PostAsync("content/rules/plan", """{"prune":true}""", api: world.Service.NewClient(TestService.ReadToken));

        Assert.Equal(TimeSpan.FromMinutes(15), Time(plan, "expiresAt") - Time(plan, "createdAt"));
        Assert.Equal([$"{plan["id"]}|{plan["hash"]}|reader|true|false"], await world.Database.QueryAsync<string>("select concat_ws('|', id, hash, created_by, case when prune then 'true' end, case when not allow_mass_delete then 'false' end) from plans"));
        Assert.True(plan["prune"]!.GetValue<bool>());
        Assert.Equal(["prod none"], plan["replicas"]!.AsArray().Select(replica => $"{replica!["gateway"]} {replica["revision"]}"));
        Assert.Equal(0, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Execute_ByPlanId_DoesThatRevisionWhateverWasAddedSince()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", """{"prune":true,"allowMassDelete":true}""");
        await world.AddAsync("""{"cache_ttl":600}""");

        var executed = await world.ExecuteAsync($$"""{"planId":"{{plan["id"]}}"}""");

        Assert.Equal(1, executed["revision"]!.GetValue<int>());
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(["t|t"], await world.Database.QueryAsync<string>("select concat_ws('|', prune, allow_mass_delete) from activations"));
    }

    [Fact]
    public async Task Execute_PlanThatWasExecuted_Is409SayingByWhom()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");
        await world.PostAsync("content/rules/execute", $$"""{"planId":"{{plan["id"]}}"}""", HttpStatusCode.OK, world.Service.NewClient(TestService.ApplyToken));

        var again = await world.ExecuteAsync($$"""{"planId":"{{plan["id"]}}"}""", HttpStatusCode.Conflict);
        var dry = await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}","dryRun":true}""", HttpStatusCode.Conflict);

        Assert.Equal(("plan_executed", "plan_executed"), (CodeOf(again), CodeOf(dry)));
        Assert.Contains("by applier at", again["detail"]!.GetValue<string>());
        Assert.Contains("gatewayops content plan --name rules", again["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task Execute_PlanThatExpired_Is409AndChangesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");
        await world.Database.ExecuteAsync("update plans set expires_at = created_at");

        foreach (var named in new[] { $$"""{"planId":"{{plan["id"]}}"}""", $$"""{"planHash":"{{plan["hash"]}}"}""" })
        {
            Assert.Equal("plan_expired", CodeOf(await world.ExecuteAsync(named, HttpStatusCode.Conflict)));
        }

        Assert.Equal(0, await CountAsync(world, "activations"));
    }

    [Theory]
    [InlineData("""{"planId":"0199d7a0-0000-7000-8000-000000000000"}""")]
    [InlineData("""{"planHash":"0000000000000000000000000000000000000000000000000000000000000000"}""")]
    [InlineData("""{"planHash":"no\u0000hash"}""")]
    public async Task Execute_PlanThatNobodyWasShown_Is409(string named)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");

        Assert.Equal("plan_unknown", CodeOf(await world.ExecuteAsync(named, HttpStatusCode.Conflict)));
    }

    [Fact]
    public async Task Execute_PlanOfAnotherRuleSetOrRevision_Is409()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        await world.AddAsync("""{"cache_ttl":600}""");
        await world.PostAsync("content?name=other", """{"gateways":["prod"]}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");

        Assert.Equal("plan_unknown", CodeOf(await world.PostAsync("content/other/execute", $$"""{"planId":"{{plan["id"]}}"}""", HttpStatusCode.Conflict)));
        Assert.Equal("plan_unknown", CodeOf(await world.ExecuteAsync($$"""{"planId":"{{plan["id"]}}","revision":1}""", HttpStatusCode.Conflict)));
    }

    [Fact]
    public async Task Execute_WithOtherDeletionsThanPlanned_IsAnotherPlan()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");

        var problem = await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}","prune":true}""", HttpStatusCode.Conflict);
        var executed = await world.ExecuteAsync($$"""{"planId":"{{problem["plan"]!["id"]}}"}""");

        Assert.Equal("plan_changed", CodeOf(problem));
        Assert.Contains("--prune", problem["detail"]!.GetValue<string>());
        Assert.Equal((problem["planHash"]!.GetValue<string>(), true), (executed["planHash"]!.GetValue<string>(), executed["prune"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Execute_OnePlanManyTimesAtOnce_IsExecutedOnce()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var other = await world.AddReplicaAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");

        // More than a replica has connections to the database (16 in tests).
        await OnceAsync(world, $$"""{"planHash":"{{plan["hash"]}}"}""", 40, [world.Api, other.Operator]);

        Assert.Equal(1, await CountAsync(world, "activations"));
        Assert.Single(await world.WritesAsync(), write => write.StartsWith("PUT", StringComparison.Ordinal));
    }

    /// <summary>Sends the same execution many times at once, turn by turn through <paramref name="replicas"/>: one does it, the others are told that it is done, and the database saw no deadlock.</summary>
    internal static async Task OnceAsync(ReconciliationWorld world, string body, int times, IReadOnlyList<HttpClient> replicas)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, times).Select(async turn =>
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await replicas[turn % replicas.Count].PostAsync("/api/v1/content/rules/execute", content);
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }));

        Assert.Equal([(HttpStatusCode.OK, 1), (HttpStatusCode.Conflict, times - 1)], answers.CountBy(answer => answer.StatusCode).OrderBy(count => count.Key).Select(count => (count.Key, count.Value)));
        // One that waited its 30 seconds before the plan was executed, on a machine that is busy with something else, is told that the gateway is busy.
        Assert.All(answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict), answer => Assert.Contains(CodeOf(JsonNode.Parse(answer.Text)!), (string[])["plan_executed", "gateway_busy"]));
        Assert.Equal([0L], await world.Database.QueryAsync<long>("select deadlocks from pg_stat_database where datname = current_database()"));
    }

    [Fact]
    public async Task Execute_RepeatedBecauseNoAnswerCame_GoesOnWithItsPlan()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var plan = await world.PostAsync("content/rules/plan", "{}");
        var keyed = world.Service.NewClient(TestService.ApplyToken);
        keyed.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        await world.PostAsync("content/rules/execute", $$"""{"planHash":"{{plan["hash"]}}"}""", HttpStatusCode.OK, keyed);
        // As if the process had died after the activation: no answer was recorded, and Cloudflare is not what it should be.
        await world.Database.ExecuteAsync("delete from idempotency");
        await world.MeddleAsync("""{"cache_ttl":0}""");

        var again = await world.PostAsync("content/rules/execute", $$"""{"planHash":"{{plan["hash"]}}"}""", HttpStatusCode.OK, keyed);
        await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}"}""", HttpStatusCode.Conflict);

        Assert.Equal("succeeded", again["outcome"]!.GetValue<string>());
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(1, await CountAsync(world, "activations"));
    }

    [Fact]
    public async Task Execute_EmptiedRuleSet_NeedsToBeAllowed()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.AddAsync("{}");

        var refused = await world.ExecuteAsync("{}", HttpStatusCode.Conflict);
        var dry = await world.ExecuteAsync("""{"dryRun":true}""", HttpStatusCode.Conflict);
        var active = await ActiveAsync(world);
        await world.ExecuteAsync("""{"allowMassDelete":true}""");

        Assert.Equal(("mass_delete_refused", "mass_delete_refused"), (CodeOf(refused), CodeOf(dry)));
        Assert.Contains("rules@2 asks for nothing", refused["detail"]!.GetValue<string>());
        Assert.Contains("--allow-mass-delete", refused["detail"]!.GetValue<string>());
        Assert.Equal((1, 2), (active, await ActiveAsync(world)));
    }

    [Fact]
    public async Task Execute_SameRevisionWithPrune_IsANewActivation()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");

        await world.ExecuteAsync("""{"prune":true}""");
        await world.ExecuteAsync("""{"prune":true}""");
        await world.ExecuteAsync();

        Assert.Equal(["false", "true", "false"], await world.Database.QueryAsync<string>("select prune::text from activations order by id"));
    }

    [Fact]
    public async Task DryRun_SaysWhatWouldBeDone_ForEveryVerb()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.ApplyAsync("""{"cache_ttl":600}""");
        var writes = (await world.WritesAsync()).Count;
        var rows = await CountAsync(world, "activations");

        var execute = await world.ExecuteAsync("""{"revision":1,"dryRun":true}""");
        var rollback = await world.PostAsync("content/rules/rollback", """{"revision":1,"dryRun":true}""");
        using var removal = await world.Api.DeleteAsync("/api/v1/content/rules?dryRun=true&prune=true");

        Assert.Equal(("planned", "planned"), (execute["outcome"]!.GetValue<string>(), rollback["outcome"]!.GetValue<string>()));
        Assert.Equal("cache_ttl", rollback["runs"]![0]!["changes"]![0]!["field"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, removal.StatusCode);
        Assert.Equal("prod", JsonNode.Parse(await removal.Content.ReadAsStringAsync())!["gateways"]![0]!["gateway"]!.GetValue<string>());
        Assert.Equal((writes, rows), ((await world.WritesAsync()).Count, await CountAsync(world, "activations")));
        Assert.Equal(2, await ActiveAsync(world));
        await world.PostAsync("content/rules/rollback", $$"""{"revision":1,"planId":"{{rollback["planId"]}}"}""", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Remove_ActiveRuleSet_LeavesSettingsAsTheyAre()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/content/rules?prune=true&allowMassDelete=true") { Headers = { { "If-Match", "\"1\"" } } };

        using var removed = await world.Api.SendAsync(request);
        await world.PostAsync("reconcile", """{"gateway":"prod"}""");

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(["remove|t|t"], await world.Database.QueryAsync<string>("select concat_ws('|', kind, prune, allow_mass_delete) from activations where revision is null"));
        Assert.Equal("none", (await world.GetAsync("gateways/prod"))["desired"]!.GetValue<string>());
    }

    [Fact]
    public async Task Execute_PausedGateway_IsRefused_AlsoAsADryRun()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        await world.PostAsync("gateways/prod/pause", "{}", HttpStatusCode.OK);

        foreach (var body in new[] { "{}", """{"dryRun":true}""" })
        {
            Assert.Equal("gateway_paused", CodeOf(await world.ExecuteAsync(body, HttpStatusCode.Conflict)));
        }

        Assert.Equal(0, await CountAsync(world, "activations"));
        await world.PostAsync("content/rules/plan", "{}", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Prune_OfMostOfWhatWeMade_NeedsToBeAllowed()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await RoutesAsync(world, "r1", "r2", "r3", "r4");
        await world.ExecuteAsync();
        await RoutesAsync(world, "r1");

        var unpruned = await world.PostAsync("content/rules/plan", "{}");
        var refused = await world.ExecuteAsync("""{"prune":true}""", HttpStatusCode.Conflict);
        var before = await RouteNamesAsync(world);
        await world.ExecuteAsync("""{"prune":true,"allowMassDelete":true}""");

        Assert.All(unpruned["gateways"]![0]!["changes"]!.AsArray(), change => Assert.Equal("report", change!["op"]!.GetValue<string>()));
        Assert.Equal(("mass_delete_refused", 3, 4), (CodeOf(refused), refused["deletes"]!.GetValue<int>(), refused["made"]!.GetValue<int>()));
        Assert.Equal(["r1", "r2", "r3", "r4"], before);
        Assert.Equal(["r1"], await RouteNamesAsync(world));
    }

    [Fact]
    public async Task Remove_WithPrune_TakesTheRoutesAlong()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await RoutesAsync(world, "r1");
        await world.ExecuteAsync();

        async Task<HttpStatusCode> RemoveAsync(string query)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/v1/content/rules{query}") { Headers = { { "If-Match", "*" } } };
            using var response = await world.Api.SendAsync(request);
            return response.StatusCode;
        }

        var refused = await RemoveAsync("?prune=true");
        var removed = await RemoveAsync("?prune=true&allowMassDelete=true");
        await world.PostAsync("reconcile", """{"gateway":"prod"}""", HttpStatusCode.OK);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent), (refused, removed));
        Assert.Empty(await RouteNamesAsync(world));
    }

    private static async Task RoutesAsync(ReconciliationWorld world, params string[] names)
    {
        var routes = names.Select(name => new JsonObject { ["name"] = name, ["elements"] = JsonNode.Parse(Planning.States.Graph()) });
        await world.PostAsync("content?name=rules", new JsonObject { ["gateways"] = new JsonArray("prod"), ["routes"] = new JsonArray([.. routes]) }.ToJsonString(), HttpStatusCode.Created);
    }

    private static async Task<IEnumerable<string>> RouteNamesAsync(ReconciliationWorld world) =>
        (await world.Cloudflare.Management.GetFromJsonAsync<JsonObject>("ai-gateway/gateways/prod/routes"))!["data"]!["routes"]!.AsArray().Select(route => route!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    [Fact]
    public async Task Plan_WithARevokedToken_Is401()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300}""");
        var token = await world.PostAsync("tokens", """{"name":"ci","scope":"read"}""", HttpStatusCode.Created);
        var ci = world.Service.NewClient(token["token"]!.GetValue<string>());

        await world.PostAsync("content/rules/plan", "{}", HttpStatusCode.OK, ci);
        await world.PostAsync("content/rules/execute", "{}", HttpStatusCode.Forbidden, ci);
        (await world.Api.DeleteAsync($"/api/v1/tokens/{token["id"]}")).EnsureSuccessStatusCode();

        await world.PostAsync("content/rules/plan", "{}", HttpStatusCode.Unauthorized, ci);
    }

    [Fact]
    public async Task Plan_ConflictingRuleSets_NamesBothAndTheFix()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("content?name=one", """{"gateways":["prod"],"settings":{"cache_ttl":300}}""");
        await world.PostAsync("content/one/execute", "{}", HttpStatusCode.OK);
        await world.PostAsync("content?name=two", """{"gateways":["prod"],"settings":{"cache_ttl":60}}""");

        var problem = await world.PostAsync("content/two/plan", "{}", HttpStatusCode.UnprocessableEntity);
        await world.PostAsync("content?name=two", """{"gateways":["prod"],"priority":10,"settings":{"cache_ttl":60}}""");
        var plan = await world.PostAsync("content/two/plan", "{}", HttpStatusCode.OK);

        Assert.Equal("rule_set_conflict", CodeOf(problem));
        Assert.Contains("one@1 and two@1 both give settings.cache_ttl", problem["detail"]!.GetValue<string>());
        Assert.Contains("priority", problem["detail"]!.GetValue<string>());
        Assert.Equal("one@1+two@2", plan["gateways"]![0]!["revision"]!.GetValue<string>());
    }

    [Fact]
    public async Task Execute_SeveralGateways_ActivatesAllOrNone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("content?name=rules", """{"gateways":["prod","dev"],"settings":{"cache_ttl":300}}""");
        var missing = await world.ExecuteAsync("{}", HttpStatusCode.Conflict);
        await world.Cloudflare.CreateGatewayAsync("dev");

        var plan = await world.PostAsync("content/rules/plan", "{}");
        var executed = await world.ExecuteAsync($$"""{"planHash":"{{plan["hash"]}}"}""");

        Assert.Contains("dev", missing["detail"]!.GetValue<string>());
        Assert.Equal(["dev", "prod"], plan["gateways"]!.AsArray().Select(gateway => gateway!["gateway"]!.GetValue<string>()));
        Assert.Equal(["dev", "prod"], executed["runs"]!.AsArray().Select(run => run!["gateway"]!.GetValue<string>()));
        Assert.Equal(["dev|1", "prod|1"], await world.Database.QueryAsync<string>("select concat_ws('|', gateway, revision) from activations order by id"));
    }

    [Fact]
    public void Text_OfAPlanOverGateways_IsForPeople()
    {
        var plan = new RuleSetPlan("rules", 3,
            [
                new Plan { Gateway = "dev", Revision = "rules@3", Exists = true, Changes = [] },
                new Plan
                {
                    Gateway = "prod",
                    Revision = "base@1+rules@3",
                    Exists = true,
                    Changes = [new Change(ChangeOp.Update, ObjectKind.Gateway, "prod", "set by rules@3", "cache_ttl", Normalizer.Field("cache_ttl", 0), Normalizer.Field("cache_ttl", 300), FieldOwner.ControlPlane)],
                },
            ],
            [
                new EnforcementAnswer("/name", EnforcementPoint.Document, "names the rule set"),
                new EnforcementAnswer("/settings/cache_ttl", EnforcementPoint.GatewaySetting, "cache_ttl"),
                new EnforcementAnswer("/rules/0/cache/key", EnforcementPoint.Proxy, "the proxy computes the key"),
            ])
        {
            Id = new Guid("0199d7a0-0000-7000-8000-000000000001"),
            CreatedAt = Noon,
            ExpiresAt = Noon.AddMinutes(15),
            Prune = true,
            Replicas = [new("replica-1", "prod", "base@1+rules@2", Noon.AddSeconds(-2)), new("replica-12", "dev", "none", Noon)],
        };

        Golden.Matches("plans/rule-set-plan.txt", RuleSetPlanText.Of(plan));
    }

    internal static string CodeOf(JsonNode problem) => problem["type"]!.GetValue<string>().Split(':')[^1];

    private static DateTimeOffset Time(JsonNode node, string member) => node[member]!.GetValue<DateTimeOffset>();

    private static async Task<int> ActiveAsync(ReconciliationWorld world) =>
        (await world.Database.QueryAsync<int>("select coalesce(revision, 0) from activations where gateway = 'prod' order by id desc limit 1"))[0];
}
