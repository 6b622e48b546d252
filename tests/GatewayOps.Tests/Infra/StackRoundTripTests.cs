using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using GatewayOps.Rules;
using GatewayOps.Tests.Reconciliation;
using GatewayOps.Tests.Support;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

/// <summary>Pulumi and the control plane on one account: what each makes, in either order, and that neither takes anything from the other.</summary>
public sealed class StackRoundTripTests
{
    private const string Value = "sk-canaryOfTheStack0123456789";

    [Fact]
    public async Task UpThenAdoptThenReconcile_GivesAWorkingGatewayAndAnEmptyPreview()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        var reading = Stack(world);
        var (spec, pulumi) = (reading.Spec!, new StackProvider(world.Cloudflare));

        await pulumi.UpAsync(spec, reading.Values);
        // The control plane has the least that its use says, and clients theirs.
        await world.StopAsync();
        var service = await world.AddReplicaAsync(new Dictionary<string, string>
        {
            ["GatewayOps:Cloudflare:ApiToken"] = pulumi.TokenOf("plane"),
            ["GatewayOps:Cloudflare:GatewayToken"] = pulumi.TokenOf("run"),
            ["GatewayOps:Cloudflare:GatewayId"] = "prod",
        });
        var adopted = await world.PostAsync("stack", new JsonObject { ["handover"] = pulumi.HandOver(spec), ["tokens"] = "[secret]" }.ToJsonString(), HttpStatusCode.Created);
        await world.ApplyAsync("""{"cache_ttl":600,"retry_max_attempts":3}""");
        await world.PassOfTheIntervalAsync();

        Assert.Equal(["gateway prod True", "secret prod_openai_default True", "secret_store True", "token plane ", "token run "], adopted["objects"]!.AsArray()
            .Select(item => $"{item!["kind"]} {(item["kind"]!.GetValue<string>() == "secret_store" ? "" : item["key"] + " ")}{item["found"]?.GetValue<bool>()}").Order(StringComparer.Ordinal));
        Assert.Equal("openai", Assert.Single(await world.ProviderConfigsAsync())["provider_slug"]!.GetValue<string>());
        using var proxied = await service.Caller.PostAsJsonAsync("/v1/chat/completions", new { model = "openai/gpt-4o-mini", messages = new[] { new { role = "user", content = "hello" } } });
        Assert.True(proxied.StatusCode == HttpStatusCode.OK, await proxied.Content.ReadAsStringAsync());
        Assert.Equal($"Bearer {Value}", (await world.Cloudflare.UpstreamAsync("openai")).GetProperty("recorded")[0].GetProperty("headers").GetProperty("authorization").ToString());
        Assert.Empty(await pulumi.PreviewAsync(spec));
        Assert.Equal(600, (await world.LiveAsync())["cache_ttl"]!.GetValue<int>());
        Assert.Empty((await world.GetAsync("gateways/prod"))["drift"]!.AsArray());
        await NothingTellsTheKeyAsync(world, adopted, pulumi.TokenOf("run"), pulumi.TokenOf("plane"));
    }

    [Fact]
    public async Task AdoptFirst_WaitsForWhatPulumiMakes_AndLinksItThen()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        var reading = Stack(world);
        var (spec, pulumi) = (reading.Spec!, new StackProvider(world.Cloudflare));

        // Written by hand, before there are ids.
        await world.PostAsync("stack", pulumi.HandOver(spec), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();
        var (before, writes) = (await world.GetAsync("gateways/prod"), await world.WritesAsync());
        await pulumi.UpAsync(spec, reading.Values);
        // A gateway that failed is left out of some intervals; whoever asks is not held back.
        await world.PostAsync("reconcile", "{}");

        Assert.Equal(("False", "GatewayNotFound"), ExecuteTests.ConditionOf(before, "Ready"));
        Assert.Empty(writes);
        Assert.Single(await world.ProviderConfigsAsync());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(world, pulumi.TokenOf("run")));
        Assert.Empty(await pulumi.PreviewAsync(spec));
    }

    [Fact]
    public async Task ControlPlaneFirst_ImportedIntoTheStack_KeepsWhatItSet()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        var reading = Stack(world);
        var (spec, pulumi) = (reading.Spec!, new StackProvider(world.Cloudflare));
        await world.PostAsync("gateways", """{"id":"prod"}""", HttpStatusCode.Created);
        await world.ApplyAsync("""{"cache_ttl":600}""");

        // `pulumi import` reads the gateway into the state; the first update brings what the stack declares.
        await pulumi.RefreshAsync(spec);
        await pulumi.UpAsync(spec, reading.Values);
        await world.PostAsync("stack", pulumi.HandOver(spec), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();

        var live = await world.LiveAsync();
        Assert.Equal((600, true), (live["cache_ttl"]!.GetValue<int>(), live["authentication"]!.GetValue<bool>()));
        Assert.Empty(await world.Database.QueryAsync<string>("select key from inventory where kind = 'gateway'"));
        Assert.Empty(await pulumi.PreviewAsync(spec));
        Assert.Empty((await world.GetAsync("gateways/prod"))["drift"]!.AsArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EveryField_WrittenFromBothSides_KeepsTheOwnersValue(bool refresh)
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        var pulumi = new StackProvider(world.Cloudflare);
        var first = Stack(world);
        await pulumi.UpAsync(first.Spec!, first.Values);
        await world.PostAsync("stack", pulumi.HandOver(first.Spec!), HttpStatusCode.Created);

        // The control plane writes each of its fields after Pulumi last looked, Pulumi each of its own; without `refresh: always` from a state that knows nothing of the former.
        await world.ApplyAsync(OfTheControlPlane.ToJsonString());
        var second = Stack(world, [.. OfPulumi]);
        await pulumi.UpAsync(second.Spec!, second.Values, refresh);
        var overwritten = (await world.LiveAsync())["cache_ttl"]!.GetValue<int>();
        await world.PostAsync("stack", pulumi.HandOver(second.Spec!), HttpStatusCode.Created);
        await world.PassOfTheIntervalAsync();
        // Cloudflare classifies logs only while it keeps them: the stale write turned both off, the control plane the latter on again, the next update the former.
        await pulumi.UpAsync(second.Spec!, second.Values);
        await world.PassOfTheIntervalAsync();
        var live = await world.LiveAsync();

        Assert.Equal(FieldOwnership.Fields.Order(), OfTheControlPlane.Select(field => field.Key).Concat(OfPulumi.Select(field => Field(field.Key)).OfType<string>()).Append("store_id").Order());
        Assert.Equal(pulumi.StoreId, live["store_id"]!.GetValue<string>());
        Assert.Equal(refresh ? 120 : 0, overwritten);
        Assert.Empty(OfTheControlPlane.Where(field => !JsonNode.DeepEquals(field.Value, live[field.Key])).Select(field => $"{field.Key}: {live[field.Key]?.ToJsonString()}"));
        Assert.Empty(second.Spec!.Gateways[0].Fields.Where(field => FieldOwnership.Of(field.Key) == FieldOwner.Pulumi && !JsonNode.DeepEquals(WithoutIds(field.Value), WithoutIds(live[field.Key]))).Select(field => $"{field.Key}: {live[field.Key]?.ToJsonString()}"));
        Assert.Empty(await pulumi.PreviewAsync(second.Spec!));
        Assert.Empty((await world.GetAsync("gateways/prod"))["drift"]!.AsArray());
    }

    [Fact]
    public async Task StackWithoutKeys_KeysPutThenAChangeOfPulumi_KeepsTheLink()
    {
        await using var world = await ReconciliationWorld.StartAsync(withGateway: false);
        var pulumi = new StackProvider(world.Cloudflare);
        var first = WithoutKeys(world);
        await pulumi.UpAsync(first.Spec!, first.Values);
        await world.PostAsync("stack", pulumi.HandOver(first.Spec!), HttpStatusCode.Created);
        await world.PostAsync("provider-keys", $$"""{"gateway":"prod","provider":"openai","value":"{{Value}}"}""");
        var linked = (await world.LiveAsync())["store_id"]!.GetValue<string>();

        var second = WithoutKeys(world, ("zdr", "true"));
        await pulumi.UpAsync(second.Spec!, second.Values);
        var live = await world.LiveAsync();

        Assert.Equal((true, linked), (live["zdr"]!.GetValue<bool>(), live["store_id"]?.GetValue<string>()));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(world, pulumi.TokenOf("run")));
        Assert.Equal($"Bearer {Value}", (await world.Cloudflare.UpstreamAsync("openai")).GetProperty("recorded")[0].GetProperty("headers").GetProperty("authorization").ToString());
        Assert.Empty(await pulumi.PreviewAsync(second.Spec!));
    }

    private static readonly JsonObject OfTheControlPlane = JsonNode.Parse("""
        {
          "cache_ttl": 120, "cache_invalidate_on_update": true, "collect_logs": true, "rate_limiting_limit": 7, "rate_limiting_interval": 30, "rate_limiting_technique": "sliding",
          "retry_max_attempts": 3, "retry_delay": 1000, "retry_backoff": "linear"
        }
        """)!.AsObject();

    private static readonly (string Key, string Value)[] OfPulumi =
    [
        ("authentication", "false"), ("byokOnly", "true"), ("zdr", "true"), ("workersAiBillingMode", "unified"), ("logManagement", "20000"), ("logManagementStrategy", "STOP_INSERTING"),
        ("logClassification", "true"), ("collectLogs", "true"), ("logpush", "true"), ("logpushPublicKey", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"),
        ("guardrails", """{"prompt":{"P1":"BLOCK"},"response":{"S1":"FLAG"}}"""), ("dlp", """{"enabled":true,"action":"FLAG","profiles":["a"]}"""),
        ("otel", """[{"url":"https://otel.example/v1/traces","headers":{"x-team":"ai"}}]"""), ("spendLimits", """{"enabled":true,"rules":[{"limitType":"cost","limit":5,"window":60}]}"""),
        ("stripe", """{"authorization":"of-stripe","usage_events":[{"payload":"{}"}]}"""),
        ("accept", """[{"policy":"authentication-off","reason":"a test of fields"},{"policy":"prompts-logged","reason":"a test of fields"}]"""),
    ];

    // Null for what is no field of Pulumi's.
    private static string? Field(string key) => GatewayField.All.Where(field => field.Key == key && !field.IsFirstValue).Select(field => field.Name).SingleOrDefault();

    private static JsonNode? WithoutIds(JsonNode? value)
    {
        var copy = value?.DeepClone();
        foreach (var rule in (copy as JsonObject)?["rules"] as JsonArray ?? [])
            rule!.AsObject().Remove("id");
        return copy;
    }

    private static StackSpecReading Stack(ReconciliationWorld world, params (string Key, string Value)[] more) =>
        WithoutKeys(world, [("keys", """[{"provider":"openai"}]"""), ("providerKeys", $$"""{"prod_openai_default":"{{Value}}"}"""), .. more]);

    private static StackSpecReading WithoutKeys(ReconciliationWorld world, params (string Key, string Value)[] more)
    {
        // An account id of the emulator is not 32 digits by itself.
        var reading = StackSpecReader.Read(
            Plain(
            [
                ("accountId", Account), ("gatewayId", "prod"), ("gatewayBaseUrl", world.Cloudflare.BaseUrl.ToString()),
                ("tokens", """[{"name":"run","use":"run"},{"name":"plane","use":"control-plane"}]"""), .. more,
            ]) with
            { Secret = new HashSet<string> { "providerKeys", "stripe" } },
            _ => null);
        Assert.Empty(reading.Errors);
        return reading with { Spec = reading.Spec! with { AccountId = world.Cloudflare.Options.AccountId } };
    }

    private static async Task<HttpStatusCode> AskAsync(ReconciliationWorld world, string token)
    {
        using var client = world.Cloudflare.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v1/{world.Cloudflare.Options.AccountId}/prod/openai/chat/completions")
        {
            Content = JsonContent.Create(new { model = "gpt-4o-mini", messages = new[] { new { role = "user", content = "hello" } } }),
        };
        request.Headers.Add("cf-aig-authorization", $"Bearer {token}");
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    // Neither the stored key nor a token: in answers, in the service's log, in the database.
    private static async Task NothingTellsTheKeyAsync(ReconciliationWorld world, JsonNode adopted, params string[] tokens)
    {
        var told = adopted.ToJsonString() + await world.GetAsync("stacks/gateways/prod") + await world.GetAsync("audit") + await world.GetAsync("gateways/prod") + world.Service.Log
            + string.Concat(await world.Database.QueryAsync<string>("select document::text from stacks")) + string.Concat(await world.Database.QueryAsync<string>("select audit::text from audit"));
        foreach (var secret in tokens.Append(Value))
            Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
    }
}
