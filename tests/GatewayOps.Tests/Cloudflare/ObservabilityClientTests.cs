using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Observability;

namespace GatewayOps.Tests.Cloudflare;

public sealed class ObservabilityClientTests
{
    private static readonly TelemetryQuery Second = new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(1)) { Limit = 2 };

    private static string Event(string id) => $$$"""{"$metadata":{"id":"{{{id}}}","provider":"openai","cost":0.1},"dataset":"ai-gateway","source":{"prompt":"canary"},"timestamp":1767225600000}""";

    private static Answer Page(params string[] ids) => Answer.Ok($$"""{"run":{"id":"r"},"statistics":{"elapsed":1},"events":{"count":3,"events":[{{string.Join(',', ids.Select(Event))}}]} }""");

    [Fact]
    public async Task Events_AreAskedForPageByPageByTheLastId()
    {
        await using var stub = await StubCloudflare.StartAsync(Page("a", "b"), Page("c"), Page());
        var query = Second with { Filters = [new("$metadata.provider", "eq", JsonValue.Create("openai")), new("$metadata.cost", "gt", JsonValue.Create(0.5)), new("x", "exists")], Search = "needle" };
        var events = await stub.Client().Observability.ListEventsAsync(query, CancellationToken.None).AllAsync();
        Assert.Equal(["a", "b", "c"], events.Select(found => found.Id));
        Assert.Equal((new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "ai-gateway", "openai", "canary"), (events[0].Time, events[0].Dataset, (string?)events[0].Metadata["provider"], (string?)events[0].Source!["prompt"]));
        Assert.DoesNotContain("canary", events[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("""POST workers/observability/telemetry/query {"queryId":"gatewayops","timeframe":{"from":0,"to":1000},"view":"events","dry":true,"limit":2,"parameters":{"datasets":[],"filterCombination":"and" """.TrimEnd()
            + ""","filters":[{"key":"$metadata.provider","operation":"eq","type":"string","value":"openai"},{"key":"$metadata.cost","operation":"gt","type":"number","value":0.5},{"key":"x","operation":"exists","type":"string"}],"needle":{"value":"needle"}}}""",
            stub.Requests[0].ToString());
        Assert.Equal(["", ",\"offset\":\"b\"}", ",\"offset\":\"c\"}"], stub.Requests.Select(seen => seen.Body.IndexOf(",\"offset\"", StringComparison.Ordinal) is >= 0 and var at ? seen.Body[at..] : ""));
    }

    [Fact]
    public async Task Events_ServerKnowsNoOffset_EndInsteadOfTurningForEver()
    {
        await using var stub = await StubCloudflare.StartAsync(Page("a", "b"));
        Assert.Equal(["a", "b"], (await stub.Client().Observability.ListEventsAsync(Second, CancellationToken.None).AllAsync()).Select(found => found.Id));
    }

    [Fact]
    public async Task Datasets_AssumptionTurned_AreThose()
    {
        await using var stub = await StubCloudflare.StartAsync(Page());
        await stub.Client(options => options with { Assumptions = new() { TelemetryDatasets = ["ai-gateway"] } }).Observability.ListEventsAsync(Second, CancellationToken.None).AllAsync();
        Assert.Contains("\"datasets\":[\"ai-gateway\"]", stub.Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calculations_AreGroupedAndRead()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(
            """{"run":{},"statistics":{},"calculations":[{"calculation":"count","alias":"n","aggregates":[{"count":3,"interval":1,"sampleInterval":1,"value":3,"groups":[{"key":"$metadata.provider","value":"openai"}]}],"series":[]}]}"""));
        var result = Assert.Single(await stub.Client().Observability.CalculateAsync(
            Second with { AnyFilter = true, Calculations = [new("count", Alias: "n"), new("p99", "$metadata.duration")], GroupBy = ["$metadata.provider"] }, CancellationToken.None));
        Assert.Equal(("count", "n", 3m, 3L, "openai"), (result.Calculation, result.Alias, result.Groups[0].Value, result.Groups[0].Count, result.Groups[0].Groups["$metadata.provider"]));
        Assert.Contains("""
            "view":"calculations","dry":true,"limit":2,"parameters":{"datasets":[],"filterCombination":"or","filters":[],"calculations":[{"operator":"count","alias":"n"},{"operator":"p99","key":"$metadata.duration","keyType":"number"}],"groupBys":[{"type":"string","value":"$metadata.provider"}]}
            """, stub.Requests.Single().Body, StringComparison.Ordinal);
    }
}
