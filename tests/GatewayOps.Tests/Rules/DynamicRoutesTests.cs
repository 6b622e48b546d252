using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class DynamicRoutesTests
{
    private const string Providers = """
        "providers":[{"name":"groq","priority":3,"model":"c"},{"name":"openai","priority":1,"timeout":2000,"model":"a"},{"name":"xai","priority":2}]
        """;

    [Theory]
    [InlineData(null, "openai 0, grok 0, groq 0")]
    [InlineData(0, "openai 0")]
    [InlineData(1, "openai 0, grok 0")]
    [InlineData(3, "openai 1, grok 0, groq 0")]
    [InlineData(4, "openai 1, grok 1, groq 0")]
    [InlineData(10, "openai 3, grok 3, groq 2")]
    public void Compile_ShortForm_DealsTheAttemptsOfTheProxyOut(int? retries, string expected)
    {
        var fallback = retries is null ? """{"enabled":true}""" : $$"""{"enabled":true,"retry_count":{{retries}}}""";

        Assert.Equal(expected, Models(Elements($$"""{{{Providers}},"fallback":{{fallback}},"routes":[{"name":"chat","from":"providers","model":"b"}]}""")));
    }

    [Fact]
    public void Compile_ShortFormWithoutFallback_AsksTheFirstAlone() =>
        Assert.Equal("openai 0", Models(Elements($$"""{{{Providers}},"routes":[{"name":"chat","from":"providers","model":"b"}]}""")));

    [Fact]
    public void Compile_ShortForm_GivesThisGraph()
    {
        var elements = Elements($$"""{{{Providers}},"fallback":{"enabled":true,"retry_count":1},"routes":[{"name":"chat","from":"providers","model":"b"}]}""");

        Assert.Equal(
            """
            {"id":"start","type":"start","outputs":{"next":{"elementId":"attempt-1"}}}
            {"id":"attempt-1","type":"model","properties":{"provider":"openai","model":"a","timeout":2000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"attempt-2"}}}
            {"id":"attempt-2","type":"model","properties":{"provider":"grok","model":"b","timeout":120000,"retries":0},"outputs":{"success":{"elementId":"end"},"fallback":{"elementId":"end"}}}
            {"id":"end","type":"end","outputs":{}}
            """,
            string.Join('\n', elements.Select(element => element!.ToJsonString())));
    }

    [Fact]
    public void Compile_ShortFormAndAProviderWithoutModel_SaysWhich()
    {
        var error = Assert.Single(Compile(("a", $$"""{{{Providers}},"fallback":{"enabled":true},"routes":[{"name":"chat","from":"providers"}]}""")).Errors);

        Assert.Equal((RuleSetErrorCodes.RouteProviders, "/routes/0"), (error.Code, error.Pointer));
        Assert.Contains("ask grok for", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"chat\" of a@1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_ShortFormWithoutProviders_IsAnErrorButOfADraftAloneOnlyAReport()
    {
        var draft = Documents.Revision("a", """{"routes":[{"name":"chat","from":"providers","model":"m"}]}""");

        Assert.Equal((RuleSetErrorCodes.RouteProviders, "/routes/0"), RuleSetCompiler.Compile("gw", [draft]).Errors is [var error] ? (error.Code, error.Pointer) : default);
        var alone = RuleSetCompiler.CompileAlone("gw", draft).RuleSet!;
        Assert.Empty(alone.DynamicRoutes);
        Assert.All(alone.Enforcements, enforcement => Assert.Equal((EnforcementPoint.Reported, "no effect yet: no rule set gives providers"), (enforcement.Point, enforcement.Detail)));
    }

    [Fact]
    public void Compile_ShortForm_TakesTheProvidersOfAnotherFile() =>
        Assert.Equal("openai 0", Models(Compile(("a", """{"routes":[{"name":"chat","from":"providers"}]}"""), ("b", """{"providers":[{"name":"openai","priority":1,"model":"m"}]}""")).RuleSet!.DynamicRoutes[0].Elements));

    [Fact]
    public void Compile_HandWritten_ResolvesAliasesAndLeadsMissingFallbacksToTheEnd()
    {
        const string document = """
            {"routes":[{"name":"r","elements":[{"id":"s","type":"start","outputs":{"next":{"elementId":"m"}}},
              {"id":"m","type":"model","properties":{"provider":"xai","model":"grok-2","timeout":1.0e3,"retries":0},"outputs":{"success":{"elementId":"z"}}},{"id":"z","type":"end"}]}]}
            """;

        var elements = Elements(document);

        Assert.Equal(
            """{"id":"m","type":"model","properties":{"provider":"grok","model":"grok-2","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"z"},"fallback":{"elementId":"z"}}}""", elements[1]!.ToJsonString());
        Assert.Equal("""{"id":"z","type":"end","outputs":{}}""", elements[2]!.ToJsonString());
    }

    // What we hand to Cloudflare satisfies what we demand of others, whatever the providers are.
    [Fact]
    public void Compile_AnyProviders_GivesAGraphThatTheReaderAccepts() =>
        Prop.ForAll((from count in FsCheck.Fluent.Gen.Choose(1, 8) from retries in FsCheck.Fluent.Gen.Choose(0, 10) select (count, retries)).ToArbitrary(), given =>
        {
            var providers = string.Join(',', Enumerable.Range(1, given.count).Select(n => $$"""{"name":"custom-{{n}}","priority":{{n}},"model":"m{{n}}"}"""));
            var elements = Elements($$"""{"providers":[{{providers}}],"fallback":{"enabled":true,"retry_count":{{given.retries}}},"routes":[{"name":"r","from":"providers"}]}""");
            var attempts = elements.Where(element => (string)element!["type"]! == "model").Sum(element => 1 + (int)element!["properties"]!["retries"]!);
            return attempts == given.retries + 1 && Documents.Read($$"""{"routes":[{"name":"r","elements":{{elements.ToJsonString()}}}]}""").IsValid;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("""{"routes":[{"name":"chat","from":"providers","model":"m"}],"providers":[{"name":"openai","priority":1}]}""", """{"routes":[{"name":"x","from":"providers","model":"m"},{"name":"chat","from":"providers","model":"n"}]}""", "/routes/1", "the route \"chat\"")]
    [InlineData("""{"policies":[{"name":"a/b","actor":"all","resource":"*","action":{"type":"no-limit"}}]}""", """{"policies":[{"name":"a/b","actor":"all","resource":"*","action":{"type":"block"}}]}""", "/policies/0", "the policy \"a/b\"")]
    [InlineData("""{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example"}]}""", """{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example"}]}""", "/custom_providers/0", "the custom provider \"a\"")]
    [InlineData("""{"quota":{"usd":5}}""", """{"quota":{"requests":5}}""", "/quota", "quota")]
    public void Compile_TwoFilesGiveOneName_IsAConflictThatNamesBothAndPointsIntoTheSecond(string a, string b, string pointer, string what)
    {
        var error = Assert.Single(Compile(("a", a), ("b", b)).Errors);

        Assert.Equal((RuleSetErrorCodes.Conflict, pointer), (error.Code, error.Pointer));
        Assert.StartsWith($"a@1 and b@1 both give {what} with priority 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_TheLargerPriority_GivesTheNameAndTheOtherIsReportedWhole()
    {
        var compiled = Compile(
            ("a", """{"quota":{"usd":5},"policies":[{"name":"p","actor":"all","resource":"*","action":{"type":"block","except":false}},{"name":"q","actor":"all","resource":"*","condition":"true","action":{"type":"no-limit"}}]}"""),
            ("b", """{"priority":1,"quota":{"requests":7,"providers":{"xai":{"tokens":9}}},"policies":[{"name":"p","actor":"us","resource":{"model":"gpt-*"},"action":{"type":"limit","amount":2.5,"period":"daily"}}]}""")).RuleSet!;

        Assert.Equal([("p", "us", "gpt-*"), ("q", "all", null)], compiled.Policies.Select(policy => (policy.Name, policy.Actor, policy.Model)));
        Assert.Equal("""{"type":"limit","amount":2.5,"period":"daily","technique":"named-interval"}""", compiled.Policies[0].Action.ToJsonString());
        Assert.Equal(new QuotaAmounts(7, null, null), compiled.Quota!.Gateway);
        Assert.Equal(new QuotaAmounts(null, 9, null), compiled.Quota.Providers["grok"]);
        Assert.Equal(
            ["/quota/usd", "/policies/0/name", "/policies/0/actor", "/policies/0/resource", "/policies/0/action/type", "/policies/0/action/except"],
            compiled.Enforcements.Where(e => e is { Point: EnforcementPoint.Reported, Detail: "no effect: b@1 has the larger priority" }).Select(e => e.Pointer));
    }

    [Fact]
    public void Compile_RateLimitAndQueue_ReachTheRoute()
    {
        var route = Documents.Match("""{"rules":[{"pattern":"/**","rate_limit":{"limit":5,"interval":60},"queue":{"concurrency":1,"depth":2,"timeout":3}}]}""");

        Assert.Equal((new RateLimit(5, 60, RateLimitTechnique.Sliding), new Queue(1, 2, 3)), (route.RateLimit!, route.Queue!));
    }

    [Theory]
    [InlineData("teams")]
    [InlineData("routes")]
    [InlineData("policies")]
    public void Compile_Sample_GivesThisText(string sample) => Golden.Matches(
        $"rules/{sample}.compiled.txt", CompiledText.Of(Compile((sample, File.ReadAllText(Repository.File($"controlplane/samples/{sample}.json")))).RuleSet!));

    private static Compilation Compile(params (string Name, string Json)[] documents) => RuleSetCompiler.Compile("gw", [.. documents.Select(document => Documents.Revision(document.Name, document.Json))]);

    private static JsonArray Elements(string json) => Assert.Single(Documents.Compiled(json).DynamicRoutes).Elements;

    private static string Models(JsonArray elements) =>
        string.Join(", ", elements.Where(element => (string)element!["type"]! == "model").Select(element => $"{element!["properties"]!["provider"]} {element["properties"]!["retries"]}"));
}
