using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Tests.Contract;

/// <summary>The document as the tests use it: which operation a call is, and what its request and answer break.</summary>
public sealed class OpenApiDocumentTests
{
    private static readonly OpenApiDocument Document = OpenApiDocument.Cloudflare;

    [Fact]
    public void Operations_AreThe87OfTheDocument() => Assert.Equal(87, Document.Operations.Select(operation => operation.Id).Distinct().Count());

    // Members are optional unless a schema says otherwise: a schema that demands nothing would pass everything.
    [Fact]
    public void Answers_AllDemandSomething() => Assert.All(
        Document.Operations.Where(operation => operation.Id is not ("getLogRequest" or "getLogResponse")),
        operation => Assert.NotEmpty(operation.AnswerViolations(200, "application/json", "{}"u8.ToArray())));

    [Theory]
    [InlineData("GET", "/accounts/a/tokens/verify", "verifyAccountToken")]
    [InlineData("GET", "/accounts/a/tokens/permission_groups", "listAccountPermissionGroups")]
    [InlineData("GET", "/accounts/a/tokens/verif", "getAccountToken")]
    [InlineData("PUT", "/accounts/a/tokens/t/value", "rollAccountToken")]
    [InlineData("POST", "/accounts/a/ai-gateway/gateways/g/policies/commit", "commitPolicies")]
    [InlineData("PUT", "/accounts/a/ai-gateway/gateways/g/policies/commit", "updatePolicy")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/g%2Fh", "getGateway")]
    [InlineData("PATCH", "/accounts/a/ai-gateway/gateways/g", null)]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/", null)]
    [InlineData("GET", "/accounts/a/ai/models/search", null)]
    public void Find_TheCallsOperation(string method, string path, string? operation) => Assert.Equal(operation, Document.Find(method, path)?.Operation.Id);

    [Fact]
    public void Find_PathParameters_AreDecoded() => Assert.Equal("g/h", Document.Find("GET", "/accounts/a/ai-gateway/gateways/g%2Fh")!.Path["gateway_id"]);

    [Theory]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "page=1&per_page=100", null)]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "per_page=4", "query/per_page: 4 is less than 5")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "per_page=many", "query/per_page: \"many\" is not integer")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "page=1&page=2", "query/page: is given more than once")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "perPage=20", "query/perPage: the document knows no such parameter")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/Prod", "", "path/gateway_id: \"Prod\" does not match ^[a-z0-9_]+(?:-[a-z0-9_]+)*$")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/g/logs", """filters=[{"key":"model","operator":"eq","value":["a"]}]&meta_info=true&search=7""", null)]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/g/logs", "filters.key=model&filters.operator=eq&filters.value=a&filters.value=b", null)]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/g/logs", "filters=model", "query/filters: is no JSON")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways/g/logs", """filters=[{"key":"model","operator":"is","value":["a"]}]""", """query/filters/0/operator: "is" is not one of ["eq","neq","contains","lt","gt"]""")]
    [InlineData("GET", "/accounts/a/ai-gateway/gateways", "filters.key=model", "query/filters.key: the document knows no such parameter")]
    [InlineData("GET", "/accounts/a/ai-gateway/billing/usage-history", "", "query/value_grouping_window: required")]
    [InlineData("GET", "/accounts/a/secrets_store/stores/s/secrets", "scopes=workers&scopes=dex", null)]
    [InlineData("GET", "/accounts/a/secrets_store/stores/s/secrets", "scopes=workers&scopes=all", """query/scopes/1: "all" is not one of ["access","ai_gateway","containers","dex","websearch","workers"]""")]
    public void RequestViolations_OfPathAndQuery(string method, string path, string query, string? violation) => Assert.Equal(
        violation is null ? [] : [violation], Request(method, path, query, contentType: null, body: ""));

    [Theory]
    [InlineData("application/json", """{"name":"r"}""", null)]
    [InlineData("application/json", "", "body: required")]
    [InlineData("text/plain", """{"name":"r"}""", "body: text/plain is not one of application/json")]
    [InlineData("application/json", """{"name":"r","name":"s"}""", "body: is no JSON")]
    [InlineData("application/json", """{"name":1}""", "body/name: 1 is not string")]
    [InlineData("application/json", """{"name":"r","elements":[]}""", "body/elements: the document knows no such member")]
    public void RequestViolations_OfTheBody(string contentType, string body, string? violation) => Assert.Equal(
        violation is null ? [] : [violation], Request("PATCH", "/accounts/a/ai-gateway/gateways/g/routes/r", "", contentType, body));

    [Fact]
    public void RequestViolations_UnknownMembers_AreFoundInChoicesAndLists()
    {
        const string Element = """{"id":"m","type":"model","outputs":{"success":{"elementId":"e"},"fallback":{"elementId":"e"}},"properties":{"provider":"p","model":"m","timeout":1,"retries":1,"tries":2}}""";
        Assert.Equal(
            ["body/elements/0/properties/tries: the document knows no such member"],
            Request("POST", "/accounts/a/ai-gateway/gateways/g/routes", "", "application/json", $$"""{"name":"r","elements":[{{Element}}]}"""));
        Assert.Empty(Request("PATCH", "/accounts/a/ai-gateway/gateways/g/logs/l", "", "application/json", """{"metadata":{"anything":1}}"""));
    }

    [Fact]
    public void RequestViolations_GatewayUpdate_KeepsUnknownMembersAndNoneThatCloudflareSets()
    {
        const string Update = """{"cache_invalidate_on_update":false,"cache_ttl":null,"collect_logs":true,"rate_limiting_interval":0,"rate_limiting_limit":0,"new_member":1,"is_default":true}""";
        Assert.Equal(["body/is_default: is set by Cloudflare alone"], Request("PUT", "/accounts/a/ai-gateway/gateways/g", "", "application/json", Update));
    }

    [Theory]
    [InlineData("deleteLogs", 200, "application/json", """{"success":true}""", null)]
    [InlineData("deleteLogs", 404, "application/json", """{"success":false,"errors":[{"code":7002,"message":"Not Found"}]}""", null)]
    [InlineData("deleteLogs", 429, "application/json", """{"success":false,"errors":[],"result":null}""", null)]
    [InlineData("deleteLogs", 503, "application/json", """{"success":true,"errors":[]}""", "/success: true is not false")]
    [InlineData("deleteLogs", 400, "application/json", """{"success":false,"errors":[{"code":999}]}""", "/errors/0/message: required")]
    [InlineData("deleteLogs", 201, "application/json", """{"success":true}""", "status: 201 is not documented")]
    [InlineData("deleteLogs", 200, "text/html", "<p>", "Content-Type: text/html is not one of application/json")]
    [InlineData("deleteLogs", 200, "application/json", "{", ": the body is no JSON")]
    [InlineData("getLogRequest", 200, "text/plain", "anything", null)]
    [InlineData("getLogRequest", 200, "application/json", "{broken", null)]
    [InlineData("getLogRequest", 404, "text/plain", "nothing", "Content-Type: text/plain is not one of application/json")]
    [InlineData("patchLog", 200, "application/json", """{"success":true,"result":{}}""", "/errors: required")]
    [InlineData("getSecret", 200, "application/json", """{"success":true,"errors":[],"messages":[],"result":{"id":"s","name":"n","status":"active","store_id":"t","created":"2026-11-20T12:00:00Z","modified":"2026-11-20T12:00:00Z","value":"v"}}""", "/result/value: must not be here")]
    public void AnswerViolations_ByStatusAndType(string operation, int status, string contentType, string body, string? violation)
    {
        var found = Document.Operation(operation).AnswerViolations(status, contentType, Encoding.UTF8.GetBytes(body)).Select(one => one.ToString()).ToList();
        if (violation is null)
            Assert.Empty(found);
        else
            Assert.Contains(violation, found);
    }

    /// <summary>A patch that changes nothing has lost its reason; one without a section of contract.md never had one.</summary>
    [Fact]
    public void Patches_AllChangeTheDocument_AndNameTheirSection()
    {
        var source = OpenApiDocument.Source();
        Assert.All(DocumentPatches.All, patch =>
        {
            var before = patch.Pointer.Split('/')[1..].Aggregate((JsonNode?)source, (at, name) => at is null ? null : DocumentPatches.Part(at, name));
            Assert.False(before is not null && JsonNode.DeepEquals(before, JsonNode.Parse(patch.Value)), $"{patch.Pointer} is in the document");
            Assert.Matches(@"^\d+(\.\d+)?: ", patch.Reason);
        });
        Assert.Equal(DocumentPatches.All.Count, DocumentPatches.All.Select(patch => patch.Pointer).Distinct().Count());
    }

    /// <summary>Defaults say what an absent member means, so they must fit their own schema.</summary>
    [Fact]
    public void Defaults_FitTheirSchemas()
    {
        var found = 0;
        void Walk(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray())
                    Walk(item);
            if (element.ValueKind != JsonValueKind.Object)
                return;
            if (element.TryGetProperty("default", out var value))
            {
                found++;
                Assert.Empty(Document.Schema(element).Violations(value, Traffic.Request));
            }
            foreach (var member in element.EnumerateObject())
                Walk(member.Value);
        }
        Walk(JsonSerializer.SerializeToElement(OpenApiDocument.Source()));
        Assert.Equal(33, found);
    }

    private static IEnumerable<string> Request(string method, string path, string query, string? contentType, string body)
    {
        var call = Document.Find(method, path)!;
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));
        return call.Operation.RequestViolations(call, pairs, contentType, Encoding.UTF8.GetBytes(body)).Select(violation => violation.ToString());
    }
}
