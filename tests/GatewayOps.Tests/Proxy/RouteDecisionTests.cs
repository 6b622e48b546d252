using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.Rules;

namespace GatewayOps.Tests.Proxy;

public sealed class RouteDecisionTests
{
    private const string Chain = """
        { "providers": [ { "name": "openrouter", "priority": 1, "timeout": 700 }, { "name": "openai", "priority": 2, "model": "gpt-4o-mini" } ],
          "fallback": { "enabled": true }, "rules": [ { "name": "chat", "pattern": "/chat/completions", "timeout": 900 } ] }
        """;

    [Theory]
    [InlineData("gpt-4o", null, "openai:gpt-4o")]
    [InlineData("groq/llama-3-70b", null, "groq:llama-3-70b")]
    [InlineData("gemini-2.0-flash", null, "google-ai-studio:gemini-2.0-flash")]
    [InlineData("", null, "workers-ai:@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("gpt-4o", "xai", "grok:gpt-4o")]
    public void Of_NoProvidersInTheRules_FollowsTheModel(string model, string? provider, string expected) =>
        Assert.Equal([expected], Targets(CompiledRuleSet.Empty("gw"), model, provider));

    [Theory]
    [InlineData("gpt-4o", null, "openrouter:gpt-4o", "openai:gpt-4o-mini")]
    [InlineData("openai/gpt-4o", null, "openrouter:openai/gpt-4o", "openai:gpt-4o-mini")]
    [InlineData("gpt-4o", "openai", "openai:gpt-4o", null)]
    [InlineData("groq/llama-3-70b", null, "groq:llama-3-70b", null)]
    [InlineData("meta-llama/llama-3-70b-instruct", null, "openrouter:meta-llama/llama-3-70b-instruct", "openai:gpt-4o-mini")]
    [InlineData("gpt4", null, "openrouter:gpt-4", "openai:gpt-4o-mini")]
    [InlineData("", null, "openrouter:openai/gpt-4o-mini", "openai:gpt-4o-mini")]
    [InlineData("default", null, "openrouter:openai/gpt-4o-mini", "openai:gpt-4o-mini")]
    public void Of_ProvidersInTheRules_AreTheUpstreams(string model, string? provider, string first, string? second) =>
        Assert.Equal(second is null ? [first] : [first, second], Targets(Compile(Chain), model, provider));

    /// <summary>Each is asked in its own words: for its own default, and for Workers AI's spelling at Workers AI alone.</summary>
    [Theory]
    [InlineData("default", "groq:llama-3-70b", "openai:gpt-4o-mini", "workers-ai:@cf/meta/llama-4-scout-17b-16e-instruct", "custom-own:@cf/meta/llama-4-scout-17b-16e-instruct")]
    [InlineData("llama-3-70b-instruct", "groq:llama-3-70b-instruct", "openai:llama-3-70b-instruct", "workers-ai:llama-3.1-70b-instruct", "custom-own:llama-3-70b-instruct")]
    [InlineData("openai/gpt-4o", "groq:gpt-4o", "openai:gpt-4o", "workers-ai:gpt-4o", "custom-own:gpt-4o")]
    [InlineData("groq/llama-3-70b-instruct", "groq:llama-3-70b-instruct", "openai:llama-3-70b-instruct", "workers-ai:llama-3.1-70b-instruct", "custom-own:llama-3-70b-instruct")]
    [InlineData("gpt4", "groq:gpt-4", "openai:gpt-4", "workers-ai:gpt-4", "custom-own:gpt-4")]
    public void Of_ProvidersWithoutAModel_AreAskedInTheirOwnWords(string model, params string[] expected) => Assert.Equal(expected, Targets(
        Compile("""
            { "providers": [ { "name": "groq", "priority": 1 }, { "name": "openai", "priority": 2 }, { "name": "workers-ai", "priority": 3 }, { "name": "custom-own", "priority": 4 } ],
              "custom_providers": [ { "slug": "own", "name": "Own", "base_url": "https://llm.example/v1" } ] }
            """),
        model, null));

    [Fact]
    public void Of_Timeouts_TheUpstreamsOwnComesBeforeTheRules()
    {
        var (decision, _) = RouteDecision.Of("POST", Dialect.Chat, "gpt-4o", null, Compile(Chain));

        Assert.Equal([TimeSpan.FromMilliseconds(700), TimeSpan.FromMilliseconds(900)], decision!.Targets.Select(target => target.Timeout!.Value));
        Assert.Equal("chat", decision.Route.Rule);
    }

    [Fact]
    public void Of_UnknownProvider_IsTheCallersFault()
    {
        var (_, fault) = RouteDecision.Of("POST", Dialect.Chat, "gpt-4o", "opena1", CompiledRuleSet.Empty("gw"));

        Assert.Equal((400, "provider"), (fault!.Status, fault.Param));
        Assert.Contains("`openai`", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ProviderThatHasNoChat_IsRefused() =>
        Assert.Equal("unsupported_provider", RouteDecision.Of("POST", Dialect.Chat, "deepgram/nova", null, CompiledRuleSet.Empty("gw")).Fault!.Code);

    [Fact]
    public void Of_CustomProviderThatIsDeclared_IsAskedAtItsOwnPath()
    {
        var rules = CompiledRuleSet.Empty("gw") with { CustomProviders = [new CustomProviderEntry { Slug = "in-house", Name = "In house", BaseUrl = "https://llm.example/v1" }] };

        var target = Assert.Single(RouteDecision.Of("POST", Dialect.Chat, "custom-in-house/llama", null, rules).Decision!.Targets);

        Assert.Equal(("/custom-in-house/chat/completions", "llama"), (target.Provider.GatewayPathOf(Operations.Chat), target.Provider.WireModel(target.Model, Operations.Chat)));
    }

    [Theory]
    [InlineData("other", true)]
    [InlineData("in-house", false)]
    public void Of_CustomProviderThatIsNotDeclaredOrNotEnabled_IsRefused(string slug, bool enable)
    {
        var rules = CompiledRuleSet.Empty("gw") with { CustomProviders = [new CustomProviderEntry { Slug = slug, Name = "In house", BaseUrl = "https://llm.example/v1", Enable = enable }] };

        var (_, fault) = RouteDecision.Of("POST", Dialect.Chat, "custom-in-house/llama", null, rules);

        Assert.Equal("unsupported_provider", fault!.Code);
        Assert.Contains("custom_providers", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Targets(CompiledRuleSet rules, string model, string? provider) =>
        RouteDecision.Of("POST", Dialect.Chat, model, provider, rules).Decision!.Targets.Select(target => $"{target.Provider.Slug}:{target.Model}");

    private static CompiledRuleSet Compile(string json)
    {
        var reading = RuleSetReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.True(reading.IsValid, string.Join("; ", reading.Errors));
        return RuleSetCompiler.Compile("gw", [new Revision(new RevisionId("r", 1), "hash", reading.RuleSet!)]).RuleSet!;
    }
}
