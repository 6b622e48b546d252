using GatewayOps.Emulator.DataPlane;
using GatewayOps.Emulator.State;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Emulator.DataPlane;

/// <summary>The request headers of contract 12.1, each read from its text.</summary>
public sealed class RequestDirectivesTests
{
    [Fact]
    public void Read_EveryHeader_IsUnderstood()
    {
        var read = Read(
            ("cf-aig-skip-cache", "true"), ("cf-aig-cache-ttl", "3600"), ("cf-aig-cache-key", "k"), ("cf-aig-request-timeout", "1500"), ("cf-aig-max-attempts", "3"),
            ("cf-aig-retry-delay", "250"), ("cf-aig-backoff", "linear"), ("cf-aig-metadata", """{"a":1}"""), ("cf-aig-custom-cost", """{"per_token_in":0.5,"per_token_out":2}"""),
            ("cf-aig-collect-log", "false"), ("cf-aig-collect-log-payload", "false"), ("cf-aig-event-id", "e"), ("cf-aig-byok-alias", "team"), ("cf-aig-zdr", "true"),
            ("cf-aig-no-wholesale", "true"), ("cf-aig-otel-trace-id", "0AF7651916CD43DD8448EB211C80319C"), ("cf-aig-otel-parent-span-id", "b7ad6b7169203331"),
            ("cf-aig-session-id", "s"), ("cf-aig-turn-id", "t"), ("cf-aig-no-session-affinity", "true"), ("cf-aig-allowed-models", "openai/*, anthropic/claude-haiku-4-5"),
            ("cf-aig-allowed-providers", "openai,anthropic"));

        Assert.Equal((true, 3600, "k", TimeSpan.FromMilliseconds(1500)), (read.SkipCache, read.CacheTtl, read.CacheKey, read.Timeout));
        Assert.Equal((3, 250, RetryBackoff.Linear, """{"a":1}"""), (read.MaxAttempts, read.RetryDelay, read.Backoff, read.Metadata));
        Assert.Equal((new CustomCost(0.5m, 2, Total: null), false, false, "e", "team"), (read.CustomCost, read.CollectLog, read.CollectPayload, read.EventId, read.ByokAlias));
        Assert.Equal((true, true, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (read.Zdr, read.NoWholesale, read.TraceId, read.ParentSpanId));
        Assert.Equal(("s", "t", true), (read.SessionId, read.TurnId, read.NoSessionAffinity));
        Assert.Equal(["openai/*", "anthropic/claude-haiku-4-5"], read.AllowedModels);
        Assert.Equal(["openai", "anthropic"], read.AllowedProviders);
    }

    [Theory]
    [InlineData("cf-aig-cache-ttl", "90", "cf-cache-ttl", "70")]
    [InlineData("cf-cache-ttl", "70", "cf-aig-cache-ttl", "90")]
    public void Read_DeprecatedSpelling_YieldsToThePresentOne(string first, string one, string second, string other)
    {
        Assert.Equal(90, Read((first, one), (second, other)).CacheTtl);
        Assert.Equal(70, Read(("cf-cache-ttl", "70")).CacheTtl);
        Assert.True(Read(("cf-skip-cache", "true")).SkipCache);
        Assert.False(Read(("cf-skip-cache", "true"), ("cf-aig-skip-cache", "false")).SkipCache);
    }

    [Fact]
    public void Read_Case_DoesNotMatterInNames() => Assert.Equal(60, Read(("CF-AIG-Cache-TTL", "60")).CacheTtl);

    [Theory]
    [InlineData("9", 5)]
    [InlineData("1", 1)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("2.5", null)]
    public void Read_MaxAttempts_OneToFive(string text, int? attempts) => Assert.Equal(attempts, (int?)Read(("cf-aig-max-attempts", text)).MaxAttempts);

    [Fact]
    public void Read_NothingOfTheGateways_IsNone() => Assert.Same(RequestDirectives.None, Read(("x-mine", "1"), ("cf-ray", "2"), ("Authorization", "Bearer k")));

    private static RequestDirectives Read(params (string Name, string Value)[] headers)
    {
        var sent = new HeaderDictionary();
        foreach (var (name, value) in headers)
            sent[name] = value;
        return RequestDirectives.Read(sent);
    }
}
