using System.Net;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

public sealed class HistoryTests
{
    [Fact]
    public async Task Revisions_SayWhereSinceWhenAndByWhomTheyWereActive()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("dev");
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.ApplyAsync("""{"cache_ttl":600}""");
        await world.PostAsync("content/rules/rollback", """{"revision":1}""", HttpStatusCode.OK, world.Service.NewClient(TestService.ApplyToken));
        await world.PostAsync("content?name=rules", """{"gateways":["dev"]}""");

        var revisions = (await world.GetAsync("content/rules/revisions"))["revisions"]!.AsArray();

        Assert.Equal([3, 2, 1], revisions.Select(revision => revision!["revision"]!.GetValue<int>()));
        Assert.Empty(Activations(revisions[0]!));
        Assert.Equal(["execute prod operator ended"], Activations(revisions[1]!));
        Assert.Equal(["rollback prod applier active", "execute prod operator ended"], Activations(revisions[2]!));
        var (first, second) = (revisions[2]!["activations"]![1]!, revisions[1]!["activations"]![0]!);
        Assert.Equal(first["until"]!.GetValue<DateTimeOffset>(), second["at"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task Revisions_RuleSetThatLeftAGateway_IsNoLongerActiveThere()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("dev");
        await world.ApplyAsync("""{"cache_ttl":300}""");
        await world.PostAsync("content?name=rules", """{"gateways":["dev"],"settings":{"cache_ttl":300}}""");

        await world.ExecuteAsync();

        var revisions = (await world.GetAsync("content/rules/revisions"))["revisions"]!.AsArray();
        Assert.Equal(["execute dev operator active"], Activations(revisions[0]!));
        Assert.Equal(["execute prod operator ended"], Activations(revisions[1]!));
    }

    [Fact]
    public async Task Diff_OfTwoRevisions_NamesWhatDiffersInMeaning()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.AddAsync("""{"cache_ttl":300,"collect_logs":true}""");
        await world.AddAsync("""{"collect_logs":true,"cache_ttl":600,"rate_limiting_limit":5}""");
        await world.AddAsync("{}");

        var middle = await world.GetAsync("content/rules/diff?from=1&to=2");
        var latest = await world.GetAsync("content/rules/diff");
        var first = await world.GetAsync("content/rules/diff?to=1");
        var none = await world.GetAsync("content/rules/diff?from=2&to=2");

        Assert.Equal(["changed /settings/cache_ttl 300 600", "added /settings/rate_limiting_limit - 5"], Changes(middle));
        Assert.Equal((2, 3), (latest["from"]!.GetValue<int>(), latest["to"]!.GetValue<int>()));
        Assert.Equal(["removed /settings/cache_ttl 600 -", "removed /settings/collect_logs true -", "removed /settings/rate_limiting_limit 5 -"], Changes(latest).Order(StringComparer.Ordinal));
        Assert.Equal(0, first["from"]!.GetValue<int>());
        Assert.Contains("added /gateways - [\"prod\"]", Changes(first));
        Assert.Empty(Changes(none));
    }

    [Theory]
    [InlineData("content/other/diff")]
    [InlineData("content/rules/diff?to=9")]
    [InlineData("content/rules/diff?from=9")]
    [InlineData("content/rules/diff?from=-1")]
    public async Task Diff_OfWhatIsNotThere_Is404WithTheNextCommand(string path)
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        await world.AddAsync("{}");

        Assert.Contains("gatewayops content", (await world.GetAsync(path, HttpStatusCode.NotFound))["detail"]!.GetValue<string>());
    }

    private static IEnumerable<string> Activations(JsonNode revision) => revision["activations"]!.AsArray().Select(activation =>
        $"{activation!["kind"]} {activation["gateway"]} {activation["by"]} {(activation["until"] is null ? "active" : "ended")}");

    private static IEnumerable<string> Changes(JsonNode diff) => diff["changes"]!.AsArray().Select(change =>
        $"{change!["kind"]} {change["pointer"]} {change["from"]?.ToJsonString() ?? "-"} {change["to"]?.ToJsonString() ?? "-"}");
}
