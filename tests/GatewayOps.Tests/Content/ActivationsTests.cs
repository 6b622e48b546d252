using System.Net.Http.Json;
using System.Text.Json;
using GatewayOps.ControlPlane.Content;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Content;

public sealed class ActivationsTests : IAsyncLifetime
{
    private TestService _service = null!;

    public async Task InitializeAsync() => _service = await TestService.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Active_IsTheNewestActivationPerGatewayAndRuleSet()
    {
        await _service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await _service.AddAsync("a", """{"settings":{"cache_ttl":70}}""");
        await _service.AddAsync("b", """{"settings":{"collect_logs":true}}""");
        await _service.ActivateAsync("prod", "a", 1);
        await _service.ActivateAsync("prod", "a", 2);
        await _service.ActivateAsync("prod", "a", 1);
        await _service.ActivateAsync("prod", "b", 1);
        await _service.ActivateAsync("dev", "a", 2);

        Assert.Equal(["a@1", "b@1"], await ActiveAsync("prod"));
        Assert.Equal(["a@2"], await ActiveAsync("dev"));
        Assert.Empty(await ActiveAsync("other"));
    }

    /// <summary>The start reads them by hand: the same rows, column by column.</summary>
    [Fact]
    public async Task All_ReadByHand_AreThoseThatEfCoreReads()
    {
        await _service.AddAsync("a", """{"settings":{"cache_ttl":60}}""");
        await _service.AddAsync("b", "{}");
        await _service.ActivateAsync("prod", "a", 1);
        await _service.ActivateAsync("prod", "b", 1);
        await _service.ActivateAsync("dev", "b", 1);
        await _service.ActivateAsync("prod", "b", null);
        await using var db = await _service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync();
        await using var connection = await _service.Database.DataSource.OpenConnectionAsync();

        var byHand = await Activations.AllAsync(connection, CancellationToken.None);

        Assert.Equal(["dev b", "prod a"], byHand.Select(active => $"{active.Gateway} {active.Revision.RuleSet}"));
        Assert.Equal(JsonSerializer.Serialize(await _service.Services.GetRequiredService<Activations>().AllAsync(db, CancellationToken.None)), JsonSerializer.Serialize(byHand));
    }

    [Fact]
    public async Task Activate_WhatIsActive_AppendsNothingButAudits()
    {
        await _service.AddAsync("a", "{}");

        Assert.True(await _service.ActivateAsync("prod", "a", 1));
        Assert.False(await _service.ActivateAsync("prod", "a", 1));

        Assert.Equal([1L], await _service.Database.QueryAsync<long>("select count(*) from activations"));
        Assert.Equal(["ok", "unchanged"], await _service.Database.QueryAsync<string>("select result from audit where action = 'content.activate' order by id"));
    }

    [Fact]
    public async Task Activate_RolledBack_LeavesNothing()
    {
        await _service.AddAsync("a", "{}");
        await using (var db = await _service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await _service.Services.GetRequiredService<Activations>().ActivateAsync(db, "prod", "a", 1, "execute", Deletions.None, Actor.Service, CancellationToken.None);
        }

        Assert.Empty(await ActiveAsync("prod"));
        Assert.Empty(await _service.Database.QueryAsync<string>("select action from audit where action = 'content.activate'"));
    }

    [Fact]
    public async Task Remove_ActiveRuleSet_DeactivatesItEverywhere()
    {
        await _service.AddAsync("a", "{}");
        await _service.ActivateAsync("prod", "a", 1);
        await _service.ActivateAsync("dev", "a", 1);
        var listed = await _service.Operator.GetFromJsonAsync<JsonElement>("/api/v1/content");
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/content/a") { Headers = { { "If-Match", "*" } } };

        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _service.Operator.SendAsync(request)).StatusCode);

        Assert.Equal(["dev", "prod"], listed.GetProperty("configs")[0].GetProperty("active").EnumerateArray().Select(a => a.GetProperty("gateway").GetString()));
        Assert.Empty(await ActiveAsync("prod"));
        Assert.Empty(await ActiveAsync("dev"));
        Assert.Equal(["remove", "remove"], await _service.Database.QueryAsync<string>("select kind from activations where revision is null"));
    }

    [Fact]
    public void GatewaysOf_DocumentWithoutGateways_IsTheDefaultGateway()
    {
        var activations = _service.Services.GetRequiredService<Activations>();

        Assert.Equal(["openai-compat"], activations.GatewaysOf(new()));
        Assert.Equal(["x", "y"], activations.GatewaysOf(new() { Gateways = ["x", "y"] }));
    }

    private async Task<IEnumerable<string>> ActiveAsync(string gateway)
    {
        await using var db = await _service.Services.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync();
        return (await _service.Services.GetRequiredService<Activations>().ActiveRevisionsAsync(db, gateway, CancellationToken.None)).Select(r => r.Id.ToString());
    }
}
