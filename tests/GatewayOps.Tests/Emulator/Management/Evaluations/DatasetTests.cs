using System.Net;
using System.Text.Json;
using GatewayOps.Emulator.Management.Evaluations;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Evaluations;

public sealed class DatasetTests : IAsyncLifetime
{
    private const string Datasets = "ai-gateway/gateways/prod/datasets";
    private TestEmulator _emulator = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        await _emulator.CreateGatewayAsync("prod");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private EvaluationStore Stored => _emulator.Account.FindGateway("prod")!.Evaluations;

    private static object Filter(string key, string @operator, params object[] value) => new { key, @operator, value };

    private static object Body(string name, bool enable = true, params object[] filters) => new { name, enable, filters };

    private Task<ManagementAnswer> CreateAsync(object body) => _emulator.Management.PostAnswerAsync(Datasets, body);

    private async Task<string[]> NamesAsync(string query) =>
        [.. (await _emulator.Management.GetAnswerAsync($"{Datasets}?{query}")).Result.EnumerateArray().Select(dataset => dataset.GetProperty("name").GetString()!)];

    [Fact, Operation("createDataset", "getDataset")]
    public async Task Create_Dataset_IsReadAsItWasSent()
    {
        var body = Body("good", false, Filter("success", "eq", true), Filter("cost", "gt", 0.5), Filter("model", "contains", "gpt", "claude"));

        var created = (await CreateAsync(body)).Result;
        var read = (await _emulator.Management.GetAnswerAsync($"{Datasets}/{created.GetProperty("id").GetString()}")).Result;

        foreach (var member in JsonSerializer.SerializeToElement(body).EnumerateObject())
            Assert.True(JsonElement.DeepEquals(member.Value, read.GetProperty(member.Name)), member.Name);
        Assert.Equal("prod", read.GetProperty("gateway_id").GetString());
    }

    [Fact, Operation("createDataset")]
    public async Task Create_NameOfAnother_AlreadyExistsButNotInAnotherGateway()
    {
        await CreateAsync(Body("good"));
        await _emulator.CreateGatewayAsync("other");

        var again = await CreateAsync(Body("good", false));
        var elsewhere = await _emulator.Management.PostAnswerAsync("ai-gateway/gateways/other/datasets", Body("good"));

        Assert.Equal((HttpStatusCode.BadRequest, "7001 body.name Dataset 'good' already exists"), (again.Status, Assert.Single(again.Errors)));
        Assert.True(Assert.Single(Stored.Datasets).Enable);
        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
    }

    [Fact, Operation("updateDataset")]
    public async Task Update_Dataset_ReplacesEverything()
    {
        var created = (await CreateAsync(Body("good", true, Filter("cached", "eq", false)))).Result;
        var path = $"{Datasets}/{created.GetProperty("id").GetString()}";
        await _emulator.AdvanceClockAsync(TimeSpan.FromMinutes(1));

        var updated = (await _emulator.Management.CallAsync(HttpMethod.Put, path, Body("better", false))).Result;

        Assert.Equal(("better", false, 0), (updated.GetProperty("name").GetString(), updated.GetProperty("enable").GetBoolean(), updated.GetProperty("filters").GetArrayLength()));
        Assert.Equal(created.GetProperty("created_at").GetString(), updated.GetProperty("created_at").GetString());
        Assert.True(updated.GetProperty("modified_at").GetDateTimeOffset() > created.GetProperty("modified_at").GetDateTimeOffset());
        Assert.True(JsonElement.DeepEquals(updated, (await _emulator.Management.GetAnswerAsync(path)).Result));
    }

    [Fact, Operation("updateDataset")]
    public async Task Update_NameOfAnother_IsRefusedAndOwnNameIsFine()
    {
        await CreateAsync(Body("a"));
        var path = $"{Datasets}/{(await CreateAsync(Body("b"))).Result.GetProperty("id").GetString()}";

        var taken = await _emulator.Management.CallAsync(HttpMethod.Put, path, Body("a"));
        var own = await _emulator.Management.CallAsync(HttpMethod.Put, path, Body("b", false));

        Assert.Equal(["7001 body.name Dataset 'a' already exists"], taken.Errors);
        Assert.False(own.Result.GetProperty("enable").GetBoolean());
    }

    [Fact]
    public async Task Update_WithoutAField_IsRefusedAndChangesNothing()
    {
        var path = $"{Datasets}/{(await CreateAsync(Body("a"))).Result.GetProperty("id").GetString()}";

        var answer = await _emulator.Management.CallAsync(HttpMethod.Put, path, new { enable = false });

        Assert.Equal(["7001 body.name Required", "7001 body.filters Required"], answer.Errors);
        Assert.True(Assert.Single(Stored.Datasets).Enable);
    }

    [Fact, Operation("deleteDataset")]
    public async Task Delete_Dataset_AnswersWithItAndFreesTheName()
    {
        var created = (await CreateAsync(Body("good"))).Result;
        var path = $"{Datasets}/{created.GetProperty("id").GetString()}";

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, path);

        Assert.True(JsonElement.DeepEquals(created, deleted.Result));
        foreach (var (method, body) in new[] { (HttpMethod.Get, null), (HttpMethod.Delete, null), (HttpMethod.Put, Body("good")) })
            Assert.Equal(["7002 Not Found"], (await _emulator.Management.CallAsync(method, path, body)).Errors);
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync(Body("good"))).Status);
    }

    [Fact, Operation("listDatasets")]
    public async Task List_Filters_ChooseDatasets()
    {
        await CreateAsync(Body("Alpha", true, Filter("model", "eq", "gpt-5")));
        await CreateAsync(Body("beta", false, Filter("provider", "eq", "groq")));

        Assert.Equal(["Alpha", "beta"], await NamesAsync(""));
        Assert.Equal(["Alpha"], await NamesAsync("enable=true"));
        Assert.Equal(["beta"], await NamesAsync("enable=false"));
        Assert.Equal(["Alpha"], await NamesAsync("name=alph"));
        Assert.Equal(["beta"], await NamesAsync("search=groq"));
        Assert.Equal(["Alpha"], await NamesAsync($"search={Stored.Datasets[0].Id}"));
        Assert.Empty(await NamesAsync("search=claude"));
        Assert.Equal(["beta"], await NamesAsync("page=2&per_page=1"));
        Assert.Empty(await NamesAsync("page=3&per_page=1"));
    }

    [Theory]
    [InlineData("per_page=101", "7001 query.per_page Number must be less than or equal to 100")]
    [InlineData("per_page=0", "7001 query.per_page Number must be greater than or equal to 1")]
    [InlineData("enable=maybe", "7001 query.enable Expected boolean, received string")]
    public async Task List_BadQuery_Is7001WithItsPath(string query, string error) =>
        Assert.Equal([error], (await _emulator.Management.GetAnswerAsync($"{Datasets}?{query}")).Errors);

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "")]
    [InlineData("GET", "/x")]
    [InlineData("PUT", "/x")]
    [InlineData("DELETE", "/x")]
    public async Task AnyOperation_UnknownGateway_Is7002(string method, string path)
    {
        var answer = await _emulator.Management.CallAsync(new HttpMethod(method), $"ai-gateway/gateways/nowhere/datasets{path}", method is "POST" or "PUT" ? Body("a") : null);

        Assert.Equal((HttpStatusCode.NotFound, "7002 Not Found"), (answer.Status, Assert.Single(answer.Errors)));
    }

    public static TheoryData<object, string> BadFilters { get; } = new()
    {
        { new { @operator = "eq", value = Array.Empty<int>() }, "7001 body.filters.0.key Required" },
        { new { key = "model", value = Array.Empty<int>() }, "7001 body.filters.0.operator Required" },
        { new { key = "model", @operator = "eq" }, "7001 body.filters.0.value Required" },
        { new { key = "model", @operator = "eq", value = "gpt" }, "7001 body.filters.0.value Expected array, received string" },
        { Filter("model", "neq", "x"), "7001 body.filters.0.operator Invalid enum value. Expected 'eq' | 'contains' | 'lt' | 'gt', received 'neq'" },
        { new { key = "model", @operator = "eq", value = new object?[] { null } }, "7001 body.filters.0.value.0 Expected string, received null" },
        { Filter("cost", "lt", 1, "cheap"), "7001 body.filters.0.value.1 Invalid value 'cheap'" },
        { Filter("success", "eq", "perhaps"), "7001 body.filters.0.value.0 Invalid value 'perhaps'" },
        { Filter("created_at", "gt", "yesterday"), "7001 body.filters.0.value.0 Invalid value 'yesterday'" },
        { "model", "7001 body.filters.0 Expected object, received string" },
    };

    [Theory]
    [MemberData(nameof(BadFilters), DisableDiscoveryEnumeration = true)]
    public async Task Create_BadFilter_IsNamedByPath(object filter, string error)
    {
        var answer = await CreateAsync(Body("bad", true, filter));

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
        Assert.Empty(Stored.Datasets);
    }

    // The log list knows them, datasets do not.
    [Theory]
    [InlineData("event_id")]
    [InlineData("metadata.key")]
    [InlineData("id")]
    [InlineData("model_type")]
    public async Task Create_KeyOfTheLogListAlone_IsRefused(string key) => Assert.StartsWith(
        "7001 body.filters.0.key Invalid enum value.", Assert.Single((await CreateAsync(Body("bad", true, Filter(key, "eq", "x")))).Errors));

    [Theory]
    [InlineData("""[]""", "abc")]
    [InlineData("""[{"key":"model","operator":"eq","value":["m-a","m-b"]}]""", "ab")]
    [InlineData("""[{"key":"model","operator":"contains","value":["-c"]}]""", "c")]
    [InlineData("""[{"key":"tokens","operator":"gt","value":[25]}]""", "bc")]
    [InlineData("""[{"key":"tokens","operator":"gt","value":[25]},{"key":"success","operator":"eq","value":[true]}]""", "b")]
    [InlineData("""[{"key":"created_at","operator":"lt","value":["2026-11-20T12:00:02Z"]}]""", "a")]
    [InlineData("""[{"key":"feedback","operator":"eq","value":[-1]}]""", "c")]
    [InlineData("""[{"key":"model","operator":"eq","value":[]}]""", "")]
    public void Selection_Filters_AllHoldOfARow(string filters, string expected)
    {
        var rows = new[] { "a", "b", "c" }.Select((name, index) => SampleLog.Row(index + 1) with
        {
            Model = $"m-{name}",
            TokensIn = 10 * (index + 1),
            TokensOut = 10 * index,
            Success = name != "c",
            Feedback = name == "c" ? -1 : null,
        });
        var selects = DatasetShape.Selection(new DatasetState("d", "d", Enable: true, JsonElement.Parse(filters), default, default));

        Assert.Equal(expected, string.Concat(rows.Where(selects).Select(row => row.Model[^1])));
    }
}
