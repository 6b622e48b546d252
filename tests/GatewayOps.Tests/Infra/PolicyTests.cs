using GatewayOps.Infra.Spec;
using GatewayOps.Rules.Stacks;
using static GatewayOps.Tests.Infra.Configurations;

namespace GatewayOps.Tests.Infra;

/// <summary>What nobody should get by accident stops the stack before anything is registered, until it is accepted with a reason.</summary>
public class PolicyTests
{
    private const string Key = "sk-canary-0123456789abcdefgh";

    [Theory]
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

    [Fact]
    public void Read_NoRateLimit_IsToldForEachGatewayThatHasNone()
    {
        const string gateways = """[{"id":"a","rateLimitingLimit":0,"rateLimitingInterval":0},{"id":"b"},{"id":"c","rateLimitingLimit":0,"rateLimitingInterval":0}]""";

        var reading = Read(("accountId", Account), ("gateways", gateways), ("accept", """[{"policy":"no-rate-limit","gateway":"c","reason":"the caller limits"}]"""));

        Assert.Contains("gateway a:", Assert.Single(reading.Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("storeName", Key)]
    [InlineData("tokens", """[{"name":"a","use":"run","addresses":["sk-canary-0123456789abcdefgh"]}]""")]
    [InlineData("otel", """[{"url":"https://otel.example","headers":{"x-api-key":"canary"}}]""")]
    [InlineData("gateways", """[{"id":"a","otel":[{"url":"https://otel.example","headers":{"Authorization":"Bearer canary"}}]}]""")]
    [InlineData("stripe", """{"authorization":"sk_live_canary","usage_events":[{"payload":"{}"}]}""")]
    [InlineData("authentication", Key)]
    public void Read_KeyInClear_IsToldAndNotRepeated(string key, string value)
    {
        var clear = Read(("accountId", Account), (key, value));
        var secret = ReadSecret([key], (key, value));

        Assert.Contains(clear.Errors, error => error.Path == key && error.Message.Contains("(policy key-in-clear)", StringComparison.Ordinal));
        Assert.DoesNotContain(clear.Errors.Concat(secret.Errors), error => error.ToString().Contains("canary", StringComparison.Ordinal));
        Assert.DoesNotContain(secret.Errors, error => error.Message.Contains(StackPolicies.KeyInClear, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_ProviderKeysInClear_AreTold()
    {
        (string, string)[] config = [("keys", """[{"provider":"openai"}]"""), ("providerKeys", """{"openai-compat_openai_default":"x"}""")];

        Assert.Equal("providerKeys", Assert.Single(Read([("accountId", Account), .. config]).Errors).Path);
        Assert.Empty(ReadSecret(["providerKeys"], config).Errors);
    }

    [Fact]
    public void Read_ProvidersTokenInClear_IsTold()
    {
        var configuration = Plain(("accountId", Account)) with { Others = new HashSet<string> { "cloudflare:apiToken", "cloudflare:baseUrl" } };

        Assert.Equal("cloudflare:apiToken", Assert.Single(StackSpecReader.Read(configuration, _ => null).Errors).Path);
        Assert.Empty(StackSpecReader.Read(configuration with { Secret = new HashSet<string> { "cloudflare:apiToken" } }, _ => null).Errors);
    }

    [Fact]
    public void Read_KeyInClearAcceptedWithAReason_IsTaken() =>
        Assert.Empty(Read(("accountId", Account), ("storeName", "sk-not-a-key-at-all"), ("accept", """[{"policy":"key-in-clear","reason":"a name that looks like one"}]""")).Errors);
}
