using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation;

public sealed class PolicyApplyingTests
{
    private const string Path = "ai-gateway/gateways/prod/policies";
    private const string Limit = """{"type":"limit","amount":25,"period":"daily"}""";

    [Fact]
    public async Task Apply_PolicyThroughItsLife_IsInForceAndThenGone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, $"{Path}?commit=true", """{"name":"theirs","actor":"*","resource":"*","condition":"true","action":{"type":"no-limit"}}""");

        await world.ApplyAsync(Desired().WithPolicy("budget", Limit, model: "gpt-*"));
        var made = Assert.Single(await world.PoliciesAsync(), policy => policy["name"]!.GetValue<string>() == "budget");
        await world.ApplyAsync(Desired().WithPolicy("budget", """{"type":"block"}""", condition: "identity.metadata.team == 'core'"));
        var changed = Assert.Single(await world.PoliciesAsync(), policy => policy["name"]!.GetValue<string>() == "budget");
        var last = await world.LookAsync(Desired().WithPolicy("budget", """{"type":"block"}""", condition: "identity.metadata.team == 'core'"));
        await world.ApplyAsync(Desired().Pruning(allowMassDelete: true));

        Assert.Equal("""{"model":"gpt-*"}""", made["resource"]!.ToJsonString());
        Assert.Equal((made["id"]!.ToJsonString(), "\"*\"", "block"), (changed["id"]!.ToJsonString(), changed["resource"]!.ToJsonString(), changed["action"]!["type"]!.GetValue<string>()));
        Assert.Empty(last.Plan.Changes);
        Assert.Equal("theirs", Assert.Single(await world.PoliciesAsync())["name"]!.GetValue<string>());
        Assert.Empty(await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_DraftOfThePolicyKeptElsewhere_ChangesNothingOfWhatIsMeant()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync(Desired().WithPolicy("budget", Limit));
        var id = (await world.PoliciesAsync())[0]["id"]!.GetValue<string>();
        await world.ElsewhereAsync(HttpMethod.Put, $"{Path}/{id}", """{"actor":"user:eve","resource":{"model":"x"}}""");

        var look = await world.LookAsync(Desired().WithPolicy("budget", """{"type":"no-limit"}"""));
        await world.ApplyAsync(look);

        Assert.Contains(look.Plan.Changes, change => change.Op == ChangeOp.Report && change.Reason.Contains("draft"));
        var live = Assert.Single(await world.PoliciesAsync());
        Assert.Equal(("*", "\"*\"", "no-limit"), (live["actor"]!.GetValue<string>(), live["resource"]!.ToJsonString(), live["action"]!["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Apply_PolicyOfSomebodyElse_IsTakenOver()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, $"{Path}?commit=true", """{"name":"budget","actor":"*","resource":"*","condition":"true","action":{"type":"no-limit"}}""");

        await world.ApplyAsync(Desired().WithPolicy("budget", Limit));

        Assert.Equal("limit", Assert.Single(await world.PoliciesAsync())["action"]!["type"]!.GetValue<string>());
        Assert.Equal(["policy prod budget"], await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_PolicyMovedSinceThePlan_WritesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync(Desired().WithPolicy("budget", Limit));
        var look = await world.LookAsync(Desired("""{"cache_ttl":0}""").Pruning());
        await world.ElsewhereAsync(HttpMethod.Put, $"{Path}/{(await world.PoliciesAsync())[0]["id"]!.GetValue<string>()}?commit=true", """{"action":{"type":"block"}}""");
        var writes = await world.WritesAsync();

        await Assert.ThrowsAsync<PlanStaleException>(() => world.ApplyAsync(look));

        Assert.Equal(writes, await world.WritesAsync());
    }

    [Theory]
    [InlineData("POST", "*/policies")]
    [InlineData("PUT", "*/policies/*")]
    [InlineData("DELETE", "*/policies/*")]
    public async Task Apply_AnswerLost_IsLookedUpAndDoneOnce(string method, string path)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        if (method != "POST")
        {
            await world.ApplyAsync(Desired().WithPolicy("budget", Limit));
        }

        await world.Cloudflare.SetManagementFaultAsync(new { path, method, status = 504, effect = true, times = 1 });
        await world.ApplyAsync(method == "DELETE" ? Desired("""{"cache_ttl":0}""").Pruning() : Desired().WithPolicy("budget", method == "PUT" ? """{"type":"block"}""" : Limit));

        Assert.Equal(method == "DELETE" ? [] : ["policy prod budget"], await world.InventoryAsync());
        Assert.Equal(method == "DELETE" ? 0 : 1, (await world.PoliciesAsync()).Count);
        // The client sends again what is the same twice; a create it leaves to the journal.
        Assert.Single(await world.WritesAsync(), write => write.StartsWith("POST", StringComparison.Ordinal) && write.Contains("/policies"));
    }
}
