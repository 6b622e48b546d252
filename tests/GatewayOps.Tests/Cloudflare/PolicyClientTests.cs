using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;

namespace GatewayOps.Tests.Cloudflare;

public sealed class PolicyClientTests
{
    private static string Wire(string action, string resource = "\"*\"", string more = "") =>
        $$"""{"id":"p1","name":"team","actor":{"type":"user"},"resource":{{resource}},"condition":"identity.metadata.team == 'a'","action":{{action}},"created_at":1767225600,"updated_at":1767225600{{more}}}""";

    public static TheoryData<string, PolicyAction> Actions => new()
    {
        { """{"type":"no-limit"}""", new PolicyAction.NoLimit() },
        { """{"type":"block"}""", new PolicyAction.Block() },
        { """{"type":"block","except":true}""", new PolicyAction.Block(Except: true) },
        { """{"type":"limit","amount":12.5,"period":"daily","technique":"named-interval"}""", new PolicyAction.Limit(12.5m, "daily") },
    };

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task Create_Action_IsWrittenAndReadTheSame(string wire, PolicyAction action)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Wire(wire)));
        var made = await stub.Client().Policies.CreateAsync("gw", new("team", "company:all", new("gpt-*", null), "true", action), commit: true, CancellationToken.None);
        Assert.Equal($$"""POST ai-gateway/gateways/gw/policies?commit=true {"name":"team","actor":"company:all","resource":{"model":"gpt-*"},"action":{{wire}},"condition":"true"}""", stub.Asked);
        Assert.Equal((action, PolicyResource.Everything, false), (made.Action, made.Resource, made.IsDraft));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), made.CreatedAt);
    }

    [Theory]
    [InlineData(",\"staging\":true")]
    [InlineData(",\"uncommitted\":true")]
    public async Task Find_Draft_IsOneByEitherFlag(string flag)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Wire("{\"type\":\"future\",\"x\":1.50}", "{\"model\":\"a\",\"provider\":\"b\"}", flag)));
        var policy = await stub.Client().Policies.FindAsync("gw", "p1", CancellationToken.None);
        Assert.Equal((true, new PolicyResource("a", "b")), (policy!.IsDraft, policy.Resource));
        Assert.Equal("{\"type\":\"future\",\"x\":1.50}", ((PolicyAction.Other)policy.Action!).Fields.ToJsonString());
    }

    [Theory]
    [InlineData("\"*\"", null, null)]
    [InlineData("{\"provider\":\"openai\"}", null, "openai")]
    [InlineData("{\"model\":[\"a\",\"b\"],\"provider\":null}", "[\"a\",\"b\"]", null)]
    public async Task Find_Resource_IsNeverTakenForMoreThanItIs(string resource, string? model, string? provider)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Wire("{\"type\":\"block\"}", resource)));
        Assert.Equal(new PolicyResource(model, provider), (await stub.Client().Policies.FindAsync("gw", "p1", CancellationToken.None))!.Resource);
    }

    [Fact]
    public async Task Update_FieldsThatWereRead_KeepWhatIsUnknown()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Wire("{\"type\":\"no-limit\"}", more: ",\"unknown\":1.50,\"staging\":false")));
        var policies = stub.Client(held: false).Policies;
        var policy = await policies.FindAsync("gw", "p1", CancellationToken.None);
        policy!.Fields["condition"] = "true";
        await policies.UpdateAsync("gw", "p1", policy.Fields, commit: false, CancellationToken.None);
        Assert.Equal("""PUT ai-gateway/gateways/gw/policies/p1 {"name":"team","actor":{"type":"user"},"resource":"*","condition":"true","action":{"type":"no-limit"},"unknown":1.50}""", stub.Requests[1].ToString());
    }

    [Fact]
    public async Task List_Drafts_AreAskedForAndTheListIsWholeAtOnce()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok($"[{Wire("{\"type\":\"block\"}")}]"));
        Assert.Single(await stub.Client().Policies.ListAsync("gw", includeDrafts: true, CancellationToken.None).AllAsync());
        Assert.Equal("GET ai-gateway/gateways/gw/policies?includeStaging=true", stub.Asked);
    }

    [Theory]
    [InlineData("""{"committed":2,"failed":1,"policies":[]}""", 2, 1)]
    [InlineData("""{"committed":["p1","p2"],"failed":[],"policies":[]}""", 2, 0)]
    public async Task Commit_NumbersOrLists_AreCounted(string wire, int committed, int failed)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(wire));
        var commit = await stub.Client().Policies.CommitAsync("gw", CancellationToken.None);
        Assert.Equal((committed, failed), (commit.Committed, commit.Failed));
        Assert.Equal("POST ai-gateway/gateways/gw/policies/commit", stub.Asked);
    }

    [Fact]
    public async Task Simulate_Question_GetsItsVerdictAndIsRepeatable()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Dropped, Answer.Ok(
            """{"evaluation":{"decision":"check_limits","buckets":[]},"enforcement":{"allowed":false,"reason":"limit_exceeded","bucket":"b","spent":6.5,"limit":5,"policyName":"team"},"policiesEvaluated":1}"""));
        var question = new PolicyQuestion("gpt-4o", "openai")
        {
            UserId = "u",
            UserEmail = "u@example.com",
            UserGroups = ["eng"],
            Metadata = new JsonObject { ["team"] = "a" },
            BucketUsage = new Dictionary<string, decimal> { ["b"] = 6.5m },
        };
        var verdict = await stub.Clock.RunAsync(stub.Client().Policies.SimulateAsync("gw", question, CancellationToken.None));
        Assert.Equal(("check_limits", false, "limit_exceeded", "b", 6.5m, 5m, "team"), (verdict.Decision, verdict.Allowed, verdict.Reason, verdict.Bucket, verdict.Spent, verdict.Limit, verdict.PolicyName));
        Assert.Equal("""POST ai-gateway/gateways/gw/policies/simulate {"identity":{"cf":{"user":{"id":"u","email":"u@example.com","groups":["eng"]}},"metadata":{"team":"a"}},"model":"gpt-4o","provider":"openai","bucketUsage":{"b":6.5}}""", stub.Requests[1].ToString());
    }

    [Fact]
    public async Task Delete_Policy_AbsentIsFalse()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("null"), Answer.Error(404, 7002, "Not Found"));
        Assert.True(await stub.Client().Policies.DeleteAsync("gw", "p1", CancellationToken.None));
        Assert.False(await stub.Client().Policies.DeleteAsync("gw", "p1", CancellationToken.None));
    }

    [Fact]
    public async Task Refusal_WithAnErrorObject_IsRead()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(403, """{"success":false,"error":{"message":"Access denied by policy"}}"""));
        var failure = await stub.Client().Policies.FindAsync("gw", "p1", CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.Permission, "Access denied by policy"), (failure.Kind, failure.Errors.Single().Message));
    }
}
