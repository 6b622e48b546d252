using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Rules;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Content;

/// <summary>Each fault that a document can have, through HTTP: its code, the pointer to the place, and nothing stored.</summary>
public sealed class SchemaFaultTests
{
    private const string Start = """{"id":"start","type":"start","outputs":{"next":{"elementId":"m"}}}""";
    private const string Model = """{"id":"m","type":"model","properties":{"provider":"openai","model":"gpt-4o","timeout":1000,"retries":0},"outputs":{"success":{"elementId":"end"}}}""";
    private const string End = """{"id":"end","type":"end"}""";

    private static readonly (string Code, string Pointer, string Document)[] Faults =
    [
        (RuleSetErrorCodes.InvalidText, "/name", """{"name":"\ud800"}"""),
        (RuleSetErrorCodes.DuplicateKey, "/settings/cache_ttl", """{"settings":{"cache_ttl":60,"cache_ttl":70}}"""),
        (RuleSetErrorCodes.UnknownField, "/rules/0/cash", """{"rules":[{"pattern":"/a","cash":{}}]}"""),
        (RuleSetErrorCodes.NotSupported, "/settings/stripe", """{"settings":{"stripe":{}}}"""),
        (RuleSetErrorCodes.WrongType, "/rules/0/queue/depth", """{"rules":[{"pattern":"/a","queue":{"concurrency":1,"depth":"2","timeout":3}}]}"""),
        (RuleSetErrorCodes.Required, "/providers/0", """{"providers":[{"name":"openai"}]}"""),
        (RuleSetErrorCodes.OutOfRange, "/rules/0/rate_limit/interval", """{"rules":[{"pattern":"/a","rate_limit":{"limit":1,"interval":0}}]}"""),
        (RuleSetErrorCodes.OutOfRange, "/quota/providers/openai/usd", """{"quota":{"providers":{"openai":{"usd":-1}}}}"""),
        (RuleSetErrorCodes.InvalidValue, "/policies/0/action/period", """{"policies":[{"name":"p","actor":"{metadata.team}","resource":"*","action":{"type":"limit","amount":1,"period":"yearly"}}]}"""),
        (RuleSetErrorCodes.InvalidPattern, "/rules/0/pattern", """{"rules":[{"pattern":"/v1/chat/completions"}]}"""),
        (RuleSetErrorCodes.UnknownProvider, "/rules/0/match/provider", """{"rules":[{"pattern":"/a","match":{"provider":"opnai"}}]}"""),
        (RuleSetErrorCodes.DuplicateName, "/rules/1/name", """{"rules":[{"name":"a","pattern":"/a"},{"name":"a","pattern":"/b"}]}"""),
        (RuleSetErrorCodes.DuplicatePriority, "/providers/1/priority", """{"providers":[{"name":"openai","priority":1},{"name":"grok","priority":1}]}"""),
        (RuleSetErrorCodes.CredentialHeader, "/rules/0/match/header/authorization", """{"rules":[{"pattern":"/a","match":{"header":{"authorization":"*"}}}]}"""),
        (RuleSetErrorCodes.InvalidExpression, "/policies/0/condition", """{"policies":[{"name":"p","actor":"{metadata.team}","resource":"*","condition":"((","action":{"type":"block"}}]}"""),
        (RuleSetErrorCodes.RouteStart, "/routes/0/elements", Route(Model, End)),
        (RuleSetErrorCodes.RouteEnd, "/routes/0/elements", Route(Start, Model.Replace("\"elementId\":\"end\"", "\"elementId\":\"m\"", StringComparison.Ordinal))),
        (RuleSetErrorCodes.RouteDanglingEdge, "/routes/0/elements/1/outputs/success/elementId", Route(Start, Model.Replace("\"elementId\":\"end\"", "\"elementId\":\"gone\"", StringComparison.Ordinal), End)),
        (RuleSetErrorCodes.RouteUnreachable, "/routes/0/elements/1", Route(Start.Replace("\"m\"", "\"end\"", StringComparison.Ordinal), Model, End)),
        (RuleSetErrorCodes.RouteCycle, "/routes/0/elements/1/outputs/fallback/elementId", Route(Start, Model.Replace("\"success\"", "\"fallback\":{\"elementId\":\"m\"},\"success\"", StringComparison.Ordinal), End)),
        (RuleSetErrorCodes.RoutePercentages, "/routes/0/elements/1/outputs", Route(Start, """{"id":"m","type":"percentage","outputs":{"50%":{"elementId":"end"},"49%":{"elementId":"end"}}}""", End)),
        (RuleSetErrorCodes.RouteProviders, "/routes/0", """{"routes":[{"name":"r","from":"providers"}],"providers":[{"name":"openai","priority":1}]}"""),
        (RuleSetErrorCodes.RulesTie, "/rules/1", """{"rules":[{"pattern":"/a"},{"pattern":"/a"}]}"""),
    ];

    // What one document cannot show: it is no JSON, too large, or needs another rule set or thousands of rules.
    private static readonly string[] Elsewhere =
        [RuleSetErrorCodes.InvalidJson, RuleSetErrorCodes.TooLarge, RuleSetErrorCodes.Conflict, RuleSetErrorCodes.TooManyOverlaps, RuleSetErrorCodes.MoreErrors];

    [Fact]
    public void Faults_AreEveryCodeThatThereIs() => Assert.Equal(
        typeof(RuleSetErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).Order(),
        Faults.Select(fault => fault.Code).Concat(Elsewhere).Distinct().Order());

    [Fact]
    public async Task EachFault_IsRefusedWithItsCodeAndPlace_AndNothingIsStored()
    {
        await using var service = await TestService.StartAsync();
        var wrong = new List<string>();
        foreach (var (code, pointer, document) in Faults)
        {
            foreach (var path in new[] { "content?name=x", "content/validate" })
            {
                using var content = new StringContent(document, Encoding.UTF8, "application/json");
                using var response = await service.Operator.PostAsync($"/api/v1/{path}", content);
                var text = await response.Content.ReadAsStringAsync();
                Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, $"{path} {document}: {(int)response.StatusCode} {text}");
                var errors = JsonNode.Parse(text)!["errors"]!.AsArray().Select(error => $"{error!["code"]} {error["pointer"]}").ToList();
                if (!errors.Contains($"{code} {pointer}"))
                {
                    wrong.Add($"{document} is to be {code} {pointer} and is {string.Join(", ", errors)}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Empty(await service.Database.QueryAsync<string>("select name from rule_sets"));
    }

    private static string Route(params string[] elements) => $$"""{"routes":[{"name":"r","elements":[{{string.Join(',', elements)}}]}]}""";
}
