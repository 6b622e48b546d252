using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Emulator.Snapshots;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Reconciliation.PlanTests;

namespace GatewayOps.Tests.Reconciliation.Import;

public sealed class ImportTests
{
    /// <summary>Whatever an account has: what its import says is there already.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Import_OfAnyAccount_AddedAndExecuted_ChangesNothing(int seed)
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await RandomAccount.FillAsync(world.Cloudflare, seed);
        await FillAsync(world, seed);
        var writes = (await world.WritesAsync()).Count;

        var import = await world.PostAsync("import", """{"asserted":true}""", HttpStatusCode.OK);

        Assert.NotEmpty(import["documents"]!.AsArray());
        foreach (var document in import["documents"]!.AsArray())
        {
            var name = document!["name"]!.GetValue<string>();
            await world.PostAsync("content", document["document"]!.ToJsonString(), HttpStatusCode.Created);
            var plan = await world.PostAsync($"content/{name}/plan", "{}", HttpStatusCode.OK);
            Assert.All(plan["gateways"]!.AsArray().SelectMany(gateway => gateway!["changes"]!.AsArray()), change =>
                Assert.True(change!["op"]!.GetValue<string>() == "report" && change["reason"]!.GetValue<string>().StartsWith("a draft", StringComparison.Ordinal), $"seed {seed}: {change.ToJsonString()}"));
            var executed = await world.PostAsync($"content/{name}/execute", $$"""{"planId":"{{plan["id"]}}"}""", HttpStatusCode.OK);
            Assert.Equal("succeeded", executed["outcome"]!.GetValue<string>());
        }

        await world.PostAsync("reconcile", "{}", HttpStatusCode.OK);
        Assert.Equal(writes, (await world.WritesAsync()).Count);
        Assert.Equal(
            (await world.Cloudflare.Management.GetFromJsonAsync<JsonObject>("ai-gateway/gateways"))!["result"]!.AsArray().Select(gateway => gateway!["id"]!.GetValue<string>()).Order(StringComparer.Ordinal),
            import["documents"]!.AsArray().SelectMany(document => document!["gateways"]!.AsArray()).Select(gateway => gateway!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Import_GatewaysSetAlike_ShareADocument()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        var same = new Dictionary<string, object?> { ["cache_ttl"] = 300 };
        await world.Cloudflare.CreateGatewayAsync("a", same);
        await world.Cloudflare.CreateGatewayAsync("b", same);
        await MakeAsync(world, "ai-gateway/custom-providers", """{"name":"Mine","slug":"mine","base_url":"https://mine.example/v1","enable":true}""");

        var import = await world.PostAsync("import", """{"name":"base"}""", HttpStatusCode.OK);

        Assert.Equal(["base-a: a b", "base-prod: prod"], import["documents"]!.AsArray().Select(document => $"{document!["name"]}: {string.Join(' ', document["gateways"]!.AsArray().Select(gateway => gateway!.GetValue<string>()))}"));
        Assert.Equal("""{"name":"base-a","gateways":["a","b"],"settings":{"cache_ttl":300,"collect_logs":true},"custom_providers":[{"slug":"mine","name":"Mine","base_url":"https://mine.example/v1"}]}""", import["documents"]![0]!["document"]!.ToJsonString());
        Assert.Empty(import["notes"]!.AsArray());
    }

    [Fact]
    public async Task Import_NamedGateway_SaysWhatItLeavesOut()
    {
        await using var world = await ReconciliationWorld.StartAsync();
        await world.Cloudflare.CreateGatewayAsync("other");
        await world.MeddleAsync("""{"a_newer_member":1,"authentication":true,"otel":[{"url":"https://otel.example","headers":{"authorization":"Bearer otel-secret"}}]}""");
        await MakeAsync(world, "ai-gateway/gateways/prod/routes", $$"""{"name":"no name of ours","elements":{{Planning.States.Graph()}}}""");
        await MakeAsync(world, "ai-gateway/gateways/prod/policies", """{"name":"draft","actor":"{metadata.team}","resource":"*","condition":"true","action":{"type":"no-limit"}}""");
        await world.PostAsync("provider-keys", """{"gateway":"prod","provider":"openai","value":"sk-secret-value"}""", HttpStatusCode.Created);

        var plain = await world.PostAsync("import", """{"gateways":["prod"]}""", HttpStatusCode.OK);
        var asserted = await world.PostAsync("import", """{"gateways":["prod"],"asserted":true}""", HttpStatusCode.OK);

        Assert.Equal(["prod"], plain["documents"]!.AsArray().SelectMany(document => document!["gateways"]!.AsArray()).Select(gateway => gateway!.GetValue<string>()));
        Assert.Equal("""{"collect_logs":true}""", plain["documents"]![0]!["document"]!["settings"]!.ToJsonString());
        Assert.True(asserted["documents"]![0]!["document"]!["settings"]!["authentication"]!.GetValue<bool>());
        Assert.DoesNotContain("secret", asserted["documents"]!.ToJsonString());
        var notes = asserted["notes"]!.AsArray().Select(note => $"{note!["subject"]}: {note["message"]}").ToList();
        Assert.Contains(notes, note => note.StartsWith("a_newer_member: ", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("otel: ", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("route/no name of ours: ", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("policy/draft: ", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("openai/default", StringComparison.Ordinal) && note.Contains("gatewayops keys put", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"gateways":["nowhere"]}""", HttpStatusCode.NotFound, "gateway_not_found")]
    [InlineData("""{"gateways":["No Such"]}""", HttpStatusCode.NotFound, "gateway_not_found")]
    [InlineData("""{"name":"Not A Name"}""", HttpStatusCode.UnprocessableEntity, "name_invalid")]
    [InlineData("""{"gateway":"prod"}""", HttpStatusCode.BadRequest, null)]
    public async Task Import_OfWhatCannotBe_IsRefused(string body, HttpStatusCode status, string? code)
    {
        await using var world = await ReconciliationWorld.StartAsync();

        var problem = await world.PostAsync("import", body, status);

        Assert.True(code is null || code == CodeOf(problem), problem.ToJsonString());
    }

    /// <summary>What <see cref="RandomAccount"/> has not: graphs of every kind of element, policies of every action, a custom provider that a route calls.</summary>
    private static async Task FillAsync(ReconciliationWorld world, int seed)
    {
        await MakeAsync(world, "ai-gateway/custom-providers", $$"""{"name":"House","slug":"house","base_url":"https://house.example/v{{seed}}/","enable":{{(seed % 2 == 0 ? "true" : "false")}},"description":"ours","link":"https://house.example"}""");
        await MakeAsync(world, "ai-gateway/gateways/prod/routes", $$$$"""
            {"name":"split","elements":[
              {"id":"end","type":"end","outputs":{}},
              {"id":"start","type":"start","outputs":{"next":{"elementId":"who"}}},
              {"id":"who","type":"conditional","properties":{"conditions":{"metadata.plan":{"$eq":"free"}}},"outputs":{"true":{"elementId":"rate"},"false":{"elementId":"share"}}},
              {"id":"rate","type":"rate","properties":{"limitType":"cost","key":"metadata.user_id","limit":{{{{seed}}}}.5,"window":3600},"outputs":{"success":{"elementId":"m1"},"fallback":{"elementId":"m2"}}},
              {"id":"share","type":"percentage","outputs":{"{{{{seed * 10}}}}%":{"elementId":"m1"},"else":{"elementId":"m2"}}},
              {"id":"m1","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":60000,"retries":{{{{seed}}}}},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"m2"}}},
              {"id":"m2","type":"model","properties":{"provider":"custom-house","model":"small","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}}]}
            """);
        foreach (var (name, resource, action) in new[]
        {
            ("all", "\"*\"", """{"type":"no-limit"}"""),
            ("only-mini", """{"model":"gpt-4o-mini"}""", """{"type":"block","except":true}"""),
            ("team", """{"provider":"openai","model":"gpt-*"}""", $$"""{"type":"limit","amount":{{seed}}.25,"period":"monthly","technique":"named-interval"}"""),
        })
        {
            await MakeAsync(world, "ai-gateway/gateways/prod/policies?commit=true", $$"""{"name":"{{name}}","actor":"{metadata.team}","resource":{{resource}},"condition":"identity.metadata.team == 'core'","action":{{action}}}""");
        }
    }

    private static async Task MakeAsync(ReconciliationWorld world, string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await world.Cloudflare.Management.PostAsync(new Uri(path, UriKind.Relative), content);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.Content.ReadAsStringAsync()}");
    }
}
