using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.CustomProviders;

public sealed class CustomProviderTests : IAsyncLifetime
{
    private const string Providers = "ai-gateway/custom-providers";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync() => _emulator = await TestEmulator.StartAsync();

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private CustomProviderStore Stored => _emulator.Account.CustomProviders;

    private Task<ManagementAnswer> CreateAsync(string slug, string? name = null, bool enable = false, bool beta = false, int position = 0) =>
        _emulator.Management.PostAnswerAsync(Providers, new { name = name ?? slug, slug, base_url = "https://api.example.com", enable, beta, position });

    private Task<ManagementAnswer> ChangeAsync(string id, object change) => _emulator.Management.CallAsync(HttpMethod.Patch, $"{Providers}/{id}", change);

    private async Task<string[]> SlugsAsync(string query) =>
        [.. (await _emulator.Management.GetAnswerAsync($"{Providers}?{query}")).Result.EnumerateArray().Select(provider => provider.GetProperty("slug").GetString()!)];

    [Fact, Operation("createCustomProvider", "patchCustomProvider")]
    public async Task Create_OnlyWhatIsRequired_IsDisabledUntilSomeoneEnablesIt()
    {
        var answer = await _emulator.Management.PostAnswerAsync(Providers, new { name = "Mine", slug = "mine", base_url = "https://api.example.com/v1" });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.False(answer.Result.GetProperty("enable").GetBoolean());
        Assert.False(answer.Result.GetProperty("beta").GetBoolean());
        Assert.False(answer.Result.TryGetProperty("description", out _));
        Assert.Null(Stored.FindEnabled("mine"));

        await ChangeAsync(answer.Result.GetProperty("id").GetString()!, new { enable = true });

        Assert.Equal("https://api.example.com/v1", Stored.FindEnabled("mine")!.BaseUrl);
    }

    [Fact, Operation("createCustomProvider", "getCustomProvider")]
    public async Task Create_EveryField_IsKept()
    {
        var body = new
        {
            name = "Mine",
            slug = "mine",
            base_url = "https://api.example.com",
            description = "ours",
            link = "https://example.com",
            enable = true,
            beta = true,
            curl_example = "curl",
            js_example = "fetch",
            headers = """{"X-Team":"eng","authorization":"Bearer k"}""",
            position = 7,
        };

        var created = (await _emulator.Management.PostAnswerAsync(Providers, body)).Result;
        var read = (await _emulator.Management.GetAnswerAsync($"{Providers}/{created.GetProperty("id").GetString()}")).Result;

        foreach (var member in JsonSerializer.SerializeToElement(body).EnumerateObject())
            Assert.True(JsonElement.DeepEquals(member.Value, read.GetProperty(member.Name)), member.Name);
        Assert.True(JsonElement.DeepEquals(created, read));
        Assert.Equal("eng", Stored.FindEnabled("mine")!.Headers["x-team"]);
        Assert.DoesNotContain("Bearer", Stored.FindEnabled("mine")!.ToString());
        Assert.Contains("<svg", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(read.GetProperty("logo").GetString()!)));
    }

    [Fact, Operation("createCustomProvider")]
    public async Task Create_SlugOfAnother_AlreadyExists()
    {
        await CreateAsync("mine");

        var again = await CreateAsync("mine", "Another");

        Assert.Equal(HttpStatusCode.BadRequest, again.Status);
        Assert.Equal(["7001 body.slug Custom provider 'mine' already exists"], again.Errors);
        Assert.Equal("mine", Assert.Single(Stored.Providers).Name);
    }

    [Fact]
    public async Task Create_ManyAtOnceWithOneSlug_OneWins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => CreateAsync("mine")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Single(Stored.Providers);
    }

    [Fact, Operation("patchCustomProvider")]
    public async Task Change_SomeFields_LeavesTheOthers()
    {
        var created = (await CreateAsync("mine", "Before", enable: true)).Result;
        await _emulator.AdvanceClockAsync(TimeSpan.FromMinutes(1));

        var changed = (await ChangeAsync(created.GetProperty("id").GetString()!, new { name = "After", base_url = "https://other.example" })).Result;

        Assert.Equal(["After", "https://other.example", "mine"], new[] { "name", "base_url", "slug" }.Select(name => changed.GetProperty(name).GetString()));
        Assert.True(changed.GetProperty("enable").GetBoolean());
        Assert.Equal(created.GetProperty("created_at").GetString(), changed.GetProperty("created_at").GetString());
        Assert.True(changed.GetProperty("modified_at").GetDateTimeOffset() >= created.GetProperty("modified_at").GetDateTimeOffset() + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Change_Provider_BeginsAnotherGeneration()
    {
        var id = (await CreateAsync("mine", enable: true)).Result.GetProperty("id").GetString()!;
        var before = Stored.FindEnabled("mine")!.Generation;

        await ChangeAsync(id, new { description = "x" });
        var changed = Stored.FindEnabled("mine")!.Generation;
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"{Providers}/{id}");
        await CreateAsync("mine", enable: true);

        Assert.Equal(3, new[] { before, changed, Stored.FindEnabled("mine")!.Generation }.Distinct().Count());
    }

    [Fact, Operation("patchCustomProvider")]
    public async Task Change_Slug_MovesItAndKeepsSlugsUnique()
    {
        await CreateAsync("taken", enable: true);
        var id = (await CreateAsync("mine", enable: true)).Result.GetProperty("id").GetString()!;

        var refused = await ChangeAsync(id, new { slug = "taken" });
        await ChangeAsync(id, new { slug = "moved" });

        Assert.Equal(["7001 body.slug Custom provider 'taken' already exists"], refused.Errors);
        Assert.Null(Stored.FindEnabled("mine"));
        Assert.Equal(id, Stored.FindEnabled("moved")!.Id);
        Assert.NotEqual(id, Stored.FindEnabled("taken")!.Id);
    }

    [Fact, Operation("deleteCustomProvider")]
    public async Task Delete_Provider_AnswersWithItAndFreesTheSlug()
    {
        var created = (await CreateAsync("mine", enable: true)).Result;
        var path = $"{Providers}/{created.GetProperty("id").GetString()}";

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, path);

        Assert.True(JsonElement.DeepEquals(created, deleted.Result));
        Assert.Null(Stored.FindEnabled("mine"));
        foreach (var (method, body) in new[] { (HttpMethod.Get, null), (HttpMethod.Delete, null), (HttpMethod.Patch, (object?)new { enable = true }) })
            Assert.Equal(["7002 Not Found"], (await _emulator.Management.CallAsync(method, path, body)).Errors);
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("mine")).Status);
    }

    [Fact, Operation("listCustomProviders")]
    public async Task List_FiltersSearchAndOrder_ChooseProviders()
    {
        await CreateAsync("alpha", "Zebra", enable: true, position: 2);
        await CreateAsync("beta-one", "Yak", beta: true, position: 3);
        await CreateAsync("gamma", "Alpaca", enable: true, beta: true, position: 1);
        var id = Stored.FindEnabled("alpha")!.Id;

        Assert.Equal(["gamma", "beta-one", "alpha"], await SlugsAsync(""));
        Assert.Equal(["alpha", "beta-one", "gamma"], await SlugsAsync("order_by=name%20DESC"));
        Assert.Equal(["gamma", "alpha", "beta-one"], await SlugsAsync("order_by=position"));
        Assert.Equal(["gamma", "beta-one", "alpha"], await SlugsAsync("order_by=slug%20desc"));
        Assert.Equal(["gamma", "alpha"], await SlugsAsync("enable=true"));
        Assert.Equal(["beta-one"], await SlugsAsync("enable=false"));
        Assert.Equal(["gamma"], await SlugsAsync("enable=true&beta=true"));
        Assert.Equal(["gamma", "alpha"], await SlugsAsync("search=ALP"));
        Assert.Equal(["alpha"], await SlugsAsync($"search={id}"));
        Assert.Empty(await SlugsAsync("search=nothing"));
    }

    [Fact, Operation("listCustomProviders")]
    public async Task List_Pages_EndWithAnEmptyOne()
    {
        foreach (var index in Enumerable.Range(0, 5))
            await CreateAsync($"p{index}");

        var answers = new List<ManagementAnswer>();
        for (var page = 1; page <= 4; page++)
            answers.Add(await _emulator.Management.GetAnswerAsync($"{Providers}?page={page}&per_page=2"));

        Assert.Equal([2, 2, 1, 0], answers.Select(answer => answer.Result.GetArrayLength()));
        Assert.Equal(["p0", "p1", "p2", "p3", "p4"], answers.SelectMany(answer => answer.Result.EnumerateArray()).Select(provider => provider.GetProperty("slug").GetString()));
        Assert.All(answers, answer => Assert.Equal(5, answer.Body.GetProperty("result_info").GetProperty("total_count").GetInt32()));
    }

    public static TheoryData<string, object?, string> BadFields { get; } = new()
    {
        { "name", null, "7001 body.name Expected string, received null" },
        { "name", "", "7001 body.name String must contain at least 1 character(s)" },
        { "slug", "", "7001 body.slug String must contain at least 1 character(s)" },
        { "slug", "my provider", "7001 body.slug Invalid" },
        { "slug", "a--b", "7001 body.slug Invalid" },
        { "slug", "-a", "7001 body.slug Invalid" },
        { "base_url", "http://api.example.com", "7001 body.base_url Invalid" },
        { "base_url", "http://127.0.0.1:9000", "7001 body.base_url Invalid" },
        { "base_url", "HTTPS://api.example.com", "7001 body.base_url Invalid" },
        { "base_url", "https://", "7001 body.base_url Invalid url" },
        { "base_url", "api.example.com", "7001 body.base_url Invalid" },
        { "base_url", 7, "7001 body.base_url Expected string, received number" },
        { "enable", "true", "7001 body.enable Expected boolean, received string" },
        { "beta", 1, "7001 body.beta Expected boolean, received number" },
        { "position", 1.5, "7001 body.position Expected integer, received float" },
        { "description", 1, "7001 body.description Expected string, received number" },
        { "headers", new { a = "b" }, "7001 body.headers Expected string, received object" },
        { "headers", "a: b", "7001 body.headers Expected the text of a JSON object of header names and values" },
        { "headers", "[]", "7001 body.headers Expected the text of a JSON object of header names and values" },
        { "headers", """{"a":1}""", "7001 body.headers Expected the text of a JSON object of header names and values" },
        { "headers", """{"a b":"c"}""", "7001 body.headers Expected the text of a JSON object of header names and values" },
        { "headers", """{"a":"b\r\nc: d"}""", "7001 body.headers Expected the text of a JSON object of header names and values" },
        { "headers", """{"a":"b","A":"c"}""", "7001 body.headers Expected the text of a JSON object of header names and values" },
    };

    [Theory]
    [MemberData(nameof(BadFields), DisableDiscoveryEnumeration = true)]
    public async Task CreateAndChange_BadField_NameItByPath(string name, object? value, string error)
    {
        var body = new Dictionary<string, object?> { ["name"] = "Mine", ["slug"] = "mine", ["base_url"] = "https://api.example.com", [name] = value };

        var created = await _emulator.Management.PostAnswerAsync(Providers, body);
        var id = (await CreateAsync("other")).Result.GetProperty("id").GetString()!;
        var changed = await ChangeAsync(id, new Dictionary<string, object?> { [name] = value });

        Assert.Equal((HttpStatusCode.BadRequest, error), (created.Status, Assert.Single(created.Errors)));
        Assert.Equal((HttpStatusCode.BadRequest, error), (changed.Status, Assert.Single(changed.Errors)));
        Assert.Equal("other", Assert.Single(Stored.Providers).Slug);
    }

    [Fact]
    public async Task Create_Nothing_NamesWhatIsRequired() => Assert.Equal(
        ["7001 body.name Required", "7001 body.slug Required", "7001 body.base_url Required"], (await _emulator.Management.PostAnswerAsync(Providers, new { })).Errors);

    [Theory]
    [InlineData("per_page=101", "7001 query.per_page Number must be less than or equal to 100")]
    [InlineData("per_page=0", "7001 query.per_page Number must be greater than or equal to 1")]
    [InlineData("enable=yes", "7001 query.enable Expected boolean, received string")]
    [InlineData("beta=2", "7001 query.beta Expected boolean, received string")]
    [InlineData("order_by=logo", "7001 query.order_by Expected a field and a direction, such as 'name ASC'")]
    [InlineData("order_by=name%20UP", "7001 query.order_by Expected a field and a direction, such as 'name ASC'")]
    [InlineData("order_by=name%20ASC%20x", "7001 query.order_by Expected a field and a direction, such as 'name ASC'")]
    public async Task List_BadQuery_Is7001WithItsPath(string query, string error)
    {
        var answer = await _emulator.Management.GetAnswerAsync($"{Providers}?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Fact]
    public async Task Assumption_AsInTheDocuments_GivesUnixTimesAndTheAccount()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new Assumptions { CustomProvidersAsInTheDocuments = true } });

        var provider = (await emulator.Management.PostAnswerAsync(Providers, new { name = "Mine", slug = "mine", base_url = "https://api.example.com" })).Result;

        Assert.Equal(emulator.Account.CustomProviders.Providers[0].CreatedAt.ToUnixTimeSeconds(), provider.GetProperty("created_at").GetInt64());
        Assert.Equal("dev-account", provider.GetProperty("account_id").GetString());
    }
}
