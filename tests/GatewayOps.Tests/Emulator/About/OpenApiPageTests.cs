using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Emulator.About;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Emulator.About;

/// <summary>What the emulator says of itself, against Cloudflare's document and against what it does.</summary>
public sealed partial class OpenApiPageTests(EmulatorFixture fixture) : IClassFixture<EmulatorFixture>
{
    private const string Api = "/client/v4";

    // Surfaces that Cloudflare has and the document of AI Gateway has not.
    private static readonly string[] Elsewhere = ["/graphql", "/accounts/{}/workers/observability/", "/accounts/{}/ai/"];

    // Parameters that the document leaves out, with the section of the contract that names them.
    private static readonly string[] MoreParameters = ["GET /accounts/{}/ai-gateway/gateways/{}/policies/{} includeStaging", "GET /user/tokens include_expired", "GET /accounts/{}/ai-gateway/billing/invoice-history page", "GET /accounts/{}/ai-gateway/billing/invoice-history per_page"];

    // Nothing can be simulated without it; the contract says which members there are, and not which must be.
    private static readonly string[] MoreRequired = ["POST /accounts/{}/ai-gateway/gateways/{}/policies/simulate requires model"];

    private static readonly JsonNode Contract = DocumentPatches.Applied(OpenApiDocument.Source());

    [Fact]
    public async Task Operations_OfTheDocument_AreThoseOfTheEmulator()
    {
        var (own, theirs) = (Operations(await PageAsync(), Api), Operations(Contract));

        Assert.Equal([], theirs.Keys.Except(own.Keys));
        Assert.Equal([], own.Keys.Except(theirs.Keys).Where(extra => !Elsewhere.Any(surface => extra.Split(' ')[1].StartsWith(surface, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Query_OfEveryOperation_HasTheDocumentsParametersAndChoices()
    {
        var (own, theirs) = (Operations(await PageAsync(), Api), Operations(Contract));
        var wrong = new List<string>();
        foreach (var (name, operation) in theirs)
        {
            var (declared, documented) = (Query(own[name]), Query(operation));
            wrong.AddRange(documented.Keys.Except(declared.Keys).Select(missing => $"{name} does not ask for {missing}"));
            wrong.AddRange(declared.Keys.Except(documented.Keys).Select(extra => $"{name} {extra}").Except(MoreParameters));
            wrong.AddRange(documented.Where(parameter => parameter.Value["enum"] is JsonArray && declared.ContainsKey(parameter.Key))
                .Where(parameter => !Texts(parameter.Value["enum"]).SetEquals(Texts(declared[parameter.Key]["enum"])))
                .Select(parameter => $"{name} {parameter.Key}: {declared[parameter.Key].ToJsonString()} is not {parameter.Value.ToJsonString()}"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Body_OfEveryOperation_HasTheDocumentsMembers()
    {
        var (own, theirs) = (Operations(await PageAsync(), Api), Operations(Contract));
        var wrong = new List<string>();
        foreach (var (name, operation) in theirs)
        {
            var (declared, documented) = (Body(own[name]), Body(operation));
            if (declared is null || documented is null)
            {
                if (declared is not null != documented is not null && !name.EndsWith("DELETE /accounts/{}/secrets_store/stores/{}/secrets", StringComparison.Ordinal))
                    wrong.Add($"{name}: one has a body, the other has none");
                continue;
            }
            wrong.AddRange(Members(documented).Except(Members(declared)).Select(missing => $"{name} does not know {missing}"));
            wrong.AddRange(Required(declared).Except(Required(documented)).Select(extra => $"{name} requires {extra}").Except(MoreRequired));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Query_OneStepOutsideWhatIsSaid_IsRefused()
    {
        var emulator = fixture.Emulator;
        await emulator.CreateGatewayAsync("bounds");
        var store = (await emulator.Management.PostAnswerAsync("secrets_store/stores", new { name = "bounds" })).Result.GetProperty("id").GetString();
        var accepted = new List<string>();
        var asked = 0;
        foreach (var (name, operation) in Operations(await PageAsync(), Api).Where(operation => operation.Key.StartsWith("GET ", StringComparison.Ordinal)))
        {
            var path = operation["x-path"]!.GetValue<string>()
                .Replace("{account_id}", "dev-account", StringComparison.Ordinal).Replace("{gateway_id}", "bounds", StringComparison.Ordinal).Replace("{store_id}", store, StringComparison.Ordinal);
            if (path.Contains('{', StringComparison.Ordinal))
                continue;
            foreach (var (parameter, value) in Query(operation).SelectMany(parameter => Outside(parameter.Value).Select(value => (parameter.Key, value))))
            {
                asked++;
                var needed = path.EndsWith("/usage-history", StringComparison.Ordinal) && parameter != "value_grouping_window" ? "&value_grouping_window=day" : "";
                var answer = await emulator.Management.GetAnswerAsync($"{path}?{parameter}={value}{needed}");
                if (answer.Status != HttpStatusCode.BadRequest)
                    accepted.Add($"{name} {parameter}={value}: {(int)answer.Status}");
            }
        }
        Assert.True(accepted.Count == 0, string.Join('\n', accepted));
        Assert.True(asked > 60, $"{asked}");
    }

    [Fact]
    public async Task Page_AllOfIt_IsWellFormed()
    {
        var page = await PageAsync();
        var operations = Operations(page);

        Assert.Equal("3.1.0", page["openapi"]!.GetValue<string>());
        Assert.Equal(operations.Count, operations.Values.Select(operation => operation["operationId"]!.GetValue<string>()).Distinct().Count());
        Assert.Contains("POST /v1/{}/{}", operations.Keys);
        Assert.Contains("PUT /_emulator/snapshot", operations.Keys);
        Assert.Equal(["AI Gateway Write", "Secrets Store Write"], Texts(operations["POST /client/v4/accounts/{}/ai-gateway/gateways/{}/provider_configs"]["x-permissions"]));
        foreach (var operation in operations.Values)
        {
            var inPath = Parameter().Matches(operation["x-path"]!.GetValue<string>()).Select(match => match.Value.Trim('{', '}'));
            Assert.Equal(inPath, (operation["parameters"] as JsonArray ?? []).Where(parameter => parameter!["in"]!.GetValue<string>() == "path").Select(parameter => parameter!["name"]!.GetValue<string>()));
        }
    }

    [Fact]
    public void Endpoints_AllButTheUnknownPaths_HaveASummary()
    {
        var without = fixture.Emulator.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IEndpointSummaryMetadata>() is null)
            .OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText);

        Assert.Equal(["/client/v4/{**path}", "/v1/{**path}"], without.Order(StringComparer.Ordinal));
        Assert.NotEmpty(Operation.Of(fixture.Emulator.Endpoints));
    }

    [Fact]
    public async Task StartPage_ForPeople_ListsEverythingAndLoadsNothing()
    {
        using var http = fixture.Emulator.NewClient();
        using var response = await http.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("default-src 'none'; style-src 'unsafe-inline'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.All(Operation.Of(fixture.Emulator.Endpoints), operation => Assert.Contains(operation.Path, page));
        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("<link", page);
        Assert.All(Link().Matches(page).Select(match => match.Groups[1].Value), link => Assert.StartsWith("/_emulator/", link));
        foreach (var link in Link().Matches(page).Select(match => match.Groups[1].Value).Distinct())
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(link)).StatusCode);
    }

    private async Task<JsonNode> PageAsync() => JsonNode.Parse(await fixture.Emulator.Admin.GetStringAsync("openapi.json"))!;

    // `GET /accounts/{}/tokens`, so that names of path parameters do not matter.
    private static Dictionary<string, JsonObject> Operations(JsonNode document, string below = "")
    {
        var operations = new Dictionary<string, JsonObject>();
        foreach (var (path, methods) in document["paths"]!.AsObject().Where(path => path.Key.StartsWith(below, StringComparison.Ordinal)))
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                var copy = operation!.DeepClone().AsObject();
                copy["x-path"] = path;
                operations.Add($"{method.ToUpperInvariant()} {Parameter().Replace(path[below.Length..], "{}")}", copy);
            }
        }
        return operations;
    }

    private static Dictionary<string, JsonObject> Query(JsonObject operation) => (operation["parameters"] as JsonArray ?? [])
        .Where(parameter => parameter!["in"]!.GetValue<string>() == "query")
        .ToDictionary(parameter => parameter!["name"]!.GetValue<string>(), parameter => Followed(parameter!["schema"] ?? parameter["content"]!["application/json"]!["schema"]!));

    private static JsonObject? Body(JsonObject operation) => operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema ? Followed(schema) : null;

    private static JsonObject Followed(JsonNode schema) =>
        schema["$ref"] is { } reference ? Followed(reference.GetValue<string>().Split('/').Skip(1).Aggregate(Contract, (at, name) => at[name]!)) : schema.AsObject();

    private static IEnumerable<string> Members(JsonObject schema) => (schema["properties"] as JsonObject ?? []).Where(member => member.Value?["readOnly"] is null).Select(member => member.Key)
        .Concat((schema["allOf"] as JsonArray ?? []).SelectMany(part => Members(Followed(part!))))
        .Concat(schema["items"] is { } items ? Members(Followed(items)).Select(member => $"[].{member}") : []);

    private static IEnumerable<string> Required(JsonObject schema) => Texts(schema["required"])
        .Concat((schema["allOf"] as JsonArray ?? []).SelectMany(part => Required(Followed(part!))))
        .Concat(schema["items"] is { } items ? Required(Followed(items)).Select(member => $"[].{member}") : []);

    private static HashSet<string> Texts(JsonNode? values) => [.. (values as JsonArray ?? []).Select(value => $"{value}")];

    private static IEnumerable<string> Outside(JsonObject schema)
    {
        switch ($"{schema["type"]}")
        {
            case "integer":
                if (schema["minimum"] is { } least)
                    yield return $"{least.GetValue<double>() - 1}";
                if (schema["maximum"] is { } most && most.GetValue<double>() < int.MaxValue)
                    yield return $"{most.GetValue<double>() + 1}";
                yield return "1.5x";
                break;
            case "boolean":
                yield return "maybe";
                break;
            case "string" when schema["enum"] is not null:
                yield return "nothing";
                break;
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();
}
