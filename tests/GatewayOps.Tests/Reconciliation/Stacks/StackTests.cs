using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Reconciliation.Stacks;

public sealed class StackTests
{
    [Fact]
    public async Task Adopt_FieldThatDiffers_IsDriftOfTheOtherOwnerAndNeverWritten()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.MeddleAsync("""{"authentication":false}""");
        var writes = await world.WritesAsync();

        var adopted = await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();
        await world.PassOfTheIntervalAsync();
        var gateway = await world.GetAsync("gateways/prod");

        var change = adopted["gateways"]![0]!["changes"]!.AsArray().Single(change => change!["field"]?.GetValue<string>() == "authentication")!;
        Assert.Equal(("report", "pulumi", "false", "true"), (change["op"]!.GetValue<string>(), change["owner"]!.GetValue<string>(), change["from"]!.ToJsonString(), change["to"]!.ToJsonString()));
        Assert.Contains("pulumi up", change["reason"]!.GetValue<string>());
        Assert.Equal(writes, await world.WritesAsync());
        Assert.Equal(("True", "ReportedOnly"), ExecuteTests.ConditionOf(gateway, "Drifted"));
        Assert.Equal("gateways/prod", gateway["stack"]!.GetValue<string>());
        Assert.Single(await world.Database.QueryAsync<string>("select target from audit where action = 'drift.found' and target = 'prod/authentication'"));
    }

    [Fact]
    public async Task Adopt_SecretOfTheStack_IsLinkedByUsAndNeverWrittenOrDeleted()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await MakeSecretAsync(world);

        await world.PostAsync("stack", HandOver(world, secret: true), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();
        var put = await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-other-0123456789"}""", HttpStatusCode.Conflict);
        var linked = await world.ProviderConfigsAsync();
        await RemoveAsync(world);
        await world.PassOfTheIntervalAsync();

        Assert.Equal("openai", Assert.Single(linked)["provider_slug"]!.GetValue<string>());
        Assert.EndsWith("secret_owned_elsewhere", put["type"]!.GetValue<string>());
        Assert.Contains("gateways/prod", put["detail"]!.GetValue<string>());
        Assert.Empty(await world.ProviderConfigsAsync());
        Assert.Equal(["prod_openai_default"], await world.SecretNamesAsync());
        Assert.DoesNotContain(await world.WritesAsync(), write => write.StartsWith("DELETE", StringComparison.Ordinal) && write.Contains("/secrets/"));
    }

    [Fact]
    public async Task Adopt_SecretThatIsNotThere_IsReportedWithPulumiAsTheFix()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        await world.PostAsync("stack", HandOver(world, secret: true), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();

        var report = (await world.GetAsync("gateways/prod"))["drift"]!.AsArray().Single(change => change!["kind"]!.GetValue<string>() == "secret")!;
        Assert.Contains("run `pulumi up`", report["reason"]!.GetValue<string>());
        Assert.Empty(await world.WritesAsync());
    }

    [Fact]
    public async Task Adopt_DryRun_TellsAndStoresNothing()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var answer = await world.PostAsync("stack?dryRun=true", HandOver(world), HttpStatusCode.OK);

        Assert.True(answer["dryRun"]!.GetValue<bool>());
        Assert.True(answer["objects"]![0]!["found"]!.GetValue<bool>());
        Assert.Equal((0, 0), (await ExecuteTests.CountAsync(world, "stacks"), await ExecuteTests.CountAsync(world, "audit")));
    }

    [Fact]
    public async Task Adopt_Again_ChangesNothingAndAnotherDocumentReplacesIt()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var first = await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);

        var again = await world.PostAsync("stack", new JsonObject { ["handover"] = HandOver(world) }.ToJsonString(), HttpStatusCode.OK);
        var changed = await world.PostAsync("stack", HandOver(world).Replace("\"authentication\":true", "\"authentication\":false"), HttpStatusCode.Created);
        var list = await world.GetAsync("stacks");
        var stored = await world.GetAsync("stacks/gateways/prod");

        Assert.Equal((true, first["hash"]!.GetValue<string>()), (again["unchanged"]!.GetValue<bool>(), again["hash"]!.GetValue<string>()));
        Assert.NotEqual(first["hash"]!.GetValue<string>(), changed["hash"]!.GetValue<string>());
        Assert.Equal("gateways/prod", Assert.Single(list["stacks"]!.AsArray())!["name"]!.GetValue<string>());
        Assert.Equal("false", stored["document"]!["gateways"]![0]!["fields"]!["authentication"]!.ToJsonString());
        Assert.Equal(["ok", "unchanged", "ok"], await world.Database.QueryAsync<string>("select result from audit where action = 'stack.adopt' order by id"));
    }

    [Fact]
    public async Task Adopt_WhatBelongsToSomebodyElse_IsRefusedWithTheOwner()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-ours-0123456789"}""");

        var key = await world.PostAsync("stack", HandOver(world, secret: true), HttpStatusCode.Conflict);
        await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);
        var other = await world.PostAsync("stack", HandOver(world).Replace("\"stack\":\"prod\"", "\"stack\":\"other\""), HttpStatusCode.Conflict);
        var account = await world.PostAsync("stack", HandOver(world).Replace(world.Cloudflare.Options.AccountId, "another-account"), HttpStatusCode.Conflict);

        Assert.Equal(["/secrets/0/name", "/gateways/0/id", "/accountId"], new[] { key, other, account }.Select(problem => problem["errors"]![0]!["pointer"]!.GetValue<string>()));
        Assert.Contains("gatewayops keys remove", key["detail"]!.GetValue<string>());
        Assert.Contains("gateways/prod", other["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task Adopt_GatewayThatWeMade_IsPulumisFromThenOn()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        await world.PostAsync("gateways", """{"id":"prod"}""", HttpStatusCode.Created);

        await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);

        Assert.Empty(await world.Database.QueryAsync<string>("select key from inventory where kind = 'gateway'"));
    }

    [Fact]
    public async Task Adopt_GatewayThatIsNotThereYet_IsShownAndReported()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);

        var answer = await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();
        var gateway = await world.GetAsync("gateways/prod");

        Assert.False(answer["objects"]![0]!["found"]!.GetValue<bool>());
        Assert.Equal(("False", "GatewayNotFound"), ExecuteTests.ConditionOf(gateway, "Ready"));
    }

    [Fact]
    public async Task Adopt_WhatIsNotOne_IsRefusedWithEveryPointer()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await world.PostAsync("stack", """{"schema":"gatewayops.stack/v1","project":"p","stack":"s","gateways":[{"id":"prod","value":"x"}]}""", HttpStatusCode.UnprocessableEntity);

        Assert.Equal(["/accountId", "/gateways/0/value"], problem["errors"]!.AsArray().Select(error => error!["pointer"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Remove_WithoutOrWithAnOldTag_IsRefused()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.PostAsync("stack", HandOver(world), HttpStatusCode.Created);

        using var without = await world.Api.DeleteAsync(new Uri("/api/v1/stacks/gateways/prod", UriKind.Relative));
        using var unknown = await world.Api.SendAsync(Delete("/api/v1/stacks/gateways/none", "*"));
        using var stale = await world.Api.SendAsync(Delete("/api/v1/stacks/gateways/prod", "\"0\""));

        Assert.Equal([HttpStatusCode.PreconditionRequired, HttpStatusCode.NotFound, HttpStatusCode.PreconditionFailed], [without.StatusCode, unknown.StatusCode, stale.StatusCode]);
        await world.GetAsync("stacks/gateways/a%20b", HttpStatusCode.NotFound);
        Assert.Equal(1, await ExecuteTests.CountAsync(world, "stacks"));
    }

    private static async Task RemoveAsync(ReconciliationWorld world)
    {
        using var removed = await world.Api.SendAsync(Delete("/api/v1/stacks/gateways/prod", "*"));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    private static HttpRequestMessage Delete(string path, string tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Delete, path);
        request.Headers.Add("If-Match", tag);
        return request;
    }

    // As Pulumi would.
    private static async Task MakeSecretAsync(ReconciliationWorld world)
    {
        using var store = await world.Cloudflare.Management.PostAsJsonAsync("secrets_store/stores", new { name = "default_secrets_store" });
        var id = (await store.Content.ReadFromJsonAsync<JsonObject>())!["result"] switch { JsonArray list => list[0]!["id"], var one => one!["id"] };
        using var secret = await world.Cloudflare.Management.PostAsJsonAsync($"secrets_store/stores/{id}/secrets", new[] { new { name = "prod_openai_default", value = "sk-of-the-stack-0123456789", scopes = new[] { "ai_gateway" } } });
        Assert.True(secret.IsSuccessStatusCode, await secret.Content.ReadAsStringAsync());
    }

    private static string HandOver(ReconciliationWorld world, bool secret = false) => new JsonObject
    {
        ["schema"] = "gatewayops.stack/v1",
        ["project"] = "gateways",
        ["stack"] = "prod",
        ["accountId"] = world.Cloudflare.Options.AccountId,
        ["gateways"] = new JsonArray(new JsonObject { ["id"] = "prod", ["fields"] = new JsonObject { ["authentication"] = true } }),
        ["secrets"] = secret ? new JsonArray(new JsonObject { ["name"] = "prod_openai_default", ["gateway"] = "prod", ["provider"] = "openai" }) : [],
    }.ToJsonString();
}
