using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Rules;

public class RuleSetCompilerTests
{
    [Fact]
    public void Compile_NothingActive_IsTheEmptyRuleSet()
    {
        var compiled = RuleSetCompiler.Compile("gw", []).RuleSet!;

        Assert.Equal("none", compiled.Label);
        Assert.Equal(Route.Default, compiled.Routes.Match(new RequestFacts("POST", "/chat/completions", "gpt-4o", "openai")) with { Upstreams = Route.Default.Upstreams });
    }

    [Fact]
    public void Compile_SeveralFiles_PoolsTheirRulesAndNamesEveryRevision()
    {
        var compiled = Compile(
            Documents.Revision("b", """{"rules":[{"name":"chat","pattern":"/chat/*"}],"settings":{"cache_ttl":60}}""", 7),
            Documents.Revision("a", """{"rules":[{"name":"all","pattern":"/**"}],"providers":[{"name":"groq","priority":1}],"settings":{"collect_logs":true}}""")).RuleSet!;

        Assert.Equal("a@1+b@7", compiled.Label);
        Assert.Equal(["chat", "all"], compiled.Routes.Entries.Select(entry => entry.Route.Rule));
        Assert.All(compiled.Routes.Entries, entry => Assert.Equal("groq", Assert.Single(entry.Route.Upstreams).Provider));
        Assert.Equal(["cache_ttl", "collect_logs"], compiled.Settings.Keys);
    }

    [Fact]
    public void Compile_RulesOfTwoFilesTie_NamesBothFiles()
    {
        var error = Assert.Single(Compile(
            Documents.Revision("b", """{"rules":[{"pattern":"/chat/*"}]}"""),
            Documents.Revision("a", """{"rules":[{"name":"left","pattern":"/*/completions"}]}""")).Errors);

        Assert.Equal((RuleSetErrorCodes.RulesTie, "/rules/0"), (error.Code, error.Pointer));
        Assert.Contains("rules/0 of b@1 (/chat/*) and left of a@1 (/*/completions)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"settings":{"cache_ttl":60}}""", """{"settings":{"cache_ttl":60}}""", "/settings/cache_ttl")]
    [InlineData("""{"fallback":{"enabled":true}}""", """{"fallback":{"enabled":false}}""", "/fallback")]
    [InlineData("""{"providers":[{"name":"groq","priority":1}]}""", """{"providers":[{"name":"openai","priority":2}]}""", "/providers")]
    public void Compile_TwoFilesGiveOneThing_IsAConflictThatNamesBoth(string a, string b, string pointer)
    {
        var error = Assert.Single(Compile(Documents.Revision("a", a), Documents.Revision("b", b)).Errors);

        Assert.Equal((RuleSetErrorCodes.Conflict, pointer), (error.Code, error.Pointer));
        Assert.StartsWith("a@1 and b@1 both give", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_OneFileHasTheLargerPriority_ItsWordCountsAndTheOtherIsReported()
    {
        var compiled = Compile(
            Documents.Revision("a", """{"priority":2,"settings":{"cache_ttl":60}}"""),
            Documents.Revision("b", """{"settings":{"cache_ttl":900,"collect_logs":false}}"""),
            Documents.Revision("c", """{"settings":{"cache_ttl":901}}""")).RuleSet!;

        Assert.Equal(60, compiled.Settings["cache_ttl"]!.GetValue<long>());
        Assert.Equal(
            [new RevisionId("b", 1), new RevisionId("c", 1)],
            compiled.Enforcements.Where(e => e is { Point: EnforcementPoint.Reported, Detail: "no effect: a@1 has the larger priority" }).Select(e => e.Source));
    }

    [Fact]
    public void Compile_FieldOfPulumi_IsReportedAndNotWritten()
    {
        var enforcement = Assert.Single(Documents.Compiled("""{"settings":{"authentication":true}}""").Enforcements);

        Assert.Equal((EnforcementPoint.Reported, "/settings/authentication"), (enforcement.Point, enforcement.Pointer));
    }

    [Fact]
    public void Compile_Sample_GivesThisText() => Golden.Matches("rules/production-rules.compiled.txt", CompiledText.Of(
        RuleSetCompiler.Compile("openai-compat", [Documents.Revision("production-rules", File.ReadAllText(Repository.File("controlplane/samples/production-rules.json")))]).RuleSet!));

    [Fact]
    public void Compile_SeveralFiles_GivesThisText() => Golden.Matches("rules/merged.compiled.txt", CompiledText.Of(Compile(
        Documents.Revision("base", """
            {"$schema":"https://example.com/s.json","name":"base","gateways":["gw"],"priority":-1,
             "rules":[{"pattern":"/**","cache":{"enabled":false,"ttl":60}},{"name":"slow","pattern":"/chat/completions","match":{"model":"o3*","provider":"openai"},"timeout":60000,"collect_log":false}],
             "providers":[{"name":"openai","priority":5},{"name":"cloudflare","priority":1,"model":"@cf/meta/llama-3.1-70b-instruct"}],
             "settings":{"cache_ttl":60,"byok_only":true,"rate_limiting_limit":1e2}}
            """),
        Documents.Revision("team", """{"rules":[{"name":"cache","pattern":"/chat/*","cache":{"enabled":true,"key":["messages"],"share":true}}],"settings":{"cache_ttl":600.0}}""", 4)).RuleSet!));

    [Fact]
    public void Compile_AnyDocuments_AccountsForEveryLeafExactlyOnce() =>
        Prop.ForAll(Revisions.ToArbitrary(), revisions =>
        {
            if (RuleSetCompiler.Compile("gw", revisions.Select(r => r.Revision).ToList()) is not { RuleSet: { } compiled })
                return true;
            var said = revisions.SelectMany(r => Leaves(r.Document, "").Select(pointer => $"{r.Revision.Id} {pointer}"));
            return said.Order().SequenceEqual(compiled.Enforcements.Select(e => $"{e.Source} {e.Pointer}").Order());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Compile_ActiveInAnotherOrder_GivesTheSame() =>
        Prop.ForAll(Revisions.ToArbitrary(), revisions =>
        {
            var one = RuleSetCompiler.Compile("gw", revisions.Select(r => r.Revision).ToList());
            var other = RuleSetCompiler.Compile("gw", revisions.Select(r => r.Revision).Reverse().ToList());
            return one.Errors.SequenceEqual(other.Errors) && (one.RuleSet is null || CompiledText.Of(one.RuleSet) == CompiledText.Of(other.RuleSet!));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Match_RulesInAnotherOrder_GivesTheSameRule()
    {
        var patterns = Gen.Elements("/**", "/a", "/a/*", "/*/b", "/a/b", "/a/**", "/**/b", "/a*", "/*");
        var conditions = Gen.Elements("*", "m*", "*n", "mn", "m*n");
        var rule = from pattern in patterns from model in conditions from provider in conditions select $$$"""{"pattern":"{{{pattern}}}","match":{"model":"{{{model}}}","provider":"custom-{{{provider}}}"}}""";
        var requests = (from path in new[] { "/a", "/a/b", "/c/b", "/a/b/c" } from model in new[] { "m", "n", "mn" } from provider in new[] { "custom-mn", "custom-m" } select new RequestFacts("POST", path, model, provider)).ToList();

        Prop.ForAll(rule.NonEmptyListOf().ToArbitrary(), rules =>
        {
            var named = rules.Distinct().Take(4).Select((text, n) => $$"""{"name":"r{{n}}",{{text[1..]}}""").ToList();
            if (!Documents.Read($$"""{"rules":[{{string.Join(',', named)}}]}""").IsValid)
                return true;
            var one = Documents.Compiled($$"""{"rules":[{{string.Join(',', named)}}]}""").Routes;
            var other = Documents.Compiled($$"""{"rules":[{{string.Join(',', Enumerable.Reverse(named))}}]}""").Routes;
            return requests.All(request => one.Match(request).Rule == other.Match(request).Rule);
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<List<(Revision Revision, JsonObject Document)>> Revisions =>
        from a in AnyDocument.Documents
        from b in AnyDocument.Documents
        select new[] { ("a", a), ("b", b) }.Select(entry => (Documents.Revision(entry.Item1, entry.Item2.ToJsonString()), entry.Item2)).ToList();

    private static Compilation Compile(params Revision[] active) => RuleSetCompiler.Compile("gw", active);

    // The definition in other words: a list of texts is one leaf, a gateway field and a route's condition are one leaf, empty things are none.
    private static IEnumerable<string> Leaves(JsonNode? node, string at) => node switch
    {
        JsonObject fields when at == "/settings" => fields.Select(field => $"{at}/{field.Key}"),
        JsonObject { Count: 1 } properties when properties.ContainsKey("conditions") => [$"{at}/conditions"],
        JsonObject members => members.SelectMany(member => Leaves(member.Value, $"{at}/{member.Key.Replace("/", "~1")}")),
        JsonArray { Count: 0 } => [],
        JsonArray items when items[0] is JsonObject => items.SelectMany((item, index) => Leaves(item, $"{at}/{index}")),
        _ => [at],
    };
}
