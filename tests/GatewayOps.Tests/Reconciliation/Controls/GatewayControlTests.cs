using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Controls;

public sealed class GatewayControlTests
{
    [Fact]
    public async Task Observe_Drift_IsShownOnceAndNeverPutRight()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await SetAsync(world, """{"mode":"observe"}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");

        var run = (await world.PostAsync("reconcile", "{}"))["runs"]![0]!;
        await world.PassOfTheIntervalAsync();
        await world.PassOfTheIntervalAsync();
        var gateway = await world.GetAsync("gateways/prod");

        Assert.Equal("5", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(("succeeded", "not_done", true), (run["outcome"]!.GetValue<string>(), run["changes"]![0]!["result"]!.GetValue<string>(), run["changes"]![0]!["drift"]!.GetValue<bool>()));
        Assert.Equal(("False", "Observed"), ExecuteTests.ConditionOf(gateway, "Synced"));
        Assert.Equal(("True", "Changed"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal(("True", "ObserveMode"), ExecuteTests.ConditionOf(gateway, "Observed"));
        Assert.Equal("observe", gateway["mode"]!.GetValue<string>());
        Assert.Equal(2, await ExecuteTests.CountAsync(world, "runs"));
        Assert.Equal(["prod/cache_ttl observed"], await EventsAsync(world, "drift.found"));
    }

    [Fact]
    public async Task Observe_Execute_IsWhatTheOperatorAskedForAndWrites()
    {
        await using var world = await ReconciliationWorld.StartAsync(settings: new Dictionary<string, string> { ["GatewayOps:Reconciliation:DefaultMode"] = "observe" });

        await world.ApplyAsync("""{"cache_ttl":300}""");

        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal("observe", (await world.GetAsync("gateways/prod/control"))["mode"]!.GetValue<string>());
    }

    [Fact]
    public async Task Observe_KeyThatIsPut_IsLinkedAndTheDriftBesideItStays()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await SetAsync(world, """{"mode":"observe"}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");

        await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-observed-0123456789"}""", HttpStatusCode.Created);

        Assert.Single(await world.ProviderConfigsAsync());
        Assert.Equal("5", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
    }

    [Fact]
    public async Task Pause_StopsEveryWriterAndResumeLetsThemGoOn()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300}""");
        var paused = await world.PostAsync("gateways/prod/pause", """{"reason":"migration"}""");
        await world.MeddleAsync("""{"cache_ttl":5}""");
        var writes = await world.WritesAsync();

        await world.PostAsync("reconcile", "{}");
        var execute = await world.ExecuteAsync(expected: HttpStatusCode.Conflict);
        var key = await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-paused-0123456789"}""", HttpStatusCode.Conflict);
        var gateway = await world.GetAsync("gateways/prod");

        Assert.Equal(writes, await world.WritesAsync());
        Assert.All([execute, key], problem => Assert.EndsWith("gateway_paused", problem["type"]!.GetValue<string>()));
        Assert.Contains("paused by operator", execute["detail"]!.GetValue<string>());
        Assert.Contains("gatewayops gateway resume prod", execute["detail"]!.GetValue<string>());
        Assert.Equal(("operator", "migration"), (paused["paused"]!["by"]!.GetValue<string>(), paused["paused"]!["reason"]!.GetValue<string>()));
        Assert.Equal(("True", "PausedByOperator"), ExecuteTests.ConditionOf(gateway, "Paused"));
        Assert.Equal(("False", "Paused"), ExecuteTests.ConditionOf(gateway, "Synced"));

        await world.PostAsync("gateways/prod/resume", "");
        await world.PostAsync("reconcile", "{}");

        Assert.Equal("300", (await world.LiveAsync())["cache_ttl"]!.ToJsonString());
        Assert.Equal(("False", "NotPaused"), ExecuteTests.ConditionOf(await world.GetAsync("gateways/prod"), "Paused"));
        Assert.Equal(["prod ok"], await EventsAsync(world, "gateway.pause"));
        Assert.Equal(["prod ok"], await EventsAsync(world, "gateway.resume"));
        Assert.Equal(["prod/cache_ttl ok"], await EventsAsync(world, "drift.repair"));
    }

    [Fact]
    public async Task Pause_Twice_KeepsWhoWasFirst()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("gateways/prod/pause", """{"reason":"first"}""");

        var again = await world.PostAsync("gateways/prod/pause", """{"reason":"second"}""");

        Assert.Equal("first", again["paused"]!["reason"]!.GetValue<string>());
        Assert.Equal(["prod ok", "prod unchanged"], await EventsAsync(world, "gateway.pause"));
    }

    [Fact]
    public async Task Ignore_Field_IsReportedAndLeftAlone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync("""{"cache_ttl":300,"collect_logs":true}""");
        await SetAsync(world, """{"mode":"enforce","ignore":["cache_ttl"]}""");
        await world.MeddleAsync("""{"cache_ttl":5,"collect_logs":false}""");

        await world.PostAsync("reconcile", "{}");
        var drift = await world.GetAsync("gateways/prod/drift");
        var gateway = await world.GetAsync("gateways/prod");

        var live = await world.LiveAsync();
        Assert.Equal(("5", "true"), (live["cache_ttl"]!.ToJsonString(), live["collect_logs"]!.ToJsonString()));
        Assert.Equal(("report", false), (drift["changes"]![0]!["op"]!.GetValue<string>(), drift["drifted"]!.GetValue<bool>()));
        Assert.Equal(("False", "Repaired"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal("""["cache_ttl"]""", gateway["ignored"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"mode":"observe","ignore":["cach_ttl"]}""", "/ignore/0")]
    [InlineData("""{"mode":"observe","ignore":["cache_ttl","route/"]}""", "/ignore/1")]
    [InlineData("""{"mode":"observe","ignore":["provider_config/openai"]}""", "/ignore/0")]
    [InlineData("""{"mode":"observe","ignore":["route/a\u0000"]}""", "/ignore/0")]
    [InlineData("""{"mode":"observe","ignore":["cache_ttl","cache_ttl"]}""", "/ignore/1")]
    public async Task Set_BadSubject_IsRefusedWithItsPointer(string body, string pointer)
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await SetAsync(world, body, expected: HttpStatusCode.UnprocessableEntity);

        Assert.Equal(pointer, problem["errors"]![0]!["pointer"]!.GetValue<string>());
    }

    [Fact]
    public async Task Set_EverySubjectThatAChangeMayHave_IsTaken()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        const string Subjects = """["authentication","cache_ttl","custom_provider/mine-2","policy/Finance only","provider_config/openai/default","route/chat"]""";

        var answer = await SetAsync(world, $$"""{"mode":"enforce","ignore":{{Subjects}}}""");

        Assert.Equal(Subjects, answer["ignore"]!.ToJsonString());
    }

    [Fact]
    public async Task Set_WithoutThePreconditionOrWithAnOldOne_ChangesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await SetAsync(world, """{"mode":"observe"}""", ifMatch: "\"0\"");

        var missing = await SetAsync(world, """{"mode":"enforce"}""", ifMatch: null, HttpStatusCode.PreconditionRequired);
        var stale = await SetAsync(world, """{"mode":"enforce"}""", ifMatch: "\"0\"", HttpStatusCode.PreconditionFailed);

        Assert.EndsWith("precondition_required", missing["type"]!.GetValue<string>());
        Assert.EndsWith("precondition_failed", stale["type"]!.GetValue<string>());
        Assert.Equal("observe", (await world.GetAsync("gateways/prod/control"))["mode"]!.GetValue<string>());
        Assert.Single(await EventsAsync(world, "gateway.control"));
    }

    [Fact]
    public async Task Set_ByTwoWhoReadTheSame_OneWins()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(world, """{"mode":"observe"}""", "\"0\"")));

        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.PreconditionFailed, 7)], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task Control_OfAGatewayThatNobodyKnows_Is404AndLeavesNothingBehind()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        await world.GetAsync("gateways/nowhere/control", HttpStatusCode.NotFound);
        await world.PostAsync("gateways/nowhere/pause", "{}", HttpStatusCode.NotFound);
        await world.PostAsync("gateways/$(reboot)/resume", "{}", HttpStatusCode.NotFound);

        Assert.Equal(0, await ExecuteTests.CountAsync(world, "gateway_controls"));
    }

    internal static async Task<JsonNode> SetAsync(ReconciliationWorld world, string body, string? ifMatch = "*", HttpStatusCode expected = HttpStatusCode.OK)
    {
        var (status, answer) = await SendAsync(world, body, ifMatch);
        Assert.True(status == expected, $"{status} {answer}");
        return answer;
    }

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(ReconciliationWorld world, string body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/gateways/prod/control") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch is not null)
        {
            request.Headers.Add("If-Match", ifMatch);
        }

        using var response = await world.Api.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>Target and result of the audit rows of an action, oldest first.</summary>
    internal static Task<IReadOnlyList<string>> EventsAsync(ReconciliationWorld world, string action) =>
        world.Database.QueryAsync<string>("select target || ' ' || result from audit where action = $1 order by id", action);
}
