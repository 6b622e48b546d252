using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Evaluations;
using GatewayOps.Cloudflare.Logs;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cloudflare.EmulatorContract;

/// <summary>Datasets, evaluations and their types.</summary>
public sealed class EvaluationContractTests : IAsyncLifetime
{
    private TestEmulator _emulator = null!;
    private CloudflareClient _client = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync();
        _client = _emulator.Client();
        await _emulator.CreateGatewayAsync("gw");
    }

    public async Task DisposeAsync() => await _emulator.DisposeAsync();

    [Fact, Operation("createDataset", "getDataset", "updateDataset", "deleteDataset")]
    public async Task Datasets_FromCreateToDelete_EachStepIsWhatTheNextOneFinds()
    {
        var datasets = _client.Datasets;
        var made = await datasets.CreateAsync("gw", new("cheap", [new("cost", "lt", JsonValue.Create(0.01m))]), CancellationToken.None);
        Assert.Equal(("cheap", true, "gw"), (made.Name, made.Enabled, made.GatewayId));
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await datasets.CreateAsync("gw", new("cheap", []), CancellationToken.None).KindAsync());

        made.Fields["name"] = "cheaper";
        await datasets.UpdateAsync("gw", made.Id, made.Fields, CancellationToken.None);
        var read = await datasets.FindAsync("gw", made.Id, CancellationToken.None);
        Assert.Equal(("cheaper", "cost", "lt", "0.01"), (read!.Name, read.Filters[0].Key, read.Filters[0].Operator, read.Filters[0].Values[0]!.ToJsonString()));
        Assert.True(await datasets.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.False(await datasets.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.Null(await datasets.FindAsync("gw", made.Id, CancellationToken.None));
        Assert.Equal(CloudflareErrorKind.NotFound, await datasets.UpdateAsync("gw", made.Id, made.Fields, CancellationToken.None).KindAsync());
    }

    [Fact, Operation("listDatasets")]
    public async Task Datasets_List_GoesToTheEndAndIsNarrowed()
    {
        var datasets = _client.Datasets;
        for (var i = 0; i < 55; i++) await datasets.CreateAsync("gw", new($"set-{i:00}", [LogFilter.Is("provider", "openai")], Enabled: i % 2 == 0), CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 55).Select(i => $"set-{i:00}"), (await datasets.ListAsync("gw", new(), CancellationToken.None).AllAsync()).Select(dataset => dataset.Name).Order());
        Assert.Equal(27, (await datasets.ListAsync("gw", new(Enabled: false), CancellationToken.None).AllAsync()).Count);
        Assert.Equal("set-07", Assert.Single(await datasets.ListAsync("gw", new(Name: "set-07"), CancellationToken.None).AllAsync()).Name);
        Assert.Equal("set-42", Assert.Single(await datasets.ListAsync("gw", new(Search: "set-42"), CancellationToken.None).AllAsync()).Name);
        Assert.Equal(CloudflareErrorKind.NotFound, await datasets.ListAsync("nowhere", new(), CancellationToken.None).AllAsync().KindAsync());
    }

    [Fact, Operation("createEvaluation", "getEvaluation", "listEvaluations", "deleteEvaluation", "listEvaluationTypes")]
    public async Task Evaluations_OfADataset_CountItsLogsByEachType()
    {
        using (var filled = await _emulator.Admin.PostAsJsonAsync("gateways/gw/logs", new { count = 40, seed = 7 })) Assert.True(filled.IsSuccessStatusCode);
        var provider = (await _client.Logs.ListAsync("gw", new(), CancellationToken.None).AllAsync())[0].Provider;
        var count = (await _client.Logs.ListAsync("gw", new() { Filters = [LogFilter.Is("provider", provider)] }, CancellationToken.None).AllAsync()).Count;
        var dataset = await _client.Datasets.CreateAsync("gw", new("set", [LogFilter.Is("provider", provider)]), CancellationToken.None);
        var types = await _client.Evaluations.ListTypesAsync("name", ascending: true, CancellationToken.None).AllAsync();
        Assert.Equal(types.Select(type => type.Name).Order(StringComparer.OrdinalIgnoreCase), types.Select(type => type.Name));
        Assert.NotEmpty(types);

        var evaluations = _client.Evaluations;
        var made = await evaluations.CreateAsync("gw", new NewEvaluation("weekly", [dataset.Id], [types[0].Id]), CancellationToken.None);
        Assert.Equal(CloudflareErrorKind.AlreadyExists, await evaluations.CreateAsync("gw", new NewEvaluation("weekly", [dataset.Id], [types[0].Id]), CancellationToken.None).KindAsync());
        var read = await evaluations.FindAsync("gw", made.Id, CancellationToken.None);
        Assert.Equal(("weekly", true, (long)count), (read!.Name, read.Processed, read.TotalLogs));
        Assert.Equal((types[0].Id, "set"), (read.Results.Single().TypeId, read.Datasets.Single().Name));

        Assert.Equal(made.Id, Assert.Single(await evaluations.ListAsync("gw", new(Processed: true, Name: "weekly", Search: "week"), CancellationToken.None).AllAsync()).Id);
        Assert.Empty(await evaluations.ListAsync("gw", new(Name: "none"), CancellationToken.None).AllAsync());
        Assert.Empty(await evaluations.ListAsync("nowhere", new(), CancellationToken.None).AllAsync());
        Assert.True(await evaluations.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.False(await evaluations.DeleteAsync("gw", made.Id, CancellationToken.None));
        Assert.Null(await evaluations.FindAsync("gw", made.Id, CancellationToken.None));
    }
}
