using System.Net;
using System.Text;

namespace GatewayOps.Tests.Reconciliation;

public sealed class GatewayTests
{
    [Fact, Trait("checklist", "S3-08")]
    public async Task Create_NewGateway_IsMadeOnceAndClosedToStrangers()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);

        await world.PostAsync("gateways", """{"id":"prod","settings":{"cache_ttl":60}}""", HttpStatusCode.Created);
        await world.PostAsync("gateways", """{"id":"prod"}""", HttpStatusCode.OK);

        var live = await world.LiveAsync();
        Assert.Equal(("true", "60"), (live["authentication"]!.ToJsonString(), live["cache_ttl"]!.ToJsonString()));
        Assert.Single(await world.WritesAsync());
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await ChatAsync(null), await ChatAsync(world.Cloudflare.Options.ApiToken)));

        async Task<HttpStatusCode> ChatAsync(string? token)
        {
            using var client = world.Cloudflare.NewClient();
            using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/{world.Cloudflare.Options.AccountId}/prod/workers-ai/v1/chat/completions")
            {
                Content = new StringContent("""{"model":"@cf/meta/llama-3-8b-instruct","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Create_AnswerLost_IsMadeOnce()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        await world.Cloudflare.SetManagementFaultAsync(new { path = "*/ai-gateway/gateways", method = "POST", status = 504, effect = true, times = 1 });

        await world.PostAsync("gateways", """{"id":"prod"}""", HttpStatusCode.Created);

        Assert.Single(await world.WritesAsync());
        Assert.Equal(["prod"], await world.Database.QueryAsync<string>("select key from inventory where kind = 'gateway'"));
    }

    [Theory]
    [InlineData("""{"id":"UPPER"}""", "/id")]
    [InlineData("""{"id":"prod","settings":{"cach_ttl":60}}""", "/settings/cach_ttl")]
    [InlineData("""{"id":"other","settings":{"cache_ttl":"ten"}}""", "/settings/cache_ttl")]
    [InlineData("""{"id":"other","settings":{"cache_ttl":-1}}""", "/settings/cache_ttl")]
    public async Task Create_BadRequest_IsRefusedWithItsPointer(string body, string pointer)
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await world.PostAsync("gateways", body, HttpStatusCode.UnprocessableEntity);

        Assert.Equal(pointer, problem["errors"]![0]!["pointer"]!.GetValue<string>());
    }

    [Fact]
    public async Task Get_Gateways_ShowsDesiredAppliedAndConditions()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("other");
        await world.ApplyAsync("""{"cache_ttl":300}""");

        var list = (await world.GetAsync("gateways"))["gateways"]!.AsArray();
        await world.GetAsync("gateways/nowhere", HttpStatusCode.NotFound);

        Assert.Equal(["other", "prod"], list.Select(gateway => gateway!["gateway"]!.GetValue<string>()));
        var prod = list[1]!;
        Assert.Equal(("rules@1", "rules@1", true), (prod["desired"]!.GetValue<string>(), prod["applied"]!.GetValue<string>(), prod["exists"]!.GetValue<bool>()));
        Assert.Equal(("True", "Reconciled"), ExecuteTests.ConditionOf(prod, "Ready"));
    }

    [Fact]
    public async Task Reconcile_GatewayThatNobodyKnows_IsRefusedAndLeavesNothingInTheList()
    {
        await using var world = await ReconciliationWorld.StartAsync();

        await world.PostAsync("reconcile", """{"gateway":"prdo"}""", HttpStatusCode.NotFound);

        Assert.Equal(["prod"], (await world.GetAsync("gateways"))["gateways"]!.AsArray().Select(gateway => gateway!["gateway"]!.GetValue<string>()));
    }
}
