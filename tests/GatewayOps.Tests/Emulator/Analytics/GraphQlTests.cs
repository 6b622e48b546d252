using System.Net;
using System.Text.Json;

namespace GatewayOps.Tests.Emulator.Analytics;

/// <summary>The language: what a GraphQL client may write, and what it hears when it errs.</summary>
public sealed class GraphQlTests(AnalyticsFixture fixture) : IClassFixture<AnalyticsFixture>
{
    [Fact]
    public async Task Query_VariablesAliasesFragmentsAndDirectives_AreObeyed()
    {
        var world = fixture.World;
        var (status, body) = await world.AskAsync(new
        {
            operationName = "Second",
            query = """
                query First { viewer { budget } }
                # the one that is asked for
                query Second($acct: String!, $gateways: [String!]!, $limit: uint64! = 5, $with: Boolean = false) {
                  viewer { ... on Viewer { accounts(filter: {accountTag: $acct}) {
                    mine: aiGatewayRequestsAdaptiveGroups(limit: $limit, filter: {gateway_in: $gateways}) { ...Figures name: __typename }
                  } } }
                }
                fragment Figures on AccountAiGatewayRequestsAdaptiveGroups { total: count count @include(if: $with) sum @skip(if: true) { cost } sum { tokensIn } }
                """,
            variables = new { acct = "dev-account", gateways = new[] { "gw-a" } },
        });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"viewer":{"accounts":[{"mine":[{"total":1,"sum":{"tokensIn":10},"name":"AccountAiGatewayRequestsAdaptiveGroups"}]}]}}""",
            body.GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData("{ viewer { budget ", "error parsing query: expected a name, found the end at line 1, column 19")]
    [InlineData("{ viewer { } }", "error parsing query: a selection is empty")]
    [InlineData("{ viewer { budget } } %", "error parsing query: unexpected character '%' at line 1, column 23")]
    [InlineData("""{ viewer(a: "x) { budget } }""", "error parsing query: a string does not end")]
    [InlineData("mutation { x }", "mutations are not supported")]
    [InlineData("", "error parsing query: there is no operation")]
    [InlineData("{ viewer { nothing } }", "unknown field \"nothing\"")]
    [InlineData("{ viewer { budget { x } } }", "scalar fields must have not selections")]
    [InlineData("{ viewer { ...Lost } }", "unknown fragment \"Lost\"")]
    [InlineData("{ viewer { ...A } } fragment A on Viewer { ...A }", "fragment \"A\" contains itself")]
    [InlineData("{ viewer @cached { budget } }", "unknown directive \"@cached\"")]
    [InlineData("query($a: Int!) { viewer { budget } }", "variable \"$a\" is required")]
    [InlineData("{ viewer { accounts { settings { x { y } } } } }", "error parsing args for \"accounts\"")]
    [InlineData("query A { viewer { budget } } query B { viewer { budget } }", "the document has several operations")]
    public async Task Query_Malformed_Is400AndSaysWhat(string query, string message)
    {
        var world = fixture.World;
        var (status, error) = await world.FailAsync(query);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(message, error.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("", "count", "limit must be a whole number between 1 and 10000")]
    [InlineData("limit: 0", "count", "limit must be a whole number between 1 and 10000")]
    [InlineData("limit: 10001", "count", "limit must be a whole number between 1 and 10000")]
    [InlineData("limit: 1, first: 2", "count", "unknown arg first")]
    [InlineData("limit: 1, filter: {colour: 1}", "count", "unknown arg colour")]
    [InlineData("limit: 1, filter: {model_has: \"x\"}", "count", "unknown arg model_has")]
    [InlineData("limit: 1, filter: {statusCode: \"x\"}", "count", "statusCode must be a number")]
    [InlineData("limit: 1, filter: {datetime_geq: \"yesterday\"}", "count", "datetime_geq must be a Time (RFC 3339)")]
    [InlineData("limit: 1, filter: {model_in: \"x\"}", "count", "model_in must be a list")]
    [InlineData("limit: 1, filter: 3", "count", "filter must be an object")]
    [InlineData("limit: 1, orderBy: [model]", "count", "orderBy model must end in _ASC or _DESC")]
    [InlineData("limit: 1, orderBy: [colour_ASC]", "count", "unknown orderBy colour_ASC")]
    public async Task Dataset_WrongArguments_Are400WithTheNode(string arguments, string selection, string message)
    {
        var world = fixture.World;
        var (status, error) = await world.FailAsync(AnalyticsWorld.Query(arguments, selection).Replace("()", "", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, $"error parsing args for \"aiGatewayRequestsAdaptiveGroups\": {message}"), (status, error.GetProperty("message").GetString()));
        Assert.Equal("""["viewer","accounts","0","aiGatewayRequestsAdaptiveGroups"]""", error.GetProperty("path").GetRawText());
    }

    [Theory]
    [InlineData("count { x }", "scalar fields must have not selections")]
    [InlineData("sum", "\"sum\" needs a selection")]
    [InlineData("sum { colour }", "unknown field \"colour\"")]
    [InlineData("colour", "unknown field \"colour\"")]
    [InlineData("dimensions { model { x } }", "scalar fields must have not selections")]
    public async Task Dataset_WrongSelection_Is400(string selection, string message)
    {
        var world = fixture.World;
        var (status, error) = await world.FailAsync(AnalyticsWorld.Query("limit: 1", selection));
        Assert.Equal((HttpStatusCode.BadRequest, message), (status, error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Account_OfSomebodyElse_IsNotAuthorized()
    {
        var world = fixture.World;
        var (status, error) = await world.FailAsync("""{ viewer { accounts(filter: {accountTag: "another"}) { aiGatewayRequestsAdaptiveGroups(limit: 1) { count } } } }""");
        Assert.Equal((HttpStatusCode.OK, "authz"), (status, error.GetProperty("extensions").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData(40, false)]
    [InlineData(2, true)]
    public async Task Query_NestedOrGrowing_IsBounded(int size, bool fragments)
    {
        var world = fixture.World;
        var query = fragments
            ? "{ viewer { ...F0 } } " + string.Concat(Enumerable.Range(0, 25).Select(n => $"fragment F{n} on Viewer {{ {string.Concat(Enumerable.Repeat($"...F{n + 1} ", size))} }} ")) + "fragment F25 on Viewer { budget }"
            : "{ viewer " + string.Concat(Enumerable.Repeat("{ viewer ", size)) + string.Concat(Enumerable.Repeat("}", size)) + "}";
        var (status, error) = await world.FailAsync(query);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Matches("more than", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Introspection_NamesTheFilterAndWhatItTakes()
    {
        var world = fixture.World;
        var (_, body) = await world.AskAsync(new
        {
            query = """
                { __type(name: "AccountAiGatewayRequestsAdaptiveGroupsFilter_InputObject") { kind inputFields { name type { kind name ofType { name } } } }
                  nothing: __type(name: "Nothing") { name } __schema { queryType { name } types { name } } }
                """,
        });
        var data = body.GetProperty("data");
        var inputs = data.GetProperty("__type").GetProperty("inputFields").EnumerateArray().ToDictionary(field => field.GetProperty("name").GetString()!, field => field.GetProperty("type").GetRawText());
        Assert.Equal("""{"kind":"SCALAR","name":"Time","ofType":null}""", inputs["datetimeHour_geq"]);
        Assert.Equal("""{"kind":"LIST","name":null,"ofType":{"name":"string"}}""", inputs["model_in"]);
        Assert.Equal(JsonValueKind.Null, data.GetProperty("nothing").ValueKind);
        Assert.Contains("AccountAiGatewayRequestsAdaptiveGroups", data.GetProperty("__schema").GetProperty("types").EnumerateArray().Select(type => type.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"query": 3}""")]
    public async Task Body_NotAQuery_Is400(string body)
    {
        var world = fixture.World;
        using var http = world.Emulator.NewClient("/client/v4/");
        http.DefaultRequestHeaders.Authorization = world.Emulator.Management.DefaultRequestHeaders.Authorization;
        using var response = await http.PostAsync("graphql", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("the body must be a JSON object with the text \"query\"", JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("errors")[0].GetProperty("message").GetString());
    }
}
