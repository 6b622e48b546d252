using System.Text.Json.Nodes;
using GatewayOps.Infra.Spec;
using GatewayOps.Rules;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

public class StackSpecReaderTests
{
    // As YAML says it where nothing follows the colon.
    [Theory]
    [InlineData("""[{"url":"https://otel.example","headers":null}]""")]
    [InlineData("""[{"url":"https://otel.example"}]""")]
    public void Read_ExporterWithoutHeaders_HasNone(string exporters)
    {
        var spec = Spec(("otel", exporters), ("accept", """[{"policy":"prompts-logged","reason":"a test of fields"}]"""));

        Assert.Empty(spec.Gateways[0].Fields["otel"]![0]!["headers"]!.AsObject());
    }

    [Fact]
    public void Read_OnlyTheAccount_GivesOneSafeGatewayAndItsEndpoint()
    {
        var spec = Spec();

        var gateway = Assert.Single(spec.Gateways);
        Assert.Equal("openai-compat", gateway.Id);
        Assert.Equal($"https://gateway.ai.cloudflare.com/v1/{Account}/openai-compat", spec.EndpointOf(gateway));
        Assert.True(spec.Protect);
        Assert.False(spec.MakesStore);
        Assert.Equal((true, false, 1000), (gateway.Flag("authentication"), gateway.Flag("collect_logs"), gateway.Integer("rate_limiting_limit")));
    }

    [Fact]
    public void Fields_AreAllThatHaveAnOwner() => Assert.Equal(FieldOwnership.Fields.Order(), GatewayField.All.Select(field => field.Name).Order());

    // Left unset, these differ from Cloudflare's answer for ever (contract, section 17).
    [Fact]
    public void Read_OnlyTheAccount_SetsWhatWouldDifferForEver() =>
        Assert.Empty(new[] { "log_management", "log_management_strategy", "logpush", "zdr" }.Except(Spec().Gateways[0].Fields.Select(field => field.Key)));

    [Fact]
    public void Read_EveryGatewayKey_IsHeard()
    {
        var gateway = Spec(
            ("gatewayId", "prod-1"), ("authentication", "false"), ("byokOnly", "true"), ("zdr", "true"), ("workersAiBillingMode", "unified"), ("storeId", "5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e"),
            ("logManagement", "10000"), ("logManagementStrategy", "STOP_INSERTING"), ("logClassification", "true"), ("logpush", "true"), ("logpushPublicKey", Pem),
            ("guardrails", """{"prompt":{"P1":"BLOCK"},"response":{"S13":"FLAG"}}"""), ("dlp", """{"enabled":true,"action":"BLOCK","profiles":["a"]}"""),
            ("spendLimits", """{"enabled":true,"rules":[{"limitType":"cost","limit":0.5,"window":60}]}"""), ("otel", """[{"url":"https://otel.example/v1","headers":{"x-team":"ai"}}]"""),
            ("stripe", """{"authorization":"stripe-key","usage_events":[{"payload":"{}"}]}"""), ("cacheTtl", "300"), ("cacheInvalidateOnUpdate", "true"), ("collectLogs", "true"),
            ("rateLimitingLimit", "0"), ("rateLimitingInterval", "0"), ("rateLimitingTechnique", "sliding"), ("retryMaxAttempts", "5"), ("retryDelay", "5000"), ("retryBackoff", "linear"),
            ("accept", """[{"policy":"authentication-off","reason":"a private network"},{"policy":"prompts-logged","reason":"agreed with legal"},{"policy":"no-rate-limit","reason":"the caller limits"},{"policy":"key-in-clear","reason":"a test of fields"}]""")).Gateways[0];

        Assert.Equal("prod-1", gateway.Id);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse($$$"""
            {
              "authentication": false, "byok_only": true, "zdr": true, "log_management": 10000, "log_management_strategy": "STOP_INSERTING", "log_classification": true, "logpush": true,
              "workers_ai_billing_mode": "unified", "logpush_public_key": {{{JsonValue.Create(Pem)!.ToJsonString()}}}, "guardrails": {"prompt":{"P1":"BLOCK"},"response":{"S13":"FLAG"}},
              "dlp": {"enabled":true,"action":"BLOCK","profiles":["a"]}, "otel": [{"url":"https://otel.example/v1","headers":{"x-team":"ai"},"content_type":"json"}],
              "spend_limits": {"enabled":true,"rules":[{"limitType":"cost","limit":0.5,"window":60,"enabled":true,"technique":"sliding"}]}, "stripe": {"authorization":"stripe-key","usage_events":[{"payload":"{}"}]},
              "store_id": "5f6a2c1d9e8b4a7c8d3e2f1a0b9c8d7e", "cache_ttl": 300, "cache_invalidate_on_update": true, "collect_logs": true, "rate_limiting_limit": 0, "rate_limiting_interval": 0,
              "rate_limiting_technique": "sliding", "retry_max_attempts": 5, "retry_delay": 5000, "retry_backoff": "linear"
            }
            """),
            gateway.Fields), gateway.Fields.ToJsonString());
    }

    [Fact]
    public void Read_SeveralGateways_TakeFromTheTopWhatTheyDoNotSay()
    {
        var spec = Spec(
            ("cacheTtl", "60"), ("guardrails", """{"prompt":{"P1":"BLOCK"},"response":{}}"""),
            ("gateways", """[{"id":"dev","cacheTtl":5,"guardrails":{}},{"id":"prod","zdr":"true","logManagement":"1000000"}]"""));

        Assert.Equal(["dev", "prod"], spec.Gateways.Select(gateway => gateway.Id));
        Assert.Equal([5, 60], spec.Gateways.Select(gateway => gateway.Integer("cache_ttl")));
        Assert.Equal([false, true], spec.Gateways.Select(gateway => gateway.Flag("zdr")));
        Assert.Equal([null, "BLOCK"], spec.Gateways.Select(gateway => gateway.Fields["guardrails"]?["prompt"]?["P1"]?.GetValue<string>()));
        Assert.Equal(1_000_000, spec.Gateways[1].Integer("log_management"));
    }

    [Fact]
    public void Read_SeveralFaults_ListsEachOnceWithItsKeyAndNoPolicyOnTop()
    {
        var (spec, _, _, errors) = Read(
            ("gatewayId", "Prod"), ("authentication", "yes"), ("logManagement", "9999"), ("cacheTtl", "5m"), ("rateLimitingLimit", "10"), ("rateLimitingInterval", "0"), ("zdrr", "true"),
            ("gatewayBaseUrl", "ftp://x"), ("protect", "1"), ("storeName", "a b"), ("retryMaxAttempts", "6"), ("retryDelay", "6000"), ("logClassification", "true"),
            ("accept", """[{"policy":"no-rate-limit","reason":"the caller limits"}]"""));

        Assert.Null(spec);
        Assert.Equal(
            ["accountId", "authentication", "cacheTtl", "gatewayBaseUrl", "gatewayId", "logClassification", "logManagement", "protect", "rateLimitingInterval", "retryDelay", "retryMaxAttempts", "storeName", "zdrr"],
            errors.Select(error => error.Path).Order(StringComparer.Ordinal));
        Assert.Contains("pulumi config set accountId", Message(errors, "accountId"), StringComparison.Ordinal);
        Assert.Contains("pulumi config rm zdrr", Message(errors, "zdrr"), StringComparison.Ordinal);
        Assert.Contains("from 10000 to 10000000", Message(errors, "logManagement"), StringComparison.Ordinal);
        Assert.DoesNotContain(errors, error => error.ToString().Contains('\n'));
    }

    [Theory]
    [InlineData("gateways", """[{"id":"a"},{"id":"a"}]""", "gateways[1].id")]
    [InlineData("gateways", """[{"id":"a"},{}]""", "gateways[1].id")]
    [InlineData("gateways", """[{"id":"a","cacheTtl":-1}]""", "gateways[0].cacheTtl")]
    [InlineData("gateways", """[{"id":"a","cacheTTL":1}]""", "gateways[0].cacheTTL")]
    [InlineData("gateways", """[{"id":"a","guardrails":{"prompt":{"S14":"BLOCK"},"response":{}}}]""", "gateways[0].guardrails.prompt.S14")]
    [InlineData("gateways", """[{"id":"a","rateLimitingInterval":0}]""", "gateways[0].rateLimitingInterval")]
    [InlineData("gateways", """[{"id":"a","storeId":"s1"},{"id":"b","storeId":"s2"}]""", "gateways")]
    [InlineData("gateways", """["a"]""", "gateways")]
    [InlineData("gateways", "a, b", "gateways")]
    [InlineData("gateways", """[{"id":"a","id":"b"}]""", "gateways")]
    [InlineData("guardrails", """{"prompt":{"P1":"DENY"},"response":{}}""", "guardrails.prompt.P1")]
    [InlineData("spendLimits", """{"enabled":true,"rules":[{"limitType":"cost","limit":0,"window":60}]}""", "spendLimits.rules[0].limit")]
    [InlineData("dlp", """{"action":"BLOCK"}""", "dlp")]
    [InlineData("otel", """[{"url":"ftp://x"}]""", "otel[0].url")]
    [InlineData("otel", """[{"url":"https://x","headers":{"a\r\nb":"c"}}]""", "otel[0].headers.a??b")]
    [InlineData("otel", """[{"url":"https://x","headers":{"a":"b\nc"}}]""", "otel[0].headers.a")]
    [InlineData("stripe", """{"authorization":"a"}""", "stripe.usage_events")]
    [InlineData("stripe", """{"authorization":"a","usage_events":[{"payload":"{}"}],"x":1}""", "stripe.x")]
    [InlineData("logpushPublicKey", "-----BEGIN PRIVATE KEY-----", "logpushPublicKey")]
    [InlineData("keys", """[{"provider":"opneai","env":"A"}]""", "keys[0].provider")]
    [InlineData("keys", """[{"provider":"openai","gateway":"other","env":"A"}]""", "keys[0].gateway")]
    [InlineData("keys", """[{"provider":"openai","alias":"a_b","env":"A"}]""", "keys[0].alias")]
    [InlineData("keys", """[{"provider":"openai","env":"A B"}]""", "keys[0].env")]
    [InlineData("keys", """[{"provider":"openai","value":"x","env":"A"}]""", "keys[0].value")]
    [InlineData("keys", """[{"provider":"openai","env":"A"},{"provider":"openai","env":"A"}]""", "keys[1].provider")]
    [InlineData("tokens", """[{"name":"a","use":"admin"}]""", "tokens[0].use")]
    [InlineData("tokens", """[{"name":"a","use":"run"},{"name":"a","use":"run"}]""", "tokens[1].name")]
    [InlineData("tokens", """[{"name":"a","use":"run","expiresOn":"tomorrow"}]""", "tokens[0].expiresOn")]
    [InlineData("tokens", """[{"name":"a","use":"run","notBefore":"2027-01-02T00:00:00Z","expiresOn":"2027-01-01T00:00:00Z"}]""", "tokens[0].expiresOn")]
    [InlineData("tokens", """[{"name":"a","use":"run","addresses":["home"]}]""", "tokens[0].addresses")]
    [InlineData("accept", """[{"policy":"everything","reason":"because I can"}]""", "accept[0].policy")]
    [InlineData("accept", """[{"policy":"no-rate-limit","reason":"because"}]""", "accept[0].reason")]
    [InlineData("accept", """[{"policy":"no-rate-limit","gateway":"other","reason":"because I can"}]""", "accept[0].gateway")]
    [InlineData("gatewayBaseUrl", "https://user:pw@gateway.example", "gatewayBaseUrl")]
    [InlineData("gatewayBaseUrl", "https://gateway.example/?x=1", "gatewayBaseUrl")]
    [InlineData("gatewayBaseUrl", "/relative", "gatewayBaseUrl")]
    public void Read_OneFault_IsToldByItsPathAlone(string key, string value, string path)
    {
        (string, string)[] accepted = key == "accept" ? [] : [("accept", """[{"policy":"prompts-logged","reason":"a test of faults"},{"policy":"no-rate-limit","reason":"a test of faults"}]""")];

        Assert.Equal([path], StackSpecReader.Read(Plain([("accountId", Account), (key, value), .. accepted]) with { Secret = new HashSet<string> { "stripe" } }, _ => "a-value").Errors.Select(error => error.Path));
    }

    [Fact]
    public void Read_Keys_AreNamedByCloudflaresRuleAndTheirValuesStayApart()
    {
        var reading = StackSpecReader.Read(
            Plain(
                ("accountId", Account), ("gatewayId", "prod"), ("providerKeys", """{"prod_openai_default":"sk-canary-1"}"""),
                ("keys", """[{"provider":"openai"},{"gateway":"prod","provider":"gemini","alias":"eu","env":"GEMINI"}]""")) with
            { Secret = new HashSet<string> { "providerKeys" } },
            name => name == "GEMINI" ? "canary-2" : null);

        Assert.Empty(reading.Errors);
        Assert.Equal(["prod_openai_default", "prod_google-ai-studio_eu"], reading.Spec!.Keys.Select(key => key.SecretName));
        Assert.Equal(["sk-canary-1", "canary-2"], reading.Spec.Keys.Select(reading.Values.Of));
        Assert.True(reading.Spec.MakesStore);
        Assert.DoesNotContain("canary", reading.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"provider":"openai"}]""", "{}", "keys[0]")]
    [InlineData("""[{"provider":"openai","env":"NONE"}]""", "{}", "keys[0]")]
    [InlineData("""[{"provider":"openai"}]""", """{"openai-compat_openai_default":"line\n"}""", "keys[0]")]
    [InlineData("""[]""", """{"openai-compat_openai_default":"x"}""", "providerKeys.openai-compat_openai_default")]
    [InlineData("""[]""", """{"a":1}""", "providerKeys")]
    public void Read_ValueOfAKeyMissingOrUnused_IsAnError(string keys, string values, string path) =>
        Assert.Equal([path], ReadSecret(["providerKeys"], ("keys", keys), ("providerKeys", values)).Errors.Select(error => error.Path));

    [Fact]
    public void Read_Tokens_HaveTheLeastThatTheirUseNeeds()
    {
        var tokens = Spec(("tokens", """[{"name":"proxy","use":"run","expiresOn":"2027-01-31T00:00:00Z","addresses":["192.0.2.0/24","2001:db8::1"]},{"name":"plane","use":"control-plane"}]""")).Tokens;

        Assert.Equal(["AI Gateway Run"], tokens[0].Use.PermissionGroups);
        Assert.Equal(["192.0.2.0/24", "2001:db8::1"], tokens[0].Addresses);
        Assert.Equal(["AI Gateway Read", "AI Gateway Write", "Secrets Store Read", "Secrets Store Write", "Account Analytics Read"], tokens[1].Use.PermissionGroups);
    }

    [Fact]
    public void Resolve_GroupsOfTheAccount_AreFoundByNameUnderEitherWord()
    {
        var use = TokenUse.All.Single(use => use.Name == "control-plane");
        (string, string)[] groups = [("1", "AI Gateway Read"), ("2", "AI Gateway Edit"), ("3", "Secrets Store Read"), ("4", "Secrets Store Write"), ("5", "Account Analytics Read"), ("6", "AI Gateway Run")];

        Assert.Equal(["1", "2", "3", "4", "5"], use.Resolve(groups));
        Assert.Contains("\"AI Gateway Read\"", Assert.Throws<InvalidOperationException>(() => use.Resolve(groups.Skip(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ConfigurationOfTheEngine_KeepsTheProjectAndTheNamesOfTheRest()
    {
        var configuration = StackConfiguration.Parse(
            """{"gatewayops:gatewayId":"prod","cloudflare:apiToken":"canary","gatewayopsx:gatewayId":"no"}""", """["gatewayops:providerKeys","cloudflare:apiToken"]""", "gatewayops");

        Assert.Equal([KeyValuePair.Create("gatewayId", "prod")], configuration.Values);
        Assert.Equal(["cloudflare:apiToken", "gatewayopsx:gatewayId"], configuration.Others.Order());
        Assert.Equal(["cloudflare:apiToken", "providerKeys"], configuration.Secret.Order());
    }

    [Fact]
    public void Parse_NoConfiguration_IsEmpty() => Assert.Empty(StackConfiguration.Parse(null, null, "gatewayops").Values);

    private const string Pem = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----";

    private static string Message(IReadOnlyList<SpecError> errors, string path) => errors.Single(error => error.Path == path).Message;
}
