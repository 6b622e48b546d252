using GatewayOps.Infra.Spec;
using GatewayOps.Rules.Stacks;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

/// <summary>What nobody should get by accident stops the stack before anything is registered, until it is accepted with a reason.</summary>
public class PolicyTests
{
    private const string Key = "sk-canary-0123456789abcdefgh";

    [Theory, Trait("checklist", "S3-08"), Trait("checklist", "S3-26")]
    [InlineData("authentication", "false", "authentication-off", "authentication")]
    [InlineData("collectLogs", "true", "prompts-logged", "collectLogs")]
    [InlineData("logpush", "true", "prompts-logged", "logpush")]
    [InlineData("otel", """[{"url":"https://otel.example"}]""", "prompts-logged", "otel")]
    public void Read_PolicyBroken_IsAnErrorUntilItIsAccepted(string key, string value, string policy, string path)
    {
        var refused = Read(("accountId", Account), (key, value));
        var accepted = Read(("accountId", Account), (key, value), ("accept", $$"""[{"policy":"{{policy}}","gateway":"openai-compat","reason":"agreed on 1 March"}]"""));

        Assert.Null(refused.Spec);
        var error = Assert.Single(refused.Errors);
        Assert.Equal(path, error.Path);
        Assert.Contains($"(policy {policy})", error.Message, StringComparison.Ordinal);
        Assert.Empty(accepted.Errors);
        Assert.Equal("agreed on 1 March", Assert.Single(accepted.Accepted).Reason);
    }

    [Fact, Trait("checklist", "S3-26")]
    public void Read_NoRateLimit_IsToldForEachGatewayThatHasNone()
    {
        const string gateways = """[{"id":"a","rateLimitingLimit":0,"rateLimitingInterval":0},{"id":"b"},{"id":"c","rateLimitingLimit":0,"rateLimitingInterval":0}]""";

        var reading = Read(("accountId", Account), ("gateways", gateways), ("accept", """[{"policy":"no-rate-limit","gateway":"c","reason":"the caller limits"}]"""));

        var error = Assert.Single(reading.Errors);
        Assert.Equal("gateways[0].rateLimitingLimit", error.Path);
        Assert.Contains("gateway a:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"id":"a","authentication":false}]""", "true", "gateways[0].authentication")]
    [InlineData("""[{"id":"a"}]""", "false", "authentication")]
    [InlineData("""[{"id":"a","authentication":true},{"id":"b"}]""", "false", "gateways[1].authentication")]
    public void Read_PolicyBrokenInAList_NamesTheItemThatSaysIt(string gateways, string authentication, string path) =>
        Assert.Equal(path, Assert.Single(Read(("accountId", Account), ("gateways", gateways), ("authentication", authentication)).Errors).Path);

    [Theory, Trait("checklist", "S3-26")]
    [InlineData("storeName", Key, "storeName", "storeName")]
    [InlineData("tokens", """[{"name":"a","use":"run","addresses":["sk-canary-0123456789abcdefgh"]}]""", "tokens[0].addresses[0]", "--path 'tokens[0].addresses[0]'")]
    [InlineData("otel", """[{"url":"https://otel.example","headers":{"x-api-key":"canary"}}]""", "otel[0].headers.x-api-key", "--path 'otel[0].headers.x-api-key'")]
    [InlineData("otel", """[{"url":"https://otel.example","headers":{"x-team":"a","X.Team.PassWord":"canary"}}]""", """otel[0].headers["X.Team.PassWord"]""", """--path 'otel[0].headers["X.Team.PassWord"]'""")]
    [InlineData("otel", """[{"url":"https://otel.example","headers":{"x-honeycomb-team":"canary"}}]""", "otel[0].headers.x-honeycomb-team", "--path 'otel[0].headers.x-honeycomb-team'")]
    [InlineData("gateways", """[{"id":"a","otel":[{"url":"https://otel.example","headers":{"Proxy-Authorization":"canary"}}]}]""", "gateways[0].otel[0].headers.Proxy-Authorization", "--path 'gateways[0].otel[0].headers.Proxy-Authorization'")]
    [InlineData("stripe", """{"authorization":"canary","usage_events":[{"payload":"{}"}]}""", "stripe.authorization", "--path 'stripe.authorization'")]
    [InlineData("authentication", Key, "authentication", "authentication")]
    public void Read_KeyInClear_IsToldAndNotRepeated(string key, string value, string path, string argument)
    {
        var clear = Read(("accountId", Account), (key, value));
        var secret = ReadSecret([key], (key, value));

        Assert.Contains(clear.Errors, error => error.Path == path && error.Message.Contains($"pulumi config set --secret {argument} (policy key-in-clear)", StringComparison.Ordinal));
        Assert.DoesNotContain(clear.Errors.Concat(secret.Errors), error => error.ToString().Contains("canary", StringComparison.Ordinal));
        Assert.DoesNotContain(secret.Errors, error => error.Message.Contains(StackPolicies.KeyInClear, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ProviderKeysInClear_AreTold()
    {
        (string, string)[] config = [("keys", """[{"provider":"openai"}]"""), ("providerKeys", """{"openai-compat_openai_default":"x"}""")];

        Assert.Equal("providerKeys.openai-compat_openai_default", Assert.Single(Read([("accountId", Account), .. config]).Errors).Path);
        Assert.Empty(ReadSecret(["providerKeys"], config).Errors);
    }

    [Fact]
    public void Read_ProvidersTokenInClear_IsTold()
    {
        var configuration = Plain(("accountId", Account)) with { Others = new HashSet<string> { "cloudflare:apiToken", "cloudflare:baseUrl" } };

        Assert.Equal("cloudflare:apiToken", Assert.Single(StackSpecReader.Read(configuration, _ => null).Errors).Path);
        Assert.Empty(StackSpecReader.Read(configuration with { Secret = new HashSet<string> { "cloudflare:apiToken" } }, _ => null).Errors);
    }

    // It is logged at every run.
    [Fact]
    public void Read_ReasonOfSeveralLines_IsOneLine() =>
        Assert.Equal("agreed on 1 March ?[2J", Assert.Single(Read(("accountId", Account), ("accept", """[{"policy":"no-rate-limit","reason":"agreed\r\non  1 March\n\u001b[2J\n"}]""")).Accepted).Reason);

    [Fact]
    public void Read_KeyInClearAcceptedWithAReason_IsTaken() =>
        Assert.Empty(Read(("accountId", Account), ("storeName", "sk-not-a-key-at-all"), ("accept", """[{"policy":"key-in-clear","reason":"a name that looks like one"}]""")).Errors);
}
