using System.Net;
using System.Text.Json;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Policies;

public sealed class PolicyEndpointsTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private readonly HttpClient _api = fixture.Emulator.Management;

    [Fact, Operation("createPolicy", "commitPolicies", "listPolicies", "getPolicy")]
    public async Task Create_WithoutCommit_IsADraftUntilItIsCommitted()
    {
        var path = await GatewayAsync();

        var created = await _api.PostAnswerAsync(path, Policy("Everyone"));
        Assert.Equal(HttpStatusCode.OK, created.Status);
        Assert.False(created.Body.GetProperty("committed").GetBoolean());
        var id = created.Result.GetProperty("id").GetString();
        Assert.Equal("true", created.Result.GetProperty("condition").GetString());

        Assert.Empty((await _api.GetAnswerAsync(path)).Result.EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await _api.GetAnswerAsync($"{path}/{id}")).Status);
        Assert.True(Assert.Single((await _api.GetAnswerAsync($"{path}?includeStaging=true")).Result.EnumerateArray()).GetProperty("staging").GetBoolean());
        Assert.True((await _api.GetAnswerAsync($"{path}/{id}?includeStaging=true")).Result.GetProperty("uncommitted").GetBoolean());
        var early = await _api.CallAsync(HttpMethod.Put, $"{path}/{id}?commit=true", new { name = "Other" });
        Assert.Equal(["7001 Only a committed policy can be updated: commit this draft first"], early.Errors);

        var committed = (await _api.PostAnswerAsync($"{path}/commit", body: null)).Result;
        Assert.Equal((1, 0), (committed.GetProperty("committed").GetInt32(), committed.GetProperty("failed").GetInt32()));
        Assert.Equal(id, committed.GetProperty("policies")[0].GetProperty("id").GetString());
        var listed = Assert.Single((await _api.GetAnswerAsync($"{path}?includeStaging=true")).Result.EnumerateArray());
        Assert.False(listed.TryGetProperty("staging", out _));
        Assert.Equal(0, (await _api.PostAnswerAsync($"{path}/commit", body: null)).Result.GetProperty("committed").GetInt32());
    }

    [Fact, Operation("updatePolicy", "getPolicy")]
    public async Task Update_OneMember_KeepsTheOthersAndTheTimeOfCreation()
    {
        var path = await GatewayAsync();
        var created = (await _api.PostAnswerAsync($"{path}?commit=true", Policy("Cap"))).Result;
        var id = created.GetProperty("id").GetString();

        var draft = await _api.CallAsync(HttpMethod.Put, $"{path}/{id}", new { action = new { type = "limit", amount = 2000, period = "monthly" } });
        Assert.False(draft.Body.GetProperty("committed").GetBoolean());
        Assert.Equal("no-limit", (await _api.GetAnswerAsync($"{path}/{id}")).Result.GetProperty("action").GetProperty("type").GetString());

        // The next change goes on from the draft, and its commit takes the draft away.
        var changed = await _api.CallAsync(HttpMethod.Put, $"{path}/{id}?commit=true", new { name = "Higher cap" });
        Assert.True(changed.Body.GetProperty("committed").GetBoolean());
        var policy = (await _api.GetAnswerAsync($"{path}/{id}?includeStaging=true")).Result;
        Assert.Equal("Higher cap", policy.GetProperty("name").GetString());
        Assert.Equal("named-interval", policy.GetProperty("action").GetProperty("technique").GetString());
        Assert.Equal(created.GetProperty("created_at").GetInt64(), policy.GetProperty("created_at").GetInt64());
        Assert.False(policy.TryGetProperty("uncommitted", out _));
    }

    [Fact, Operation("deletePolicy")]
    public async Task Delete_Policy_TakesItsDraftToo()
    {
        var path = await GatewayAsync();
        var id = (await _api.PostAnswerAsync($"{path}?commit=true", Policy("Gone"))).Result.GetProperty("id").GetString();
        await _api.CallAsync(HttpMethod.Put, $"{path}/{id}", new { name = "Draft" });

        Assert.Equal("Gone", (await _api.CallAsync(HttpMethod.Delete, $"{path}/{id}")).Result.GetProperty("name").GetString());

        Assert.Empty((await _api.GetAnswerAsync($"{path}?includeStaging=true")).Result.EnumerateArray());
        Assert.Equal(["7002 Not Found"], (await _api.CallAsync(HttpMethod.Delete, $"{path}/{id}")).Errors);
    }

    public static TheoryData<object, string> WrongBodies => new()
    {
        { new { }, "7001 body.name Required|7001 body.actor Required|7001 body.resource Required|7001 body.action Required" },
        { Policy("x", condition: "cf.user.email = 'a'"), "7001 body.condition Invalid condition: CEL syntax error at position 15: unexpected '='" },
        { Policy("x", actor: "user:{cf.user.id"), "7001 body.actor Invalid actor: CEL syntax error at position 6: the brace has no end" },
        { Policy("x", resource: "all"), "7001 body.resource Invalid enum value. Expected '*', received 'all'" },
        { Policy("x", resource: new { }), "7001 body.resource A resource is \"*\" or names a model, a provider or both" },
        { Policy("x", resource: new { model = Array.Empty<string>() }), "7001 body.resource.model Array must contain at least 1 element(s)" },
        { Policy("x", action: new { type = "allow" }), "7001 body.action.type Invalid enum value. Expected 'no-limit' | 'block' | 'limit', received 'allow'" },
        { Policy("x", action: new { type = "block", except = "yes" }), "7001 body.action.except Expected boolean, received string" },
        { Policy("x", action: new { type = "limit", amount = 0, period = "yearly", technique = "sliding" }), "7001 body.action.amount Number must be greater than 0|7001 body.action.period Invalid enum value. Expected 'hourly' | 'daily' | 'weekly' | 'monthly', received 'yearly'|7001 body.action.technique Invalid enum value. Expected 'named-interval', received 'sliding'" },
        { Policy("x", action: new { type = "limit" }), "7001 body.action.amount Required|7001 body.action.period Required" },
    };

    [Theory, Operation("createPolicy")]
    [MemberData(nameof(WrongBodies))]
    public async Task Create_Wrong_SaysEverythingThatIs(object body, string errors)
    {
        var path = await GatewayAsync();

        var answer = await _api.PostAnswerAsync(path, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(errors.Split("|7001").Select((error, index) => index == 0 ? error : "7001" + error), answer.Errors);
        Assert.Empty((await _api.GetAnswerAsync($"{path}?includeStaging=true")).Result.EnumerateArray());
    }

    [Fact]
    public async Task Requests_OfNoUse_AreRefused()
    {
        var path = await GatewayAsync();
        var id = (await _api.PostAnswerAsync($"{path}?commit=true", Policy("Kept"))).Result.GetProperty("id").GetString();

        Assert.Equal(["7001 query.commit Expected boolean, received string"], (await _api.PostAnswerAsync($"{path}?commit=maybe", Policy("x"))).Errors);
        Assert.Equal(["7001 body Input Validation Error"], (await _api.PostAnswerAsync(path, new[] { 1 })).Errors);
        Assert.Equal(["7001 body.condition String must contain at least 1 character(s)"], (await _api.CallAsync(HttpMethod.Put, $"{path}/{id}?commit=true", new { condition = "" })).Errors);
        Assert.Equal("Kept", (await _api.GetAnswerAsync($"{path}/{id}")).Result.GetProperty("name").GetString());
        foreach (var unknown in (string[])["nowhere/policies", "nowhere/policies/commit", "nowhere/policies/simulate"])
            Assert.Equal(["7002 Not Found"], (await _api.PostAnswerAsync($"ai-gateway/gateways/{unknown}", Policy("x"))).Errors);
        Assert.Equal(["7002 Not Found"], (await _api.GetAnswerAsync("ai-gateway/gateways/nowhere/policies")).Errors);
        Assert.Equal(["7002 Not Found"], (await _api.CallAsync(HttpMethod.Put, $"{path}/other", new { name = "x" })).Errors);
    }

    [Fact, Operation("simulatePolicies")]
    public async Task Simulate_SeesDraftsAndSimulatedSpending()
    {
        var path = await GatewayAsync();
        Assert.Equal("no-limit", await DecisionAsync(new { model = "openai/gpt-5.5", provider = "openai" }));

        await _api.PostAnswerAsync($"{path}?commit=true", Policy("Everyone spend cap", action: new { type = "limit", amount = 1000, period = "monthly", technique = "named-interval" }));
        await _api.PostAnswerAsync(path, Policy("No contractors", "'contractors' in cf.user.groups", action: new { type = "block" }));
        var alice = new { cf = new { user = new { id = "u", email = "alice@example.com", groups = (string[])["engineering"] } } };

        var allowed = await SimulateAsync(new { identity = alice, model = "openai/gpt-5.5", provider = "openai", bucketUsage = new Dictionary<string, object> { ["Everyone spend cap"] = 999.99 } });
        Assert.Equal("check_limits", allowed.GetProperty("evaluation").GetProperty("decision").GetString());
        Assert.True(allowed.GetProperty("enforcement").GetProperty("allowed").GetBoolean());
        Assert.Equal(2, allowed.GetProperty("policiesEvaluated").GetInt32());

        var spent = (await SimulateAsync(new { identity = alice, model = "openai/gpt-5.5", bucketUsage = new Dictionary<string, object> { ["Everyone spend cap"] = new { spent = 1000 } } })).GetProperty("enforcement");
        Assert.Equal((false, "limit_exceeded", 1000, 1000, "Everyone spend cap"), (
            spent.GetProperty("allowed").GetBoolean(), spent.GetProperty("reason").GetString(), spent.GetProperty("spent").GetInt32(), spent.GetProperty("limit").GetInt32(), spent.GetProperty("policyName").GetString()));
        Assert.Equal(allowed.GetProperty("evaluation").GetProperty("buckets")[0].GetProperty("id").GetString(), spent.GetProperty("bucket").GetString());

        var blocked = await SimulateAsync(new { identity = new { cf = new { user = new { groups = (string[])["contractors"] } } }, model = "openai/gpt-5.5" });
        Assert.Equal("block", blocked.GetProperty("evaluation").GetProperty("decision").GetString());
        Assert.Equal(("blocked", "No contractors"), (blocked.GetProperty("enforcement").GetProperty("reason").GetString(), blocked.GetProperty("enforcement").GetProperty("policyName").GetString()));

        Assert.Equal(["7001 body.model Required", "7001 body.bucketUsage.a Expected number, received string"], (await _api.PostAnswerAsync($"{path}/simulate", new { bucketUsage = new { a = "1" } })).Errors);

        async Task<JsonElement> SimulateAsync(object body) => (await _api.PostAnswerAsync($"{path}/simulate", body)).Result;
        async Task<string?> DecisionAsync(object body) => (await SimulateAsync(body)).GetProperty("evaluation").GetProperty("decision").GetString();
    }

    [Fact]
    public async Task Writers_Racing_EachPolicyIsThereOnce()
    {
        var path = await GatewayAsync();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(number => _api.PostAnswerAsync($"{path}?commit={(number % 2 == 0 ? "true" : "false")}", Policy($"p{number}"))));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _api.PostAnswerAsync($"{path}/commit", body: null)));

        var names = (await _api.GetAnswerAsync($"{path}?includeStaging=true")).Result.EnumerateArray().Select(policy => policy.GetProperty("name").GetString()!).ToArray();
        Assert.Equal(Enumerable.Range(0, 16).Select(number => $"p{number}").Order(), names.Order());
    }

    private static object Policy(string name, string? condition = null, object? resource = null, object? action = null, string actor = "company:all")
    {
        var body = new Dictionary<string, object> { ["name"] = name, ["actor"] = actor, ["resource"] = resource ?? "*", ["action"] = action ?? new { type = "no-limit" } };
        if (condition is not null)
            body["condition"] = condition;
        return body;
    }

    private Task<string> GatewayAsync()
    {
        var id = $"p-{Guid.NewGuid():N}";
        fixture.Emulator.Account.AddGateway(id, GatewayOps.Emulator.State.GatewayFields.Settled(GatewayOps.Emulator.State.GatewayFields.Automatic));
        return Task.FromResult($"ai-gateway/gateways/{id}/policies");
    }
}
