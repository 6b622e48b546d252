using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Emulator.Management.Routes.SampleRoute;

namespace GatewayOps.Tests.Emulator.Management.Routes;

public sealed class RouteEndpointsTests : IAsyncLifetime
{
    private const string Routes = "ai-gateway/gateways/prod/routes";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        await _emulator.CreateGatewayAsync("prod");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private RouteStore Stored => _emulator.Account.FindGateway("prod")!.Routes;

    private string? LiveModel(string name) => Stored.FindDeployed(name)?.Elements.OfType<ModelElement>().First().Model;

    private async Task<JsonElement> CreateAsync(string name, string model = "gpt-4o-mini")
    {
        var answer = await _emulator.Management.PostAnswerAsync(Routes, Named(name, model));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Result;
    }

    private Task<ManagementAnswer> AddVersionAsync(string route, string model) =>
        _emulator.Management.PostAnswerAsync($"{Routes}/{route}/versions", new { elements = Elements(model) });

    private Task<ManagementAnswer> DeployAsync(string route, string version) =>
        _emulator.Management.PostAnswerAsync($"{Routes}/{route}/deployments", new { version_id = version });

    [Fact, Operation("createRoute")]
    public async Task Create_Route_DeploysItsFirstVersion()
    {
        var route = await CreateAsync("support", "gpt-5");

        Assert.Equal("gpt-5", LiveModel("support"));
        Assert.Equal(route.GetProperty("version").GetProperty("version_id").GetString(), route.GetProperty("deployment").GetProperty("version_id").GetString());
        Assert.True(route.GetProperty("version").GetProperty("active").GetBoolean());
        Assert.Equal(3, route.GetProperty("elements").GetArrayLength());
    }

    [Fact, Operation("createRoute")]
    public async Task Create_NameOfAnotherRoute_Is7005AndChangesNothing()
    {
        await CreateAsync("support", "gpt-5");

        var again = await _emulator.Management.PostAnswerAsync(Routes, Named("support", "gpt-6"));

        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Equal(["7005 Route 'support' already exists"], again.Errors);
        Assert.Equal("gpt-5", LiveModel("support"));
        Assert.Single(Stored.Routes);
    }

    [Fact]
    public async Task Create_SameNameInAnotherGateway_IsAnotherRoute()
    {
        await CreateAsync("support", "gpt-5");
        await _emulator.CreateGatewayAsync("other");

        var answer = await _emulator.Management.PostAnswerAsync("ai-gateway/gateways/other/routes", Named("support", "gpt-6"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("gpt-5", LiveModel("support"));
    }

    [Fact]
    public async Task Create_ManyAtOnceWithOneName_OneWins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(index => _emulator.Management.PostAnswerAsync(Routes, Named("support", $"m{index}"))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal(["7005 Route 'support' already exists"], answer.Errors));
        Assert.Single(Stored.Routes);
    }

    [Fact, Operation("getRoute")]
    public async Task Get_Route_HasItsGraphInTheVersionAlone()
    {
        var id = (await CreateAsync("support")).GetProperty("id").GetString();

        var answer = await _emulator.Management.GetAnswerAsync($"{Routes}/{id}");

        Assert.False(answer.Result.TryGetProperty("elements", out _));
        var version = answer.Result.GetProperty("version");
        Assert.Equal("gpt-4o-mini", version.GetProperty("data")[1].GetProperty("properties").GetProperty("model").GetString());
        Assert.True(version.GetProperty("is_valid").GetBoolean());
    }

    [Fact, Operation("listRoutes")]
    public async Task List_Routes_AreDataWithoutGraphAndTotal()
    {
        foreach (var index in Enumerable.Range(0, 3))
            await CreateAsync($"r{index}");

        var pages = new List<JsonElement>();
        for (var page = 1; page <= 3; page++)
            pages.Add((await _emulator.Management.GetAnswerAsync($"{Routes}?page={page}&per_page=2")).Body);

        Assert.All(pages, body => Assert.Equal(["success", "data"], body.EnumerateObject().Select(member => member.Name)));
        var data = pages[0].GetProperty("data");
        Assert.Equal(["routes", "order_by", "order_by_direction", "page", "per_page"], data.EnumerateObject().Select(member => member.Name));
        Assert.False(data.GetProperty("routes")[0].TryGetProperty("elements", out _));
        Assert.False(data.GetProperty("routes")[0].GetProperty("version").TryGetProperty("data", out _));
        Assert.Equal([2, 1, 0], pages.Select(body => body.GetProperty("data").GetProperty("routes").GetArrayLength()));
        Assert.Equal(["r0", "r1", "r2"], pages.SelectMany(body => body.GetProperty("data").GetProperty("routes").EnumerateArray()).Select(route => route.GetProperty("name").GetString()).Order());
    }

    [Fact, Operation("renameRoute")]
    public async Task Rename_Route_IsReachedByTheNewNameOnly()
    {
        var id = (await CreateAsync("support")).GetProperty("id").GetString();

        var answer = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Routes}/{id}", new { name = "help" });

        Assert.Equal(["success", "route"], answer.Body.EnumerateObject().Select(member => member.Name));
        Assert.Equal("help", answer.Body.GetProperty("route").GetProperty("name").GetString());
        Assert.Equal("dev-account", answer.Body.GetProperty("route").GetProperty("account_tag").GetString());
        Assert.Null(Stored.FindDeployed("support"));
        Assert.NotNull(Stored.FindDeployed("help"));
    }

    [Fact, Operation("renameRoute")]
    public async Task Rename_ToATakenName_Is7005ButToItsOwnIsFine()
    {
        await CreateAsync("a");
        var id = (await CreateAsync("b")).GetProperty("id").GetString();

        var taken = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Routes}/{id}", new { name = "a" });
        var own = await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Routes}/{id}", new { name = "b" });

        Assert.Equal(["7005 Route 'a' already exists"], taken.Errors);
        Assert.Equal(HttpStatusCode.OK, own.Status);
        Assert.NotNull(Stored.FindDeployed("b"));
    }

    [Fact, Operation("deleteRoute")]
    public async Task Delete_Route_StopsServingAndFreesTheName()
    {
        var id = (await CreateAsync("support")).GetProperty("id").GetString();

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Routes}/{id}");
        var again = await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Routes}/{id}");

        Assert.Equal("support", deleted.Result.GetProperty("name").GetString());
        Assert.Null(Stored.FindDeployed("support"));
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
        Assert.Equal(["7005 Route not found"], again.Errors);
        await CreateAsync("support");
    }

    [Fact, Operation("createRouteVersion", "deployRoute")]
    public async Task CreateVersion_Graph_IsNotLiveUntilItIsDeployed()
    {
        var id = (await CreateAsync("support", "one")).GetProperty("id").GetString()!;

        var version = (await AddVersionAsync(id, "two")).Result;
        Assert.Equal("one", LiveModel("support"));
        Assert.False(version.GetProperty("active").GetBoolean());

        var deployed = await DeployAsync(id, version.GetProperty("version_id").GetString()!);
        Assert.Equal("two", LiveModel("support"));
        Assert.Equal(version.GetProperty("version_id").GetString(), deployed.Result.GetProperty("deployment").GetProperty("version_id").GetString());
    }

    [Fact, Operation("deployRoute", "listRouteDeployments")]
    public async Task Deploy_OlderVersion_RollsBack()
    {
        var route = await CreateAsync("support", "one");
        var (id, first) = (route.GetProperty("id").GetString()!, route.GetProperty("version").GetProperty("version_id").GetString()!);
        var second = (await AddVersionAsync(id, "two")).Result.GetProperty("version_id").GetString()!;
        var graph = Stored.FindDeployed("support");
        await DeployAsync(id, second);

        await DeployAsync(id, first);

        // The same object: what was counted for the version's limits goes on.
        Assert.Same(graph, Stored.FindDeployed("support"));
        var history = (await _emulator.Management.GetAnswerAsync($"{Routes}/{id}/deployments")).Body.GetProperty("data").GetProperty("deployments");
        Assert.Equal([first, second, first], history.EnumerateArray().Select(one => one.GetProperty("version_id").GetString()));
        Assert.Equal(3, history.EnumerateArray().Select(one => one.GetProperty("deployment_id").GetString()).Distinct().Count());
    }

    [Fact, Operation("deployRoute")]
    public async Task Deploy_VersionOfAnotherRoute_Is7005AndChangesNothing()
    {
        var id = (await CreateAsync("a", "one")).GetProperty("id").GetString()!;
        var other = (await CreateAsync("b", "two")).GetProperty("version").GetProperty("version_id").GetString()!;

        var answer = await DeployAsync(id, other);

        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(["7005 Version not found"], answer.Errors);
        Assert.Equal("one", LiveModel("a"));
    }

    [Fact, Operation("listRouteVersions")]
    public async Task ListVersions_AfterADeployment_MarksTheLiveOne()
    {
        var id = (await CreateAsync("support", "one")).GetProperty("id").GetString()!;
        var second = (await AddVersionAsync(id, "two")).Result.GetProperty("version_id").GetString()!;
        await AddVersionAsync(id, "three");
        await DeployAsync(id, second);

        var versions = (await _emulator.Management.GetAnswerAsync($"{Routes}/{id}/versions")).Body.GetProperty("data").GetProperty("versions").EnumerateArray().ToArray();

        Assert.Equal(3, versions.Length);
        Assert.Equal(second, Assert.Single(versions, version => version.GetProperty("active").GetBoolean()).GetProperty("version_id").GetString());
    }

    [Fact, Operation("getRouteVersion")]
    public async Task GetVersion_OldOne_KeepsItsGraph()
    {
        var route = await CreateAsync("support", "one");
        var (id, first) = (route.GetProperty("id").GetString()!, route.GetProperty("version").GetProperty("version_id").GetString()!);
        await DeployAsync(id, (await AddVersionAsync(id, "two")).Result.GetProperty("version_id").GetString()!);

        var version = await _emulator.Management.GetAnswerAsync($"{Routes}/{id}/versions/{first}");
        var missing = await _emulator.Management.GetAnswerAsync($"{Routes}/{id}/versions/nothing");

        Assert.Equal("one", version.Result.GetProperty("elements")[1].GetProperty("properties").GetProperty("model").GetString());
        Assert.False(version.Result.GetProperty("active").GetBoolean());
        Assert.Equal(["7005 Version not found"], missing.Errors);
    }

    [Fact]
    public async Task DeleteGateway_WithRoutes_TakesThemAway()
    {
        await CreateAsync("support");
        await _emulator.Management.CallAsync(HttpMethod.Delete, "ai-gateway/gateways/prod");

        var list = await _emulator.Management.GetAnswerAsync(Routes);
        await _emulator.CreateGatewayAsync("prod");

        // Unlike provider configs, routes of a gateway that does not exist are no empty list.
        Assert.Equal(HttpStatusCode.NotFound, list.Status);
        Assert.Equal(["7002 Not Found"], list.Errors);
        Assert.Null(Stored.FindDeployed("support"));
    }

    public static TheoryData<string, string, object?> Operations { get; } = new()
    {
        { "GET", "", null },
        { "POST", "", Named("x") },
        { "GET", "/x", null },
        { "PATCH", "/x", new { name = "y" } },
        { "DELETE", "/x", null },
        { "GET", "/x/versions", null },
        { "POST", "/x/versions", new { elements = Elements() } },
        { "GET", "/x/versions/y", null },
        { "GET", "/x/deployments", null },
        { "POST", "/x/deployments", new { version_id = "y" } },
    };

    [Theory]
    [MemberData(nameof(Operations), DisableDiscoveryEnumeration = true)]
    public async Task AnyOperation_GatewayOrRouteMissing_Is7002Or7005(string method, string path, object? body)
    {
        var gateway = await _emulator.Management.CallAsync(new HttpMethod(method), $"ai-gateway/gateways/nowhere/routes{path}", body);
        var route = await _emulator.Management.CallAsync(new HttpMethod(method), $"{Routes}{path}", body);

        Assert.Equal((HttpStatusCode.NotFound, "7002 Not Found"), (gateway.Status, Assert.Single(gateway.Errors)));
        if (path.Length > 0)
            Assert.Equal((HttpStatusCode.NotFound, "7005 Route not found"), (route.Status, Assert.Single(route.Errors)));
    }

    [Theory]
    [InlineData("POST", "", "{\"elements\":[]}", "7001 body.name Required")]
    [InlineData("PATCH", "/{id}", "{}", "7001 body.name Required")]
    [InlineData("PATCH", "/{id}", "{\"name\":\"\"}", "7001 body.name String must contain at least 1 character(s)")]
    [InlineData("PATCH", "/{id}", "[]", "7001 body Input Validation Error")]
    [InlineData("POST", "/{id}/versions", "{}", "7001 body.elements Required")]
    [InlineData("POST", "/{id}/deployments", "{}", "7001 body.version_id Required")]
    [InlineData("POST", "/{id}/deployments", "{\"version_id\":1}", "7001 body.version_id Expected string, received number")]
    [InlineData("GET", "?per_page=0", null, "7001 query.per_page Number must be greater than or equal to 1")]
    [InlineData("GET", "?per_page=101", null, "7001 query.per_page Number must be less than or equal to 100")]
    public async Task AnyOperation_BadInput_Is7001WithItsPath(string method, string path, string? body, string error)
    {
        var id = (await CreateAsync("support")).GetProperty("id").GetString();

        var answer = await _emulator.Management.CallAsync(new HttpMethod(method), Routes + path.Replace("{id}", id), body is null ? null : new StringContent(body));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(error, answer.Errors[0]);
    }

    [Fact]
    public async Task Assumptions_Turned_ChangeTheAnswers()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions
        {
            Assumptions = new Assumptions { RouteVersionsAsDocumented = true, RouteGetHasElements = true, DuplicateRouteStatus = 409 },
        });
        await emulator.CreateGatewayAsync("prod");
        var id = (await emulator.Management.PostAnswerAsync(Routes, Named("support"))).Result.GetProperty("id").GetString();

        var route = (await emulator.Management.GetAnswerAsync($"{Routes}/{id}")).Result;
        var again = await emulator.Management.PostAnswerAsync(Routes, Named("support"));

        Assert.Equal(3, route.GetProperty("elements").GetArrayLength());
        Assert.Equal("true", route.GetProperty("version").GetProperty("active").GetString());
        Assert.True(JsonElement.DeepEquals(route.GetProperty("elements"), JsonElement.Parse(route.GetProperty("version").GetProperty("data").GetString()!)));
        Assert.Equal(HttpStatusCode.Conflict, again.Status);
    }

    [Fact]
    public async Task Create_LostRaceAssumed_AnswersInTheDatabasesWords()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new Assumptions { DuplicateRouteFailsInDatabase = true } });
        await emulator.CreateGatewayAsync("prod");
        await emulator.Management.PostAnswerAsync(Routes, Named("support"));

        var again = await emulator.Management.PostAnswerAsync(Routes, Named("support"));

        Assert.Equal(HttpStatusCode.InternalServerError, again.Status);
        Assert.Equal(["- UNIQUE constraint failed: routes.name"], again.Errors);
    }

    [Fact]
    public async Task AnyOperation_ManyAtOnce_NeverShowsATornRoute()
    {
        var route = await CreateAsync("support", "one");
        var (id, first) = (route.GetProperty("id").GetString()!, route.GetProperty("version").GetProperty("version_id").GetString()!);
        var second = (await AddVersionAsync(id, "two")).Result.GetProperty("version_id").GetString()!;
        var models = new Dictionary<string, string> { [first] = "one", [second] = "two" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async index => (index % 4) switch
        {
            0 => (await DeployAsync(id, index % 8 == 0 ? first : second)).Result,
            1 => (await _emulator.Management.CallAsync(HttpMethod.Patch, $"{Routes}/{id}", new { name = $"support-{index}" })).Body.GetProperty("route"),
            _ => (await _emulator.Management.GetAnswerAsync($"{Routes}/{id}")).Result,
        }));

        Assert.All(answers, answer =>
        {
            var version = answer.GetProperty("version");
            var live = version.GetProperty("version_id").GetString()!;
            Assert.Equal(live, answer.GetProperty("deployment").GetProperty("version_id").GetString());
            Assert.Equal(models[live], version.GetProperty("data")[1].GetProperty("properties").GetProperty("model").GetString());
            Assert.True(version.GetProperty("active").GetBoolean());
        });
        Assert.Equal(17, Stored.Find(id)!.Deployments.Count);
        Assert.Equal(17, Stored.Find(id)!.Deployments.Select(deployment => deployment.Id).Distinct().Count());
    }

    [Fact]
    public async Task CreateVersion_BrokenGraphAssumedKept_IsInvalidAndServesNothing()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new Assumptions { KeepsInvalidRouteGraphs = true } });
        await emulator.CreateGatewayAsync("prod");
        var id = (await emulator.Management.PostAnswerAsync(Routes, Named("support"))).Result.GetProperty("id").GetString();

        var version = (await emulator.Management.PostAnswerAsync($"{Routes}/{id}/versions", new { elements = new[] { Start("nowhere"), End() } })).Result;
        Assert.NotNull(emulator.Account.FindGateway("prod")!.Routes.FindDeployed("support"));
        await emulator.Management.PostAnswerAsync($"{Routes}/{id}/deployments", new { version_id = version.GetProperty("version_id").GetString() });

        Assert.False(version.GetProperty("is_valid").GetBoolean());
        Assert.Null(emulator.Account.FindGateway("prod")!.Routes.FindDeployed("support"));
    }
}
