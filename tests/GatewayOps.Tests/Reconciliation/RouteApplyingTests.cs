using GatewayOps.ControlPlane.Reconciliation.Applying;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation;

public sealed class RouteApplyingTests
{
    // `position` is a member that nobody of ours knows.
    private const string Theirs = """
        [{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}},"position":{"x":1,"y":2}},
         {"id":"m","type":"model","properties":{"provider":"openai","model":"theirs","timeout":60000,"retries":2},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},
         {"id":"end","type":"end","outputs":{}}]
        """;

    [Fact]
    public async Task Apply_RouteThroughItsLife_KeepsItsIdAndItsVersions()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, "ai-gateway/gateways/prod/routes", $$"""{"name":"theirs","elements":{{Theirs}}}""");

        await world.ApplyAsync(Desired().WithRoute("chat", Graph()));
        var id = await world.RouteIdAsync("chat");
        await world.ApplyAsync(Desired().WithRoute("chat", Graph("gpt-4o")));
        var changed = (await world.GraphAsync("chat")).ToJsonString();
        await world.ApplyAsync(Desired().WithRoute("chat", Graph()));
        var restored = (await world.GraphAsync("chat")).ToJsonString();
        var versions = await world.VersionsAsync("chat");
        var last = await world.LookAsync(Desired().WithRoute("chat", Graph()));
        await world.ApplyAsync(Desired().Pruning(allowMassDelete: true));

        Assert.Contains("gpt-4o\"", changed);
        Assert.Contains("gpt-4o-mini", restored);
        // What was there before is deployed again, not made again.
        Assert.Equal(2, versions);
        Assert.Empty(last.Plan.Changes);
        Assert.NotEqual(id, await world.RouteIdAsync("theirs"));
        Assert.Equal(["theirs"], (await world.RoutesAsync()).Select(route => route["name"]!.GetValue<string>()));
        Assert.Empty(await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_RouteOfSomebodyElse_IsTakenOverAndKeepsWhatNobodyDeclared()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, "ai-gateway/gateways/prod/routes", $$"""{"name":"chat","elements":{{Theirs}}}""");
        var id = await world.RouteIdAsync("chat");

        await world.ApplyAsync(Desired().WithRoute("chat", Graph()));

        Assert.Equal((id, 2), (await world.RouteIdAsync("chat"), await world.VersionsAsync("chat")));
        Assert.Contains("\"position\":{\"x\":1,\"y\":2}", (await world.GraphAsync("chat")).ToJsonString());
        Assert.Equal(["route prod chat"], await world.InventoryAsync());
        Assert.Empty((await world.LookAsync(Desired().WithRoute("chat", Graph()))).Plan.Changes);
    }

    [Fact]
    public async Task Apply_RouteMovedSinceThePlan_WritesNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync(Desired().WithRoute("chat", Graph()));
        var look = await world.LookAsync(Desired().WithRoute("chat", Graph("gpt-4o")));
        var id = await world.RouteIdAsync("chat");
        var version = await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/versions", $$"""{"elements":{{Theirs}}}""");
        await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/deployments", $$"""{"version_id":{{version["result"]!["version_id"]!.ToJsonString()}}}""");
        var writes = await world.WritesAsync();

        await Assert.ThrowsAsync<PlanStaleException>(() => world.ApplyAsync(look));

        Assert.Equal(writes, await world.WritesAsync());
    }

    [Theory]
    [InlineData("*/routes", 1)] // the route with its first version
    [InlineData("*/versions", 2)]
    [InlineData("*/deployments", 2)]
    public async Task Apply_AnswerLost_IsLookedUpAndDoneOnce(string path, int versions)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        if (versions == 2)
        {
            await world.ApplyAsync(Desired().WithRoute("chat", Graph()));
        }

        await world.Cloudflare.SetManagementFaultAsync(new { path, method = "POST", status = 504, effect = true, times = 1 });
        await world.ApplyAsync(Desired().WithRoute("chat", versions == 2 ? Graph("gpt-4o") : Graph()));

        Assert.Single(await world.RoutesAsync());
        Assert.Equal(versions, await world.VersionsAsync("chat"));
        var route = await world.RouteIdAsync("chat");
        Assert.Equal(versions, (await world.SeeAsync($"ai-gateway/gateways/prod/routes/{route}/deployments"))["data"]!["deployments"]!.AsArray().Count);
        Assert.Equal(["route prod chat"], await world.InventoryAsync());
        Assert.Equal([1], await world.Database.QueryAsync<long>("select count(*) from operations where status = 'resolved'"));
    }

    [Fact]
    public async Task Apply_GraphThatCloudflareRefuses_IsToldInItsWordsAndTheRestIsDone()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        const string broken = """[{"id":"start","type":"start","outputs":{"next":{"elementId":"nowhere"}}},{"id":"end","type":"end","outputs":{}}]""";

        var refused = await Assert.ThrowsAsync<ChangesRefusedException>(() => world.ApplyAsync(Desired().WithRoute("broken", broken).WithRoute("chat", Graph()).WithPolicy("everybody")));

        Assert.StartsWith("route/broken: ", refused.Message);
        Assert.Contains("nowhere", refused.Message);
        Assert.Equal(["chat"], (await world.RoutesAsync()).Select(route => route["name"]!.GetValue<string>()));
        Assert.Single(await world.PoliciesAsync());
    }

    [Fact]
    public async Task Look_NothingChanged_ReadsNoGraphAgain()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var desired = Desired().WithRoute("a", Graph()).WithRoute("b", Graph()).WithPolicy("everybody").WithCustomProvider("own");
        await world.ApplyAsync(desired);
        await world.LookAsync(desired);

        var before = (await world.Cloudflare.ManagementRequestsAsync()).Count;
        var look = await world.LookAsync(desired);
        var quiet = await CallsAsync(world, before);
        var id = await world.RouteIdAsync("a");
        var version = await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/versions", $$"""{"elements":{{Theirs}}}""");
        await world.ElsewhereAsync(HttpMethod.Post, $"ai-gateway/gateways/prod/routes/{id}/deployments", $$"""{"version_id":{{version["result"]!["version_id"]!.ToJsonString()}}}""");
        before = (await world.Cloudflare.ManagementRequestsAsync()).Count;
        var moved = await world.LookAsync(desired);
        var loud = await CallsAsync(world, before);

        Assert.Empty(look.Plan.Changes);
        // Lists with pages are asked until one is empty.
        Assert.Equal(["gateways/prod", "prod/routes", "prod/routes", "prod/policies", "ai-gateway/custom-providers", "ai-gateway/custom-providers"], quiet);
        Assert.Equal(["gateways/prod", "prod/routes", "prod/routes", $"routes/{id}", "prod/policies", "ai-gateway/custom-providers", "ai-gateway/custom-providers"], loud);
        Assert.NotEmpty(moved.Plan.Changes);
    }

    // The last two words of each path.
    private static async Task<IEnumerable<string>> CallsAsync(ReconciliationWorld world, int before) =>
        (await world.Cloudflare.ManagementRequestsAsync()).Skip(before).Select(request => string.Join('/', request.GetProperty("path").GetString()!.Split('?')[0].Split('/')[^2..]));
}
