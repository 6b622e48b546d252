using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Routes;

namespace GatewayOps.Tests.Cloudflare;

public sealed class RouteClientTests
{
    /// <summary>Every element as the contract writes it (section 5.1).</summary>
    private const string Elements = """
        [{"id":"start","type":"start","outputs":{"next":{"elementId":"cond1"}}},{"id":"cond1","type":"conditional","properties":{"conditions":{"metadata.plan":{"$eq":"free"}}},"outputs":{"true":{"elementId":"rate1"},"false":{"elementId":"split1"}}},{"id":"split1","type":"percentage","outputs":{"10%":{"elementId":"m_new"},"else":{"elementId":"m_old"}}},{"id":"rate1","type":"rate","properties":{"limitType":"count","key":"metadata.user_id","limit":100,"window":3600},"outputs":{"success":{"elementId":"m_old"},"fallback":{"elementId":"m_cheap"}}},{"id":"m_old","type":"model","properties":{"provider":"openai","model":"gpt-4o-mini","timeout":60000,"retries":2},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}},{"id":"end","type":"end","outputs":{}}]
        """;

    private static readonly RouteGraph Graph = new(
        new StartElement("start", "cond1"),
        new ConditionalElement("cond1", new JsonObject { ["metadata.plan"] = new JsonObject { ["$eq"] = "free" } }, "rate1", "split1"),
        new PercentageElement("split1", new Dictionary<string, string> { ["10%"] = "m_new", ["else"] = "m_old" }),
        new RateElement("rate1", "count", "metadata.user_id", 100, TimeSpan.FromHours(1), "m_old", "m_cheap"),
        new ModelElement("m_old", "openai", "gpt-4o-mini", TimeSpan.FromSeconds(60), 2, "end", null),
        new EndElement("end"));

    private static string Head(string more) => $$"""{"id":"r1","name":"chat","gateway_id":"gw","created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-01T00:00:00Z"{{more}}}""";

    [Fact]
    public async Task Create_EveryElement_IsWrittenAsTheContractSaysAndAlwaysWithFallback()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Head(
            $$""","elements":{{Elements}},"deployment":{"deployment_id":"d1","version_id":"v1","created_at":"2026-01-01T00:00:00Z"},"version":{"version_id":"v1","created_at":"2026-01-01T00:00:00Z","active":true,"data":{{Elements}}}""")));
        var made = await stub.Client().Routes.CreateAsync("gw", "chat", Graph, CancellationToken.None);
        Assert.Equal($$"""POST ai-gateway/gateways/gw/routes {"name":"chat","elements":{{Elements}}}""", stub.Asked);
        Assert.Equal(("v1", "v1", true), (made.Deployment!.VersionId, made.Version!.Id, made.Version.IsActive));
        Assert.Equal(new ModelElement("m_old", "openai", "gpt-4o-mini", TimeSpan.FromSeconds(60), 2, "end", "end").ToString(), made.Graph!.Elements[4].ToString());
    }

    [Theory]
    [InlineData("\"active\":true,\"data\":", false)]
    [InlineData("\"active\":\"true\",\"data\":", true)]
    public async Task Find_VersionDataAsArrayOrText_IsTheGraph(string start, bool asText)
    {
        var data = asText ? JsonValue.Create(Elements).ToJsonString() : Elements;
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Head($$""","version":{"version_id":"v1","created_at":"2026-01-01T00:00:00Z",{{start}}{{data}}}""")));
        var route = await stub.Client().Routes.FindAsync("gw", "r1", CancellationToken.None);
        Assert.True(route!.Version!.IsActive);
        Assert.Equal(["StartElement", "ConditionalElement", "PercentageElement", "RateElement", "ModelElement", "EndElement"], route.Graph!.Elements.Select(element => element.GetType().Name));
        Assert.Equal("""{"metadata.plan":{"$eq":"free"}}""", ((ConditionalElement)route.Graph.Elements[1]).Conditions.ToJsonString());
        Assert.Equal("m_new", ((PercentageElement)route.Graph.Elements[2]).Shares["10%"]);
        Assert.Equal(TimeSpan.FromHours(1), ((RateElement)route.Graph.Elements[3]).Window);
    }

    [Theory]
    [InlineData(",\"version\":{\"version_id\":\"v1\",\"active\":\"false\",\"data\":\"not json\"}")]
    [InlineData(",\"version\":{\"version_id\":\"v1\",\"active\":false,\"data\":null}")]
    [InlineData("")]
    public async Task Find_GraphMissingOrBroken_IsARouteWithoutGraph(string version)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Head(version)));
        var route = await stub.Client().Routes.FindAsync("gw", "r1", CancellationToken.None);
        Assert.Null(route!.Graph);
        Assert.NotEqual(true, route.Version?.IsActive);
    }

    [Fact]
    public async Task ReadModifyWrite_WhatIsUnknown_GoesBackAsItCame()
    {
        const string stored = """
            [{"id":"start","type":"start","outputs":{"next":{"elementId":"m","weight":1.50}},"x":1e3},{"id":"m","type":"model","properties":{"provider":"openai","model":"a","timeout":60000.0,"retries":2,"temperature":0.10},"outputs":{"success":{"elementId":"new"}}},{"id":"new","type":"semantic","outputs":{"a":{"elementId":"end"}},"y":{}},{"id":"odd","type":"rate","properties":{}},{"id":"end","type":"end"}]
            """;
        await using var stub = await StubCloudflare.StartAsync((seen, _) => Answer.Ok(seen.Method == "GET" ? Head($$""","version":{"version_id":"v1","data":{{stored}}}""") : Head(",\"version_id\":\"v2\"")));
        var routes = stub.Client(held: false).Routes;
        var route = await routes.FindAsync("gw", "r1", CancellationToken.None);
        var model = (ModelElement)route!.Graph!.Elements[1];
        Assert.Null(model.Fallback);
        var changed = new RouteGraph([.. route.Graph.Elements.Select(element => element == model ? model with { Model = "b" } : element)]);
        Assert.Equal("v2", (await routes.CreateVersionAsync("gw", "r1", changed, CancellationToken.None)).Id);
        Assert.Equal("""
            POST ai-gateway/gateways/gw/routes/r1/versions {"elements":[{"id":"start","type":"start","outputs":{"next":{"elementId":"m","weight":1.50}},"x":1e3},{"id":"m","type":"model","properties":{"provider":"openai","model":"b","timeout":60000.0,"retries":2,"temperature":0.10},"outputs":{"success":{"elementId":"new"},"fallback":{"elementId":"end"}}},{"id":"new","type":"semantic","outputs":{"a":{"elementId":"end"}},"y":{}},{"id":"odd","type":"rate","properties":{}},{"id":"end","type":"end","outputs":{}}]}
            """, stub.Requests[1].ToString());
    }

    [Fact]
    public async Task Write_AssumptionTurned_LeavesAMissingFallbackOut()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Head("")));
        var routes = stub.Client(options => options with { Assumptions = new() { FallbackLeadsToEnd = false } }, held: false).Routes;
        await routes.CreateAsync("gw", "chat", new(new ModelElement("m", "openai", "a", TimeSpan.FromSeconds(1), 0, "end", null), new EndElement("end")), CancellationToken.None);
        Assert.Contains("\"outputs\":{\"success\":{\"elementId\":\"end\"}}", stub.Asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_OlderVocabulary_IsWrittenInTheNewOne()
    {
        const string old = """
            [{"id":"c","type":"conditional","properties":{"condition":{"a":{"$eq":1}}},"outputs":{"true":{"elementId":"r"},"false":{"elementId":"e"}}},{"id":"r","type":"rate_limit","properties":{"limitType":"cost","key":"k","limit":5,"interval":60,"technique":"sliding"},"outputs":{"success":{"elementId":"e"}}},{"id":"e","type":"end"}]
            """;
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Head($$""","elements":{{old}}""")));
        var routes = stub.Client(held: false).Routes;
        var graph = (await routes.FindAsync("gw", "r1", CancellationToken.None))!.Graph!;
        Assert.Equal(("cost", TimeSpan.FromMinutes(1)), (((RateElement)graph.Elements[1]).LimitType, ((RateElement)graph.Elements[1]).Window));
        await routes.CreateAsync("gw", "chat", graph, CancellationToken.None);
        Assert.EndsWith("""
            [{"id":"c","type":"conditional","properties":{"conditions":{"a":{"$eq":1}}},"outputs":{"true":{"elementId":"r"},"false":{"elementId":"e"}}},{"id":"r","type":"rate","properties":{"limitType":"cost","key":"k","limit":5,"technique":"sliding","window":60},"outputs":{"success":{"elementId":"e"},"fallback":{"elementId":"e"}}},{"id":"e","type":"end","outputs":{}}]}
            """, stub.Requests[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OddEnvelope_IsPagedUntilAnEmptyPage()
    {
        static Answer Page(string routes) => new(200, $$"""{"success":true,"data":{"routes":[{{routes}}],"order_by":"created_at","order_by_direction":"desc","page":1,"per_page":50} }""");
        await using var stub = await StubCloudflare.StartAsync(Page(Head("")), Page(Head("").Replace("r1", "r2", StringComparison.Ordinal)), Page(""));
        Assert.Equal(["r1", "r2"], (await stub.Client().Routes.ListAsync("gw", CancellationToken.None).AllAsync()).Select(route => route.Id));
        Assert.Equal(["page=1&per_page=50", "page=2&per_page=50", "page=3&per_page=50"], stub.Requests.Select(seen => seen.Target.Split('?')[1]));
    }

    [Fact]
    public async Task Rename_AnswersTheRouteUnderItsOwnName()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200, $$"""{"success":true,"route":{{Head(",\"account_tag\":\"acc\"")}}}"""));
        Assert.Equal("chat", (await stub.Client().Routes.RenameAsync("gw", "r1", "chat", CancellationToken.None)).Name);
        Assert.Equal("""PATCH ai-gateway/gateways/gw/routes/r1 {"name":"chat"}""", stub.Asked);
    }

    [Fact]
    public async Task Versions_OddEnvelope_AreReadAndAskedForOnce()
    {
        await using var stub = await StubCloudflare.StartAsync(new Answer(200,
            """{"success":true,"data":{"versions":[{"version_id":"v2","created_at":"2026-01-02T00:00:00Z","active":"true","data":"[]","is_valid":true},{"version_id":"v1","created_at":"2026-01-01T00:00:00Z","active":"false","data":"[]"}],"page":1,"per_page":20}}"""));
        var versions = await stub.Client().Routes.ListVersionsAsync("gw", "r1", CancellationToken.None).AllAsync();
        Assert.Equal([("v2", true, true), ("v1", false, (bool?)null)], versions.Select(version => (version.Id, version.IsActive, version.IsValid)));
        Assert.Equal("GET ai-gateway/gateways/gw/routes/r1/versions", stub.Asked);
    }

    [Fact]
    public async Task Versions_FullPage_AsksForTheNext()
    {
        static Answer Page(string id) => new(200, $$"""{"success":true,"data":{"versions":[{"version_id":"{{id}}"}],"page":1,"per_page":1} }""");
        await using var stub = await StubCloudflare.StartAsync(Page("v1"), Page("v2"), Page("v2"));
        Assert.Equal(["v1", "v2"], (await stub.Client(held: false).Routes.ListVersionsAsync("gw", "r1", CancellationToken.None).AllAsync()).Select(version => version.Id));
    }

    [Fact]
    public async Task CreateVersion_AnswerNamesNoVersion_IsTheNewestOfTheList()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method == "POST"
            ? Answer.Ok(Head(",\"elements\":[]"))
            : new Answer(200, """{"success":true,"data":{"versions":[{"version_id":"v1","created_at":"2026-01-01T00:00:00Z"},{"version_id":"v2","created_at":"2026-01-02T00:00:00Z"}]}}"""));
        Assert.Equal("v2", (await stub.Client().Routes.CreateVersionAsync("gw", "r1", Graph, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Deployments_AreListedAndMade()
    {
        await using var stub = await StubCloudflare.StartAsync((seen, _) => seen.Method == "POST"
            ? Answer.Ok(Head(",\"deployment\":{\"deployment_id\":\"d2\",\"version_id\":\"v1\",\"created_at\":\"2026-01-02T00:00:00Z\"}"))
            : new Answer(200, """{"success":true,"data":{"deployments":[{"deployment_id":"d1","version_id":"v1","created_at":"2026-01-01T00:00:00Z"}]}}"""));
        var routes = stub.Client().Routes;
        Assert.Equal("d2", (await routes.DeployAsync("gw", "r1", "v1", CancellationToken.None)).Deployment!.Id);
        Assert.Equal("d1", Assert.Single(await routes.ListDeploymentsAsync("gw", "r1", CancellationToken.None).AllAsync()).Id);
        Assert.Equal(["""POST ai-gateway/gateways/gw/routes/r1/deployments {"version_id":"v1"}""", "GET ai-gateway/gateways/gw/routes/r1/deployments"], stub.Requests.Select(seen => seen.ToString()));
    }

    [Theory]
    [InlineData(400, 7005, "Route already exists")]
    [InlineData(409, 7005, "already exists")]
    [InlineData(500, 0, "D1_ERROR: UNIQUE constraint failed: routes.name")]
    public async Task Create_NameTaken_IsSaidAndNeverAmbiguous(int status, int code, string message)
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(status, code, message));
        var failure = await stub.Client().Routes.CreateAsync("gw", "chat", Graph, CancellationToken.None).FailureAsync();
        Assert.Equal((CloudflareErrorKind.AlreadyExists, false, false), (failure.Kind, failure.IsAmbiguous, failure.IsTransient));
        Assert.Single(stub.Requests);
    }
}
