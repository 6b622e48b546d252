using GatewayOps.ControlPlane.Reconciliation.Applying;
using static GatewayOps.Tests.Reconciliation.Planning.States;

namespace GatewayOps.Tests.Reconciliation;

public sealed class CustomProviderApplyingTests
{
    private const string Path = "ai-gateway/custom-providers";

    [Fact]
    public async Task Apply_CustomProviderThroughItsLife_BelongsToTheAccount()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, Path, """{"name":"Theirs","slug":"theirs","base_url":"https://theirs.example.com"}""");

        await world.ApplyAsync(Desired().WithCustomProvider("own", description: "said").WithRoute("chat", Graph("llama", "custom-own")));
        var inventory = await world.InventoryAsync();
        await world.ApplyAsync(Desired().WithCustomProvider("own", "https://llm2.example.com/v1", "said"));
        var changed = Assert.Single(await world.CustomProvidersAsync(), provider => provider["slug"]!.GetValue<string>() == "own");
        await world.ApplyAsync(Desired("""{"cache_ttl":0}""").Pruning());

        Assert.Equal(["custom_provider * own", "route prod chat"], inventory);
        Assert.Equal(("https://llm2.example.com/v1", "true"), (changed["base_url"]!.GetValue<string>(), changed["enable"]!.ToJsonString()));
        Assert.Equal("theirs", Assert.Single(await world.CustomProvidersAsync())["slug"]!.GetValue<string>());
        Assert.Empty(await world.RoutesAsync());
        Assert.Empty(await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_CustomProviderOfSomebodyElse_IsTakenOverAndKeepsItsCredentials()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ElsewhereAsync(HttpMethod.Post, Path, """{"name":"Provider own","slug":"own","base_url":"https://old.example.com","enable":true,"link":"https://x.example.com","headers":"{\"authorization\":\"Bearer sk-canary\"}"}""");

        await world.ApplyAsync(Desired().WithCustomProvider("own"));

        var live = Assert.Single(await world.CustomProvidersAsync());
        Assert.Equal(("https://llm.example.com/v1", "https://x.example.com", """{"authorization":"Bearer sk-canary"}"""), (live["base_url"]!.GetValue<string>(), live["link"]!.GetValue<string>(), live["headers"]!.GetValue<string>()));
        Assert.Equal(["custom_provider * own"], await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_MadeElsewhereSinceThePlan_IsLookedAtAgain()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var look = await world.LookAsync(Desired().WithCustomProvider("own"));
        await world.ElsewhereAsync(HttpMethod.Post, Path, """{"name":"x","slug":"own","base_url":"https://x.example.com"}""");

        await Assert.ThrowsAsync<PlanStaleException>(() => world.ApplyAsync(look));

        Assert.Empty(await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_DeclaredAgainSinceThePlan_IsNotDeleted()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.ApplyAsync(Desired().WithCustomProvider("own"));
        var look = await world.LookAsync(Desired("""{"cache_ttl":0}""").Pruning());
        await world.PostAsync("content?name=rules", """{"gateways":["prod"],"rules":[],"custom_providers":[{"slug":"own","name":"Provider own","base_url":"https://llm.example.com/v1"}]}""");
        await world.ExecuteAsync();

        await Assert.ThrowsAsync<PlanStaleException>(() => world.ApplyAsync(look));

        Assert.Single(await world.CustomProvidersAsync());
        Assert.Equal(["custom_provider * own"], await world.InventoryAsync());
    }

    [Fact]
    public async Task Apply_OfTwoGatewaysAtOnce_IsDoneOnceAndClosedByBoth()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("staging");
        await world.PostAsync("content?name=rules", """{"gateways":["prod","staging"],"rules":[],"custom_providers":[{"slug":"own","name":"Own","base_url":"https://llm.example.com/v1"}]}""");
        await world.ExecuteAsync();
        // A third time would be a contest, and left alone.
        for (var round = 0; round < 2; round++)
        {
            await world.ElsewhereAsync(HttpMethod.Patch, $"{Path}/{(await world.CustomProvidersAsync())[0]["id"]!.GetValue<string>()}", """{"base_url":"https://theirs.example.com"}""");
            await Task.WhenAll(world.PostAsync("reconcile", """{"gateway":"prod"}"""), world.PostAsync("reconcile", """{"gateway":"staging"}"""));
        }

        Assert.Equal("https://llm.example.com/v1", Assert.Single(await world.CustomProvidersAsync())["base_url"]!.GetValue<string>());
        Assert.Equal(["custom_provider * own"], await world.InventoryAsync());
        Assert.Equal([0], await world.Database.QueryAsync<long>("select count(*) from operations where status = 'pending'"));
    }

    [Theory]
    [InlineData("POST", "*/custom-providers")]
    [InlineData("PATCH", "*/custom-providers/*")]
    [InlineData("DELETE", "*/custom-providers/*")]
    public async Task Apply_AnswerLost_IsLookedUpAndDoneOnce(string method, string path)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        if (method != "POST")
        {
            await world.ApplyAsync(Desired().WithCustomProvider("own"));
        }

        await world.Cloudflare.SetManagementFaultAsync(new { path, method, status = 504, effect = true, times = 1 });
        await world.ApplyAsync(method == "DELETE" ? Desired("""{"cache_ttl":0}""").Pruning() : Desired().WithCustomProvider("own", method == "PATCH" ? "https://llm2.example.com" : "https://llm.example.com/v1"));

        Assert.Equal(method == "DELETE" ? [] : ["custom_provider * own"], await world.InventoryAsync());
        Assert.Equal(method == "DELETE" ? 0 : 1, (await world.CustomProvidersAsync()).Count);
        // The client sends again what is the same twice; a create it leaves to the journal.
        Assert.Single(await world.WritesAsync(), write => write.StartsWith("POST", StringComparison.Ordinal) && write.Contains("/custom-providers"));
    }
}
