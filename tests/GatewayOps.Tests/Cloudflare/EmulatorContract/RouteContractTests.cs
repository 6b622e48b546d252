using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Routes;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

public sealed class RouteContractTests : IAsyncLifetime
{
    private static readonly RouteGraph Graph = new(
        new StartElement("start", "plan"),
        new ConditionalElement("plan", new JsonObject { ["metadata.plan"] = new JsonObject { ["$eq"] = "free" } }, "limit", "split"),
        new RateElement("limit", "count", "metadata.user_id", 100, TimeSpan.FromHours(1), "split", "end"),
        new PercentageElement("split", new Dictionary<string, string> { ["10%"] = "new", ["else"] = "old" }),
        new ModelElement("new", "openai", "gpt-4o", TimeSpan.FromSeconds(60), 2, "end", "old"),
        new ModelElement("old", "openai", "gpt-4o-mini", TimeSpan.FromSeconds(30), 0, "end", null),
        new EndElement("end"));

    private TestEmulator _emulator = null!;
    private RouteClient _routes = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _routes = _emulator.Client().Routes;
        await _emulator.CreateGatewayAsync("gw");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createRoute", "getRoute", "renameRoute", "deleteRoute")]
    public async Task FromCreateToDelete_EachStep_IsWhatTheNextOneFinds()
    {
        var made = await _routes.CreateAsync("gw", "chat", Graph, CancellationToken.None);
        Assert.Equal(("chat", "gw"), (made.Name, made.GatewayId));
        Assert.Equal(made.Version!.Id, made.Deployment!.VersionId);
        Assert.True(made.Version.IsActive);

        var read = await _routes.FindAsync("gw", made.Id, CancellationToken.None);
        Assert.Equal(Graph.Elements.Select(element => element.GetType()), read!.Graph!.Elements.Select(element => element.GetType()));
        var (wish, model) = ((ModelElement)Graph.Elements[4], (ModelElement)read.Graph.Elements[4]);
        Assert.Equal((wish.Provider, wish.Model, wish.Timeout, wish.Retries, wish.Success, wish.Fallback), (model.Provider, model.Model, model.Timeout, model.Retries, model.Success, model.Fallback));
        Assert.Equal("end", ((ModelElement)read.Graph.Elements[5]).Fallback);

        Assert.Equal("talk", (await _routes.RenameAsync("gw", made.Id, "talk", CancellationToken.None)).Name);
        Assert.Equal("talk", (await _routes.FindAsync("gw", made.Id, CancellationToken.None))!.Name);
        Assert.True(await _routes.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.False(await _routes.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.Null(await _routes.FindAsync("gw", made.Id, CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await _routes.RenameAsync("gw", made.Id, "x", CancellationToken.None).KindAsync());
    }

    [Fact, Operation("createRouteVersion", "listRouteVersions", "getRouteVersion", "deployRoute", "listRouteDeployments")]
    public async Task Versions_AreDeployedAndRolledBack()
    {
        var route = await _routes.CreateAsync("gw", "chat", Graph, CancellationToken.None);
        var first = route.Version!.Id;
        var changed = new RouteGraph([.. route.Graph!.Elements.Select(element => element is ModelElement { Id: "new" } model ? model with { Model = "gpt-5" } : element)]);
        var second = (await _routes.CreateVersionAsync("gw", route.Id, changed, CancellationToken.None)).Id;
        Assert.NotEqual(first, second);
        Assert.False((await _routes.FindVersionAsync("gw", route.Id, second, CancellationToken.None))!.IsActive);
        Assert.Equal(first, (await _routes.FindAsync("gw", route.Id, CancellationToken.None))!.Deployment!.VersionId);

        await _routes.DeployAsync("gw", route.Id, second, CancellationToken.None);
        var deployed = await _routes.FindAsync("gw", route.Id, CancellationToken.None);
        Assert.Equal((second, "gpt-5"), (deployed!.Deployment!.VersionId, ((ModelElement)deployed.Graph!.Elements[4]).Model));
        Assert.Equal([(first, false), (second, true)], (await _routes.ListVersionsAsync("gw", route.Id, CancellationToken.None).AllAsync()).Select(version => (version.Id, version.IsActive)).OrderBy(version => version.IsActive));

        await _routes.DeployAsync("gw", route.Id, first, CancellationToken.None);
        Assert.Equal(first, (await _routes.FindAsync("gw", route.Id, CancellationToken.None))!.Deployment!.VersionId);
        Assert.Equal([first, first, second], (await _routes.ListDeploymentsAsync("gw", route.Id, CancellationToken.None).AllAsync()).Select(deployment => deployment.VersionId).Order(Comparer<string>.Create((a, b) => (a == second).CompareTo(b == second))));
        Assert.Null(await _routes.FindVersionAsync("gw", route.Id, "none", CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await _routes.DeployAsync("gw", route.Id, "none", CancellationToken.None).KindAsync());
    }

    [Fact, Operation("listRouteVersions")]
    public async Task Versions_MoreThanAPage_AreAllListed()
    {
        var route = await _routes.CreateAsync("gw", "chat", Graph, CancellationToken.None);
        for (var i = 0; i < 25; i++) await _routes.CreateVersionAsync("gw", route.Id, Graph, CancellationToken.None);
        // Should the answer be full, the next page is asked for, which the document does not know.
        Assert.Equal(26, (await _emulator.Client(held: false).Routes.ListVersionsAsync("gw", route.Id, CancellationToken.None).AllAsync()).Select(version => version.Id).Distinct().Count());
    }

    [Fact, Operation("listRoutes", "createRoute")]
    public async Task List_MoreThanAPage_HasEachRouteOnceAndNoGraph()
    {
        for (var i = 0; i < 55; i++) await _routes.CreateAsync("gw", $"route-{i}", Graph, CancellationToken.None);
        var all = await _routes.ListAsync("gw", CancellationToken.None).AllAsync();
        Assert.Equal(Enumerable.Range(0, 55).Select(i => $"route-{i}").Order(), all.Select(route => route.Name).Order());
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await _routes.CreateAsync("gw", "route-7", Graph, CancellationToken.None).KindAsync());
        Assert.Equal(CloudflareErrorKind.NotFound, await _routes.ListAsync("nowhere", CancellationToken.None).AllAsync().KindAsync());
    }

    [Fact, Operation("createRoute", "createRouteVersion")]
    public async Task Graph_ThatIsNone_IsRefusedWithItsPlace()
    {
        var broken = new RouteGraph(new StartElement("start", "nowhere"), new EndElement("end"));
        Assert.Equal(CloudflareErrorKind.Validation, await _routes.CreateAsync("gw", "chat", broken, CancellationToken.None).KindAsync());
        var failure = await _emulator.Client(held: false).Routes.CreateAsync("gw", "chat", new(new StartElement("start", "m"), new OtherElement("m", "model") { }, new EndElement("end")), CancellationToken.None).FailureAsync();
        Assert.Equal(CloudflareErrorKind.Validation, failure.Kind);
        Assert.All(failure.Errors, error => Assert.StartsWith("body", error.Path, StringComparison.Ordinal));
        Assert.Empty(await _routes.ListAsync("gw", CancellationToken.None).AllAsync());
    }
}
