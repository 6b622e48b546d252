using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using GatewayOps.Infra.Tests.Engine;
using Xunit.Abstractions;

namespace GatewayOps.Infra.Tests;

/// <summary>The compiled program as a process against an engine stand-in: exactly these resources, in this order, and every secret a secret on the wire.</summary>
public sealed class ProgramTests(ITestOutputHelper log)
{
    private static readonly string[] Canaries = [Stubs.KeyValue, Stubs.HeaderValue, Stubs.StripeValue, Stubs.TokenValue("proxy-run"), Stubs.TokenValue("plane"), Stubs.Everything["cloudflare:apiToken"]];

    [Fact]
    public async Task Run_WholeConfiguration_RegistersExactlyItsResources()
    {
        await using var engine = await EngineStandIn.StartAsync();

        var run = await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys);
        foreach (var registration in engine.Registrations)
            log.WriteLine($"{registration.Type} {registration.Name} protect={registration.Protect} ignore={registration.IgnoreChanges.Length} secret={string.Join(',', registration.Inputs.Where(input => Registration.IsSecret(input.Value)).Select(input => input.Key))}");

        Assert.True(run.ExitCode == 0, string.Join('\n', engine.Log) + run.Errors);
        Assert.Equal(
            [
                "cloudflare:index/accountToken:AccountToken plane", "cloudflare:index/accountToken:AccountToken proxy-run",
                "cloudflare:index/aiGateway:AiGateway dev", "cloudflare:index/aiGateway:AiGateway prod",
                "cloudflare:index/secretsStore:SecretsStore default_secrets_store", "cloudflare:index/secretsStoreSecret:SecretsStoreSecret prod_openai_default",
                "gatewayops:cloudflare:AccessToken plane", "gatewayops:cloudflare:AccessToken proxy-run", "gatewayops:cloudflare:AiGateway dev", "gatewayops:cloudflare:AiGateway prod",
                "gatewayops:cloudflare:ProviderKey prod_openai_default", "pulumi:pulumi:Stack gatewayops-prod",
            ],
            engine.Registrations.Select(item => $"{item.Type} {item.Name}").Order(StringComparer.Ordinal));
        Assert.Equal("cloudflare:index/getAccountApiTokenPermissionGroupsList:getAccountApiTokenPermissionGroupsList", Assert.Single(engine.Invokes)["token"]!.GetValue<string>());
        Assert.Contains("info: policy prompts-logged is accepted for every gateway: agreed with legal on 1 March", engine.Log);
    }

    [Fact, Trait("checklist", "S2-24"), Trait("checklist", "S2-26")]
    public async Task Run_WholeConfiguration_SendsEveryFieldAndNoSecretInClear()
    {
        await using var engine = await EngineStandIn.StartAsync();

        var run = await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys);
        var prod = Find(engine, "cloudflare:index/aiGateway:AiGateway", "prod");
        var dev = Find(engine, "cloudflare:index/aiGateway:AiGateway", "dev");
        var key = Find(engine, "cloudflare:index/secretsStoreSecret:SecretsStoreSecret", "prod_openai_default");
        var token = Find(engine, Stubs.TokenType, "proxy-run");

        // The provider's names, and lists in the plural.
        Same("""
            {
              "accountId": "0123456789abcdef0123456789abcdef", "aiGatewayId": "prod", "authentication": true, "byokOnly": false, "zdr": true, "logManagement": 100000,
              "logManagementStrategy": "DELETE_OLDEST", "logClassification": false, "logpush": false, "workersAiBillingMode": "postpaid", "storeId": "id-of-default_secrets_store",
              "cacheTtl": 0, "cacheInvalidateOnUpdate": false, "collectLogs": false, "rateLimitingLimit": 1000, "rateLimitingInterval": 60,
              "guardrails": { "prompt": { "p1": "BLOCK", "s1": "FLAG" }, "response": { "s13": "BLOCK" } },
              "dlp": { "enabled": true, "policies": [ { "id": "p1", "enabled": true, "action": "FLAG", "checks": ["REQUEST"], "profiles": ["a"] } ] },
              "spendLimits": { "enabled": true, "rules": [ { "enabled": true, "limitType": "cost", "limit": 12.5, "window": 86400, "technique": "sliding", "model": { "mode": "filter", "values": ["gpt-5"] },
                "aiGatewayProvider": { "mode": "filter", "values": ["openai"] }, "metadata": { "user": { "mode": "partition" } } } ] },
              "otels": [ { "url": "https://otel.example/v1/traces", "contentType": "json", "headers": { "x-api-key": "canary-of-the-exporter-header" } } ],
              "stripe": { "authorization": "sk_live_canaryOfStripe0123456789", "usageEvents": [ { "payload": "{}" } ] }
            }
            """, prod.Inputs);
        Assert.Equal(["otels", "stripe"], prod.Inputs.Where(input => Registration.IsSecret(input.Value)).Select(input => input.Key).Order());
        Assert.Equal(("sliding", "linear", 3.0), (dev.Inputs["rateLimitingTechnique"]!.GetValue<string>(), dev.Inputs["retryBackoff"]!.GetValue<string>(), dev.Inputs["retryMaxAttempts"]!.GetValue<double>()));
        Assert.False(dev.Inputs.ContainsKey("storeId"));
        Same("""{ "accountId": "0123456789abcdef0123456789abcdef", "storeId": "id-of-default_secrets_store", "name": "prod_openai_default", "scopes": ["ai_gateway"], "value": "sk-canaryOfTheProviderKey0123456789" }""", key.Inputs);
        Assert.True(Registration.IsSecret(key.Inputs["value"]));
        Same("""
            {
              "accountId": "0123456789abcdef0123456789abcdef", "name": "proxy-run", "expiresOn": "2027-01-31T00:00:00Z", "condition": { "requestIp": { "ins": ["192.0.2.0/24"] } },
              "policies": [ { "effect": "allow", "permissionGroups": [ { "id": "id of AI Gateway Run" } ], "resources": "{\"com.cloudflare.api.account.0123456789abcdef0123456789abcdef\":\"*\"}" } ]
            }
            """, token.Inputs);
        var told = engine.Registrations.SelectMany(item => Registration.InClear(item.Inputs)).Concat(engine.Outputs.Values.SelectMany(Registration.InClear)).Concat(engine.Log).Append(run.Output).Append(run.Errors);
        Assert.DoesNotContain(told, text => Canaries.Any(canary => text.Contains(canary, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_WholeConfiguration_SetsOptionsAndOrder()
    {
        await using var engine = await EngineStandIn.StartAsync();

        await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys);
        var (store, key) = (Find(engine, "cloudflare:index/secretsStore:SecretsStore", "default_secrets_store"), Find(engine, "cloudflare:index/secretsStoreSecret:SecretsStoreSecret", "prod_openai_default"));
        var gateways = engine.Registrations.Where(item => item.Type == "cloudflare:index/aiGateway:AiGateway").ToList();
        var tokens = engine.Registrations.Where(item => item.Type == Stubs.TokenType).ToList();

        Assert.All(gateways, gateway => Assert.Equal(IgnoredChanges.Of(hasStore: gateway.Name == "prod"), gateway.IgnoreChanges));
        Assert.All(gateways, gateway => Assert.Equal(["otels", "stripe"], gateway.SecretOutputs));
        Assert.All(gateways.Concat(tokens).Append(store), item => Assert.True(item.Protect));
        Assert.All(gateways.Concat(tokens).Append(key), item => Assert.Equal(($"::{item.Name}", 1), (item.Parent[item.Parent.LastIndexOf("::", StringComparison.Ordinal)..], item.Aliases)));
        Assert.All(tokens, token => Assert.Equal(["value"], token.SecretOutputs));
        Assert.Contains(store.Urn, key.Dependencies);
        Assert.Contains(store.Urn, gateways.Single(gateway => gateway.Name == "prod").Dependencies);
        Assert.DoesNotContain(store.Urn, gateways.Single(gateway => gateway.Name == "dev").Dependencies);
        Assert.True(Index(engine, store) < Index(engine, key));
        Assert.All(engine.Registrations.Where(item => item.Type.StartsWith("gatewayops:", StringComparison.Ordinal)), component => Assert.Contains(component.Urn, engine.Outputs.Keys));
    }

    [Fact]
    public async Task Run_WholeConfiguration_PutsOutAHandOverAndSecretTokens()
    {
        await using var engine = await EngineStandIn.StartAsync();

        await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys);
        var outputs = engine.Outputs.Single(entry => entry.Key.Contains("pulumi:pulumi:Stack", StringComparison.Ordinal)).Value;
        var handOver = JsonNode.Parse(outputs["handover"]!.GetValue<string>())!;

        Assert.Equal(["accountId", "endpoint", "endpoints", "handover", "tokens"], outputs.Select(output => output.Key).Order());
        Assert.Equal(["tokens"], outputs.Where(output => Registration.IsSecret(output.Value)).Select(output => output.Key));
        Same($$"""{ "plane": "{{Stubs.TokenValue("plane")}}", "proxy-run": "{{Stubs.TokenValue("proxy-run")}}" }""", outputs["tokens"]!["value"]!.AsObject());
        Assert.Equal(("gatewayops", "prod", "id-of-default_secrets_store"), (handOver["project"]!.GetValue<string>(), handOver["stack"]!.GetValue<string>(), handOver["secretsStore"]!["id"]!.GetValue<string>()));
        Assert.Equal("id-of-prod_openai_default", handOver["secrets"]![0]!["id"]!.GetValue<string>());
        Assert.Equal(["prod", "dev"], handOver["gateways"]!.AsArray().Select(gateway => gateway!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Preview_NothingMadeYet_RegistersTheSameAndLeavesTheHandOverOpen()
    {
        await using var engine = await EngineStandIn.StartAsync(isPreview: true);

        var run = await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys, ("PULUMI_DRY_RUN", "true"));
        var outputs = engine.Outputs.Single(entry => entry.Key.Contains("pulumi:pulumi:Stack", StringComparison.Ordinal)).Value;

        Assert.True(run.ExitCode == 0, string.Join('\n', engine.Log) + run.Errors);
        Assert.Equal(12, engine.Registrations.Count);
        Assert.DoesNotContain("schema", outputs["handover"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        Assert.Equal(Stubs.Account, outputs["accountId"]!.GetValue<string>());
    }

    [Fact]
    public async Task Run_PermissionGroupMissing_EndsWithItsNameAndMakesNoToken()
    {
        var groups = Stubs.PermissionGroups();
        groups["results"]!.AsArray().RemoveAt(0);
        await using var engine = await EngineStandIn.StartAsync(groups: groups);

        var run = await ProgramRun.AgainstAsync(engine, Stubs.Everything, Stubs.SecretKeys);
        var told = string.Join('\n', engine.Log.Where(line => line.StartsWith("error", StringComparison.Ordinal)));

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("token proxy-run: Cloudflare has no permission group \"AI Gateway Run\"", told, StringComparison.Ordinal);
        Assert.DoesNotContain(engine.Registrations, item => item.Type == Stubs.TokenType && item.Name == "proxy-run");
    }

    [Fact]
    public async Task Run_FaultyConfiguration_TellsEveryFaultOnItsLineAndRegistersNothing()
    {
        await using var engine = await EngineStandIn.StartAsync();

        var run = await ProgramRun.AgainstAsync(
            engine,
            new Dictionary<string, string>
            {
                ["gatewayops:gateways"] = """[ { "id": "Prod", "cacheTtl": -1 } ]""",
                ["gatewayops:authentication"] = "false",
                ["gatewayops:providerKeys"] = $$"""{ "prod_openai_default": "{{Stubs.KeyValue}}" }""",
                ["gatewayops:zdrr"] = "true",
            },
            []);
        log.WriteLine(string.Join('\n', engine.Log));

        Assert.NotEqual(0, run.ExitCode);
        Assert.DoesNotContain(engine.Registrations, item => item.Type != "pulumi:pulumi:Stack");
        var told = string.Join('\n', engine.Log);
        Assert.All(["accountId: ", "gateways[0].id: ", "gateways[0].cacheTtl: ", "authentication: ", "providerKeys.prod_openai_default: ", "zdrr: "], path => Assert.Contains($"\n  {path}", told, StringComparison.Ordinal));
        Assert.DoesNotContain("canary", told + run.Output + run.Errors, StringComparison.Ordinal);
    }

    private static Registration Find(EngineStandIn engine, string type, string name) => Assert.Single(engine.Registrations, item => item.Type == type && item.Name == name);

    private static int Index(EngineStandIn engine, Registration registration) => engine.Registrations.ToList().IndexOf(registration);

    // Inputs without their envelopes.
    private static void Same(string expected, JsonObject actual)
    {
        var opened = Registration.Opened(actual);
        Assert.True(JsonNode.DeepEquals(Canonical(JsonNode.Parse(expected)), Canonical(opened)), opened!.ToJsonString());
    }

    // Numbers are doubles on the wire.
    private static JsonNode? Canonical(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Canonical(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Canonical)]),
        JsonValue number when number.GetValueKind() == System.Text.Json.JsonValueKind.Number => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture),
        _ => node?.DeepClone(),
    };
}
