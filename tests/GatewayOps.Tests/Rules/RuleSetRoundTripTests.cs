using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Tests.Rules;

public class RuleSetRoundTripTests
{
    [Fact]
    public void Read_TheCanonicalText_IsTheSameRuleSet() =>
        Prop.ForAll(AnyDocument.Documents.ToArbitrary(), document =>
        {
            var canonical = CanonicalJson.Text(JsonElement.Parse(document.ToJsonString()));
            var (first, second) = (Documents.Revision("a", document.ToJsonString()), Documents.Revision("a", canonical));
            return first.Hash == second.Hash
                && DocumentDiff.Between(first.Document, second.Document).Count == 0
                && CanonicalJson.Text(JsonElement.Parse(canonical)) == canonical
                && Enforcements(first).SequenceEqual(Enforcements(second));
        }).QuickCheckThrowOnFailure();

    [Fact, Trait("checklist", "S1-22")]
    public void Read_EveryPart_GivesItsValues()
    {
        var document = Documents.Valid("""
            {"rules":[{"pattern":"/a","match":{"key":"team-*","metadata":{"plan":"free","cf":"x"},"header":{"x-team":"core"}},"rate_limit":{"limit":5,"interval":60,"technique":"fixed"},"queue":{"concurrency":1,"depth":0,"timeout":3}}],
             "routes":[{"name":"r","from":"providers","model":"m"}],
             "policies":[{"name":"p","actor":"all","resource":{"provider":"openai"},"condition":"a['b)'] == 1","action":{"type":"block","except":true}}],
             "custom_providers":[{"slug":"own","name":"Own","base_url":"https://own.example:8443/v1"}],
             "quota":{"requests":1e3,"usd":0.25,"providers":{"gemini":{"tokens":7}}}}
            """);

        var rule = Assert.Single(document.Rules);
        Assert.Equal("team-*", rule.Match!.Key);
        Assert.Equal([new("plan", "free"), new("cf", "x")], rule.Match.Metadata);
        Assert.Equal([new("x-team", "core")], rule.Match.Header);
        Assert.Equal((new RateLimit(5, 60, RateLimitTechnique.Fixed), new Queue(1, 0, 3)), (rule.RateLimit!, rule.Queue!));
        Assert.Equal(("r", true, "m"), document.Routes.Select(route => (route.Name, route.IsCompiled, route.Model)).Single());
        var policy = Assert.Single(document.Policies);
        Assert.Equal(("p", "all", null, "openai", "a['b)'] == 1"), (policy.Name, policy.Actor, policy.Model, policy.Provider, policy.Condition));
        Assert.Equal("""{"type":"block","except":true}""", policy.Action.ToJsonString());
        Assert.Equal(new CustomProviderEntry { Slug = "own", Name = "Own", BaseUrl = "https://own.example:8443/v1" }, Assert.Single(document.CustomProviders));
        Assert.Equal(new QuotaAmounts(1000, null, 0.25m), document.Quota!.Gateway);
        Assert.Equal(new QuotaAmounts(null, 7, null), document.Quota.Providers["google-ai-studio"]);
    }

    [Theory]
    [InlineData("x-team", null)]
    [InlineData("X-Team", RuleSetErrorCodes.InvalidValue)]
    [InlineData("x team", RuleSetErrorCodes.InvalidValue)]
    [InlineData("x-team\\r\\nx-other", RuleSetErrorCodes.InvalidValue)]
    [InlineData("x-t\\u00e9am", RuleSetErrorCodes.InvalidValue)]
    [InlineData("", RuleSetErrorCodes.OutOfRange)]
    [InlineData("authorization", RuleSetErrorCodes.CredentialHeader)]
    [InlineData("Cookie", RuleSetErrorCodes.CredentialHeader)]
    [InlineData("x-api-key", RuleSetErrorCodes.CredentialHeader)]
    [InlineData("cf-aig-authorization", RuleSetErrorCodes.CredentialHeader)]
    [InlineData("X-AUTH-TOKEN", RuleSetErrorCodes.CredentialHeader)]
    public void Read_AHeaderName_IsLowerCaseAndNoCredential(string name, string? code)
    {
        var json = $$$$"""{"rules":[{"pattern":"/a","match":{"header":{"{{{{name}}}}":"core"}}}]}""";

        Assert.Equal(code, Documents.Read(json).Errors.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("a\\r\\nb")]
    [InlineData("a\\u0000")]
    [InlineData("a\\u009f")]
    public void Read_AControlCharacterInAnyText_IsRefused(string text)
    {
        foreach (var json in (string[])[
            $$$$"""{"rules":[{"pattern":"/a","match":{"header":{"x-a":"{{{{text}}}}"}}}]}""",
            $$$"""{"rules":[{"pattern":"/a","match":{"key":"{{{text}}}"}}]}""",
            $$$$"""{"rules":[{"pattern":"/a","match":{"metadata":{"{{{{text}}}}":"b"}}}]}""",
            $$$"""{"policies":[{"name":"{{{text}}}","actor":"all","resource":"*","action":{"type":"block"}}]}""",
            $$$"""{"custom_providers":[{"slug":"a","name":"A","base_url":"https://a.example","description":"{{{text}}}"}]}""",
        ])
        {
            Assert.Equal(RuleSetErrorCodes.InvalidValue, Documents.SingleError(json).Code);
        }
    }

    // Nothing has looked at what stands beside a kind that there is not.
    [Theory]
    [InlineData("""{"policies":[{"name":"a","actor":"all","resource":"*","action":{"type":"allow","except":"x","amount":{}}}]}""", "/policies/0/action/type")]
    [InlineData("""{"routes":[{"name":"a","elements":[{"id":"s","type":"stop","outputs":7},{"id":"e","type":"end"}]}]}""", "/routes/0/elements/0/type")]
    public void Read_AnObjectOfAnUnknownKind_IsOneError(string json, string pointer) =>
        Assert.Equal((RuleSetErrorCodes.InvalidValue, pointer), Documents.SingleError(json) is var error ? (error.Code, error.Pointer) : default);

    // As many rules as a document may have, and nearly as large: read in bounded time, and every byte over is refused unread.
    [Fact]
    public void Read_TenThousandRules_IsValid()
    {
        var rules = string.Join(',', Enumerable.Range(0, 10_000).Select(n => $$$"""{"name":"rule-{{{n}}}","pattern":"/team-{{{n}}}/chat/completions","match":{"key":"team-{{{n}}}","metadata":{"plan":"free"}},"timeout":{{{n + 1}}}}"""));

        Assert.Equal(10_000, Documents.Valid($$"""{"rules":[{{rules}}]}""").Rules.Count);
    }

    // Members of objects have no order, so neither have the places that they are told in.
    private static IEnumerable<string> Enforcements(Revision revision) =>
        (RuleSetCompiler.CompileAlone("gw", revision).RuleSet?.Enforcements ?? []).Select(enforcement => enforcement.ToString()).Order(StringComparer.Ordinal);
}
