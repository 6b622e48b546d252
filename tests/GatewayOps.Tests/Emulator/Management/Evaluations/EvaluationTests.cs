using System.Net;
using System.Text.Json;
using GatewayOps.Emulator;
using GatewayOps.Emulator.Management.Evaluations;
using GatewayOps.Emulator.State;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.Management.Evaluations;

public sealed class EvaluationTests : IAsyncLifetime
{
    private const string Evaluations = "ai-gateway/gateways/prod/evaluations";
    private const string Types = "ai-gateway/evaluation-types";
    private TestEmulator _emulator = null!;
    private string _all = null!;
    private string _slow = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { EvaluationDelay = TimeSpan.FromSeconds(30) });
        await _emulator.CreateGatewayAsync("prod");
        // Costs 0 (none), 0.0001, 0.0002; durations 0, 10, 20 ms; one thumb up, one down, one not judged.
        foreach (var (index, feedback) in new double?[] { 1, -1, 0 }.Index())
            AddLog(index, feedback);
        _all = await DatasetAsync("all");
        _slow = await DatasetAsync("slow", new { key = "duration", @operator = "gt", value = new[] { 5 } });
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    private GatewayState Gateway => _emulator.Account.FindGateway("prod")!;

    private static string TypeId(string type) => EvaluationType.All.Single(one => one.Type == type).Id;

    private void AddLog(int index, double? feedback) => Gateway.AddLog(SampleLog.Row(Gateway.Logs, index) with { Feedback = feedback });

    private async Task<string> DatasetAsync(string name, params object[] filters) =>
        (await _emulator.Management.PostAnswerAsync("ai-gateway/gateways/prod/datasets", new { name, enable = true, filters })).Result.GetProperty("id").GetString()!;

    private Task<ManagementAnswer> CreateAsync(string name, string[] datasets, params string[] types) =>
        _emulator.Management.PostAnswerAsync(Evaluations, new { name, dataset_ids = datasets, evaluation_type_ids = types.Select(TypeId) });

    private async Task<JsonElement> ProcessedAsync(string name, string[] datasets, params string[] types)
    {
        var id = (await CreateAsync(name, datasets, types)).Result.GetProperty("id").GetString();
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(30));
        return (await _emulator.Management.GetAnswerAsync($"{Evaluations}/{id}")).Result;
    }

    private async Task<string[]> NamesAsync(string query) =>
        [.. (await _emulator.Management.GetAnswerAsync($"{Evaluations}?{query}")).Result.EnumerateArray().Select(evaluation => evaluation.GetProperty("name").GetString()!)];

    [Fact, Operation("createEvaluation", "getEvaluation")]
    public async Task Create_Evaluation_IsProcessedLater()
    {
        var created = (await CreateAsync("first", [_all], "cost")).Result;
        var path = $"{Evaluations}/{created.GetProperty("id").GetString()}";
        var early = (await _emulator.Management.GetAnswerAsync(path)).Result;
        await _emulator.AdvanceClockAsync(TimeSpan.FromSeconds(30));
        var late = (await _emulator.Management.GetAnswerAsync(path)).Result;

        Assert.All([created, early], evaluation => Assert.Equal((false, 0), (evaluation.GetProperty("processed").GetBoolean(), evaluation.GetProperty("results").GetArrayLength())));
        Assert.Equal((true, 1), (late.GetProperty("processed").GetBoolean(), late.GetProperty("results").GetArrayLength()));
        Assert.True(late.GetProperty("modified_at").GetDateTimeOffset() > created.GetProperty("modified_at").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("cost", "0.00015", 2)]
    [InlineData("speed", "10", 3)]
    [InlineData("human_feedback", "50", 2)]
    public async Task Result_OfAType_IsTheAverageOverTheRowsThatHaveIt(string type, string result, int logs)
    {
        var evaluation = await ProcessedAsync("first", [_all], type);

        var only = Assert.Single(evaluation.GetProperty("results").EnumerateArray());
        Assert.Equal((result, logs), (only.GetProperty("result").GetString(), only.GetProperty("total_logs").GetInt32()));
        Assert.Equal((TypeId(type), evaluation.GetProperty("id").GetString()), (only.GetProperty("evaluation_type_id").GetString(), only.GetProperty("evaluation_id").GetString()));
        Assert.Equal("completed", only.GetProperty("status_description").GetString());
        Assert.Equal(3, evaluation.GetProperty("total_logs").GetInt32());
    }

    [Fact]
    public async Task Create_OverlappingDatasets_CountEachLogOnce()
    {
        Assert.Equal(2, (await ProcessedAsync("slow", [_slow], "speed")).GetProperty("total_logs").GetInt32());
        Assert.Equal(3, (await ProcessedAsync("both", [_slow, _all, _slow], "speed")).GetProperty("total_logs").GetInt32());
        Assert.Equal(0, (await ProcessedAsync("none", [], "speed")).GetProperty("total_logs").GetInt32());
    }

    [Fact, Operation("getEvaluation")]
    public async Task Evaluation_LaterLogsAndChangedDatasets_StaysWhatItWas()
    {
        var before = await ProcessedAsync("first", [_all], "speed");
        AddLog(100, feedback: null);
        await _emulator.Management.CallAsync(HttpMethod.Delete, $"ai-gateway/gateways/prod/datasets/{_all}");

        var after = (await _emulator.Management.GetAnswerAsync($"{Evaluations}/{before.GetProperty("id").GetString()}")).Result;

        Assert.True(JsonElement.DeepEquals(before, after));
        Assert.Equal(_all, after.GetProperty("datasets")[0].GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, after.GetProperty("datasets")[0].GetProperty("account_id").ValueKind);
    }

    [Fact, Operation("createEvaluation")]
    public async Task Create_NameOfAnother_AlreadyExists()
    {
        await CreateAsync("first", [_all], "speed");

        var again = await CreateAsync("first", [_slow], "cost");

        Assert.Equal((HttpStatusCode.BadRequest, "7001 body.name Evaluation 'first' already exists"), (again.Status, Assert.Single(again.Errors)));
        Assert.Equal(_all, Assert.Single(Gateway.Evaluations.Evaluations).Datasets[0].Id);
    }

    [Fact]
    public async Task Create_UnknownDatasetTypeOrGateway_Is7002()
    {
        var dataset = await CreateAsync("first", [_all, "nothing"], "speed");
        var type = await _emulator.Management.PostAnswerAsync(Evaluations, new { name = "first", dataset_ids = new[] { _all }, evaluation_type_ids = new[] { "nothing" } });
        var gateway = await _emulator.Management.PostAnswerAsync(Evaluations.Replace("prod", "nowhere"), new { name = "first", dataset_ids = new[] { _all }, evaluation_type_ids = Array.Empty<string>() });

        Assert.All([dataset, type, gateway], answer => Assert.Equal((HttpStatusCode.NotFound, "7002 Not Found"), (answer.Status, Assert.Single(answer.Errors))));
        Assert.Empty(Gateway.Evaluations.Evaluations);
    }

    [Theory]
    [InlineData("""{}""", "7001 body.name Required", "7001 body.dataset_ids Required", "7001 body.evaluation_type_ids Required")]
    [InlineData("""{"name":"","dataset_ids":"x","evaluation_type_ids":[1]}""", "7001 body.name String must contain at least 1 character(s)", "7001 body.dataset_ids Expected array, received string", "7001 body.evaluation_type_ids.0 Expected string, received number")]
    [InlineData("""[]""", "7001 body Input Validation Error")]
    public async Task Create_BadBody_NamesEveryField(string body, params string[] errors) =>
        Assert.Equal(errors, (await _emulator.Management.PostAnswerAsync(Evaluations, new StringContent(body))).Errors);

    [Fact, Operation("deleteEvaluation")]
    public async Task Delete_Evaluation_AnswersWithItAndFreesTheName()
    {
        var evaluation = await ProcessedAsync("first", [_all], "speed");
        var path = $"{Evaluations}/{evaluation.GetProperty("id").GetString()}";

        var deleted = await _emulator.Management.CallAsync(HttpMethod.Delete, path);

        Assert.True(JsonElement.DeepEquals(evaluation, deleted.Result));
        Assert.Equal(["7002 Not Found"], (await _emulator.Management.GetAnswerAsync(path)).Errors);
        Assert.Equal(["7002 Not Found"], (await _emulator.Management.CallAsync(HttpMethod.Delete, path)).Errors);
        Assert.Equal(HttpStatusCode.OK, (await CreateAsync("first", [_all], "speed")).Status);
    }

    [Fact, Operation("listEvaluations")]
    public async Task List_Filters_ChooseEvaluations()
    {
        var first = await ProcessedAsync("First", [_all], "speed");
        await CreateAsync("second", [_all], "speed");

        Assert.Equal(["First", "second"], await NamesAsync(""));
        Assert.Equal(["First"], await NamesAsync("processed=true"));
        Assert.Equal(["second"], await NamesAsync("processed=false"));
        Assert.Equal(["First"], await NamesAsync("name=fir"));
        Assert.Equal(["First"], await NamesAsync($"search={first.GetProperty("id").GetString()}"));
        Assert.Equal(["second"], await NamesAsync("page=2&per_page=1"));
        Assert.Empty(await NamesAsync("page=3&per_page=1"));
    }

    [Fact, Operation("listEvaluations")]
    public async Task List_UnknownGateway_IsEmpty()
    {
        var answer = await _emulator.Management.GetAnswerAsync(Evaluations.Replace("prod", "nowhere"));

        Assert.Equal((HttpStatusCode.OK, 0), (answer.Status, answer.Result.GetArrayLength()));
    }

    [Theory]
    [InlineData(Evaluations, "per_page=101", "7001 query.per_page Number must be less than or equal to 100")]
    [InlineData(Evaluations, "processed=maybe", "7001 query.processed Expected boolean, received string")]
    [InlineData(Types, "per_page=0", "7001 query.per_page Number must be greater than or equal to 1")]
    [InlineData(Types, "order_by_direction=up", "7001 query.order_by_direction Invalid enum value. Expected 'asc' | 'desc', received 'up'")]
    [InlineData(Types, "order_by=colour", "7001 query.order_by Invalid enum value. Expected 'id' | 'name' | 'type' | 'mandatory' | 'created_at' | 'modified_at', received 'colour'")]
    public async Task List_BadQuery_Is7001WithItsPath(string path, string query, string error)
    {
        var answer = await _emulator.Management.GetAnswerAsync($"{path}?{query}");

        Assert.Equal((HttpStatusCode.BadRequest, error), (answer.Status, Assert.Single(answer.Errors)));
    }

    [Fact, Operation("listEvaluationTypes")]
    public async Task ListTypes_OrderAndPage_AreFollowed()
    {
        async Task<string[]> TypesAsync(string query) =>
            [.. (await _emulator.Management.GetAnswerAsync($"{Types}?{query}")).Result.EnumerateArray().Select(type => type.GetProperty("type").GetString()!)];

        Assert.Equal(["cost", "speed", "human_feedback"], await TypesAsync(""));
        Assert.Equal(["speed", "human_feedback", "cost"], await TypesAsync("order_by=name&order_by_direction=desc"));
        Assert.Equal(["human_feedback"], await TypesAsync("page=2&per_page=2"));
        Assert.Empty(await TypesAsync("page=2"));
    }

    [Fact]
    public async Task Assumption_MandatoryTypes_AreDemanded()
    {
        await using var emulator = await TestEmulator.StartAsync(new EmulatorOptions { Assumptions = new Assumptions { EvaluationsNeedMandatoryTypes = true, EvaluationResultStatus = 7 } });
        await emulator.CreateGatewayAsync("prod");
        Task<ManagementAnswer> Create(params string[] types) =>
            emulator.Management.PostAnswerAsync(Evaluations, new { name = "first", dataset_ids = Array.Empty<string>(), evaluation_type_ids = types.Select(TypeId) });

        var refused = await Create("cost", "human_feedback");
        var taken = await Create("cost", "speed");
        var read = await emulator.Management.GetAnswerAsync($"{Evaluations}/{taken.Result.GetProperty("id").GetString()}");

        Assert.Equal(["7001 body.evaluation_type_ids Evaluation type 'speed' is mandatory"], refused.Errors);
        Assert.Equal(7, read.Result.GetProperty("results")[0].GetProperty("status").GetInt32());
    }
}
