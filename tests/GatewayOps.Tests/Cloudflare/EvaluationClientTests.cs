using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Evaluations;
using GatewayOps.Cloudflare.Logs;

namespace GatewayOps.Tests.Cloudflare;

public sealed class EvaluationClientTests
{
    private const string Dataset = """{"id":"d1","gateway_id":"gw","name":"slow","enable":1,"filters":[{"key":"duration","operator":"gt","value":[1000]}],"created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-01T00:00:00Z","account_id":null}""";
    private const string Evaluation = """{"id":"e1","gateway_id":"gw","name":"cost","processed":false,"total_logs":3,"created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-01T00:00:00Z","datasets":[""" + Dataset
        + """],"results":[{"id":"x","evaluation_id":"e1","evaluation_type_id":"t1","result":"0.5","status":2,"status_description":"done","total_logs":3,"created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-01T00:00:00Z"}]}""";

    [Fact]
    public async Task Datasets_CreateReadChange_KeepWhatIsNotTouched()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Dataset));
        var datasets = stub.Client(held: false).Datasets;
        var made = await datasets.CreateAsync("gw", new("slow", [new("duration", "gt", JsonValue.Create(1000))]), CancellationToken.None);
        Assert.True(made.Enabled);
        Assert.Equal(("duration", "gt", "1000"), (made.Filters[0].Key, made.Filters[0].Operator, made.Filters[0].Values[0]!.ToJsonString()));
        made.Fields["name"] = "slower";
        await datasets.UpdateAsync("gw", "d1", made.Fields, CancellationToken.None);
        Assert.Equal(
            [
                """POST ai-gateway/gateways/gw/datasets {"name":"slow","enable":true,"filters":[{"key":"duration","operator":"gt","value":[1000]}]}""",
                """PUT ai-gateway/gateways/gw/datasets/d1 {"name":"slower","enable":1,"filters":[{"key":"duration","operator":"gt","value":[1000]}]}""",
            ],
            stub.Requests.Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task Datasets_ListAndDelete_AreAsTheContractSays()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok("[]"), Answer.Ok(Dataset));
        var datasets = stub.Client().Datasets;
        Assert.Empty(await datasets.ListAsync("gw", new(Enabled: true, Name: "slow", Search: "s"), CancellationToken.None).AllAsync());
        Assert.True(await datasets.DeleteAsync("gw", "d1", CancellationToken.None));
        Assert.Equal(["GET ai-gateway/gateways/gw/datasets?page=1&per_page=50&enable=true&name=slow&search=s", "DELETE ai-gateway/gateways/gw/datasets/d1"], stub.Requests.Select(seen => seen.ToString()));
    }

    [Fact]
    public async Task Evaluations_CreateAndRead_HaveDatasetsAndResults()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Ok(Evaluation));
        var made = await stub.Client().Evaluations.CreateAsync("gw", new NewEvaluation("cost", ["d1"], ["t1"]), CancellationToken.None);
        Assert.Equal("""POST ai-gateway/gateways/gw/evaluations {"name":"cost","dataset_ids":["d1"],"evaluation_type_ids":["t1"]}""", stub.Asked);
        Assert.Equal((false, 3L, "slow"), (made.Processed, made.TotalLogs, made.Datasets[0].Name));
        Assert.Equal(new EvaluationResult("x", "t1", "0.5", 2, "done", 3), Assert.Single(made.Results));
    }

    [Fact]
    public async Task Evaluations_NameTaken_IsSaid()
    {
        await using var stub = await StubCloudflare.StartAsync(Answer.Error(400, 7001, "An evaluation with this name already exists"));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, (await stub.Client().Evaluations.CreateAsync("gw", new("cost", ["d1"], ["t1"]), CancellationToken.None).FailureAsync()).Kind);
    }

    [Fact]
    public async Task Types_AreListedInAnOrder()
    {
        await using var stub = await StubCloudflare.StartAsync(
            Answer.Ok("""[{"id":"t1","name":"Cost","type":"cost","description":"c","enable":true,"mandatory":false,"created_at":"2026-01-01T00:00:00Z","modified_at":"2026-01-01T00:00:00Z"}]"""), Answer.Ok("[]"));
        Assert.Equal([new EvaluationType("t1", "Cost", "cost", "c", true, false)], await stub.Client().Evaluations.ListTypesAsync("name", ascending: false, CancellationToken.None).AllAsync());
        Assert.Equal("GET ai-gateway/evaluation-types?page=1&per_page=50&order_by=name&order_by_direction=desc", stub.Requests[0].ToString());
    }
}
