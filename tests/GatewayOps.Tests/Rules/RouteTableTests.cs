using GatewayOps.Rules;

namespace GatewayOps.Tests.Rules;

public class RouteTableTests
{
    [Fact, Trait("checklist", "S1-26")]
    public void Match_SeedCacheRule_GivesItsKeyAndTtl()
    {
        const string seed = """{"rules":[{"pattern":"/chat/completions","cache":{"enabled":true,"ttl":3600,"key":["model","messages"]}}]}""";

        var cache = Documents.Match(seed).Cache!;

        Assert.Equal(TimeSpan.FromHours(1), cache.Ttl);
        Assert.Equal(["model", "messages"], cache.KeyFields);
        Assert.Null(Documents.Match(seed, path: "/embeddings").Cache);
    }

    [Fact, Trait("checklist", "S1-27")]
    public void Match_SeedFallbackChain_OrdersUpstreamsByPriority()
    {
        var route = Documents.Match("""
            {"providers":[{"name":"openai","priority":2,"timeout":1000},{"name":"openrouter","priority":1,"timeout":30000}],"fallback":{"enabled":true,"retry_count":3}}
            """);

        Assert.Equal(
            [new RouteUpstream("openrouter", TimeSpan.FromSeconds(30), null), new RouteUpstream("openai", TimeSpan.FromSeconds(1), null)],
            route.Upstreams);
        Assert.True(route.FallbackEnabled);
        Assert.Equal(3, route.RetryCount);
    }

    [Theory]
    [InlineData("/chat/completions", "gpt-4o", "openai", "exact")]
    [InlineData("/v1/chat/completions", "gpt-4o", "openai", "exact")]
    [InlineData("/chat/completions/", "gpt-4o", "openai", "exact")]
    [InlineData("/chat/completions", "claude-3-haiku", "anthropic", "claude")]
    [InlineData("/chat/other", "gpt-4o", "openai", "chat")]
    [InlineData("/embeddings", "text-embedding-3", "openai", "rest")]
    [InlineData("/CHAT/completions", "gpt-4o", "openai", "rest")]
    [InlineData("/chat/completions", "mixtral", "groq", "other")]
    [InlineData("/chat/completions", "mixtral", null, "other")]
    public void Match_SeveralRulesFit_TakesTheMostSpecific(string path, string model, string? provider, string rule)
    {
        const string rules = """
            {"rules":[
              {"name":"rest","pattern":"/**"},
              {"name":"other","pattern":"/chat/completions"},
              {"name":"chat","pattern":"/chat/*"},
              {"name":"claude","pattern":"/chat/completions","match":{"model":"claude-*"}},
              {"name":"exact","pattern":"/chat/completions","match":{"model":"gpt-*","provider":"openai","method":"POST"}}]}
            """;

        Assert.Equal(rule, Documents.Match(rules, path, model, provider).Rule);
    }

    [Fact]
    public void Match_UnnamedRule_IsKnownByItsPlace() => Assert.Equal("rules/0", Documents.Match("""{"rules":[{"pattern":"/**"}]}""").Rule);

    [Fact]
    public void Match_AliasInCondition_MatchesTheSlug() =>
        Assert.Equal("x", Documents.Match("""{"rules":[{"name":"x","pattern":"/**","match":{"provider":"xai"}}]}""", provider: "grok").Rule);

    [Fact]
    public void Match_CacheDisabled_IsOffAndNotAbsent() =>
        Assert.True(Documents.Match("""{"rules":[{"pattern":"/**","cache":{"enabled":false}}]}""").Cache!.IsOff);

    [Theory]
    [InlineData("", 300)]
    [InlineData(""","settings":{"cache_ttl":900}""", 900)]
    [InlineData(""","settings":{"cache_ttl":10}""", 60)]
    [InlineData(""","settings":{"cache_ttl":0}""", 300)]
    [InlineData(""","settings":{"cache_ttl":null}""", 300)]
    public void Match_CacheWithoutTtl_InheritsTheSettingOrCloudflaresDefault(string settings, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Documents.Match("""{"rules":[{"pattern":"/**","cache":{"enabled":true}}]""" + settings + "}").Cache!.Ttl);

    [Theory]
    [InlineData("""{"enabled":true}""", true, 1)]
    [InlineData("""{"enabled":true,"retry_count":0}""", true, 0)]
    [InlineData("""{"enabled":false,"retry_count":3}""", false, 0)]
    public void Match_Fallback_DecidesTheRetries(string fallback, bool enabled, int retries)
    {
        var route = Documents.Match("""{"providers":[{"name":"openai","priority":1},{"name":"groq","priority":2}],"fallback":""" + fallback + "}");

        Assert.Equal((enabled, retries), (route.FallbackEnabled, route.RetryCount));
    }

    [Fact]
    public void Match_OrdinaryRequest_AllocatesNothing()
    {
        var routes = Documents.Compiled("""{"rules":[{"pattern":"/chat/*"},{"pattern":"/**/completions","match":{"model":"gpt-*"}}]}""").Routes;
        var request = new RequestFacts("POST", "/chat/completions", "gpt-4o", null);
        routes.Match(request);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            routes.Match(request);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
