using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Scenarios;

/// <summary>Somebody else changes the gateway; nobody asks the service for anything.</summary>
public sealed class DriftTests
{
    // The interval, and what a loaded machine may add to it.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Field_ChangedBehindOurBack_IsReportedAndRepairedWithinOneInterval()
    {
        await using var world = await ExecutedWorld.StartAsync("""{"settings":{"cache_ttl":300}}""", new Dictionary<string, string>
        {
            ["GatewayOps:Reconciliation:Enabled"] = "true",
            ["GatewayOps:Reconciliation:Interval"] = Interval.ToString(),
        });

        await world.MeddleAsync(("cache_ttl", 5), ("rate_limiting_limit", 7), ("rate_limiting_interval", 60), ("brand_new", new JsonObject { ["x"] = 1.5 }));
        var changed = TimeProvider.System.GetUtcNow();
        JsonNode? run = null;
        await world.Service.EventuallyAsync(
            async () => (run = (await world.GetAsync($"runs?gateway={ExecutedWorld.Gateway}"))["runs"]!.AsArray()
                .FirstOrDefault(seen => seen!["trigger"]!.GetValue<string>() == "interval" && seen["outcome"]!.GetValue<string>() == "succeeded")) is not null,
            "the run of the interval");

        var change = Assert.Single(run!["changes"]!.AsArray())!;
        Assert.Equal(("cache_ttl", "5", "300", "done"), (change["field"]!.GetValue<string>(), change["from"]!.ToJsonString(), change["to"]!.ToJsonString(), change["result"]!.GetValue<string>()));
        Assert.True(change["drift"]!.GetValue<bool>());
        Assert.InRange(run["finishedAt"]!.GetValue<DateTimeOffset>() - changed, TimeSpan.FromSeconds(-1), Interval + Slack);
        var live = await world.LiveAsync();
        Assert.Equal(
            ("300", "7", """{"x":1.5}"""),
            (live["cache_ttl"]!.ToJsonString(), live["rate_limiting_limit"]!.ToJsonString(), live["brand_new"]!.ToJsonString()));
        Assert.False((await world.GetAsync($"gateways/{ExecutedWorld.Gateway}/drift"))["drifted"]!.GetValue<bool>());
    }
}
