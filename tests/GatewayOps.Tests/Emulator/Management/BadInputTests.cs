using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GatewayOps.Emulator;
using GatewayOps.Tests.Contract;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GatewayOps.Tests.Emulator.Management;

/// <summary>
/// What no client should send, to every route below `/client/v4` that the emulator has: an error that says what it is, in a shape of the contract, and never a
/// failure of the emulator. A route that is added is tested without being named here.
/// </summary>
public sealed partial class BadInputTests : IAsyncLifetime
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    private TestEmulator _emulator = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        _emulator = await TestEmulator.StartAsync(new EmulatorOptions { RequestsPerFiveMinutes = 1_000_000, GraphQlRequestsPerFiveMinutes = 1_000_000, MaxGateways = 1_000 });
        _http = _emulator.NewClient();
        _http.DefaultRequestHeaders.Authorization = _emulator.Management.DefaultRequestHeaders.Authorization;
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _emulator.DisposeAsync();
    }

    private static IReadOnlyList<(string Method, string Template)> Routes { get; } =
    [
        .. from endpoint in ((IEndpointRouteBuilder)EmulatorHost.Build(new EmulatorOptions())).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
           let template = endpoint.RoutePattern.RawText!.TrimEnd('/')
           where template.StartsWith("/client/v4/", StringComparison.Ordinal) && template != "/client/v4/{**path}"
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? Methods
           select (method, template),
    ];

    // Objects exist, so that a body is looked at: who asks for nothing is refused early.
    private string Path(string template, string? wrongId = null)
    {
        if (_emulator.Account.FindGateway("prod") is null)
            _emulator.Account.AddGateway("prod", GatewayOps.Emulator.State.GatewayFields.Settled(GatewayOps.Emulator.State.GatewayFields.Automatic));
        if (_emulator.Account.Store is null)
            _emulator.Account.AddStore("main");
        var parameters = Parameter().Count(template);
        var at = 0;
        return Parameter().Replace(template, match => ++at == parameters && wrongId is not null ? wrongId : match.Groups[1].Value switch
        {
            "accountId" => _emulator.Options.AccountId,
            "gatewayId" or "gateway" => "prod",
            "storeId" => _emulator.Account.Store!.Id,
            "logId" => Row(),
            _ => "x",
        });
    }

    private string Row()
    {
        var logs = _emulator.Account.FindGateway("prod")!.Logs;
        if (logs.Count == 0)
            _emulator.Account.FindGateway("prod")!.AddLog(SampleLog.Row(logs));
        return logs.Visible()[0].Id;
    }

    public static IReadOnlyList<(string Name, byte[] Body, string? ContentType)> Bodies { get; } =
    [
        ("nothing", [], null),
        ("blank", " \n"u8.ToArray(), "application/json"),
        ("an open object", "{"u8.ToArray(), "application/json"),
        ("two values", "{} {}"u8.ToArray(), "application/json"),
        ("null", "null"u8.ToArray(), "application/json"),
        ("a list", "[]"u8.ToArray(), "application/json"),
        ("a list of lists", "[[[]]]"u8.ToArray(), "application/json"),
        ("a number", "7"u8.ToArray(), "application/json"),
        ("a huge number", "{\"cache_ttl\":1e999,\"amount\":1e999}"u8.ToArray(), "application/json"),
        ("an empty object", "{}"u8.ToArray(), "application/json"),
        ("a member twice", "{\"id\":\"a\",\"id\":\"b\"}"u8.ToArray(), "application/json"),
        ("half a surrogate pair", "{\"id\":\"\\ud800\",\"name\":\"\\udc00\",\"query\":\"\\ud800\"}"u8.ToArray(), "application/json"),
        ("half a surrogate pair in a name", "{\"\\ud800\":1}"u8.ToArray(), "application/json"),
        ("bytes that are no text", [(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'1', (byte)'}'], "application/json"),
        ("a zero byte", "{\"id\":\"a\\u0000b\",\"name\":\"a\\u0000b\"}"u8.ToArray(), "application/json"),
        ("a hundred levels", [.. Enumerable.Repeat((byte)'[', 100), .. Enumerable.Repeat((byte)']', 100)], "application/json"),
        ("fifty-five levels", Encoding.UTF8.GetBytes("{\"future\":" + new string('[', 53) + new string(']', 53) + "}"), "application/json"),
        ("UTF-16", Encoding.Unicode.GetBytes("{\"id\":\"a\"}"), "application/json; charset=utf-16"),
        ("a form", "id=prod&name=a"u8.ToArray(), "application/x-www-form-urlencoded"),
        ("a broken multipart", "--x\r\nno headers"u8.ToArray(), "multipart/form-data; boundary=x"),
        ("a multipart without a boundary", "{}"u8.ToArray(), "multipart/form-data"),
        ("XML", "<gateway/>"u8.ToArray(), "application/xml"),
        .. Everything(new JsonObject()), .. Everything(new JsonArray()), .. Everything(JsonValue.Create(-1)), .. Everything(null), .. Everything(JsonValue.Create("")), .. Everything(new JsonArray(new JsonArray())),
    ];

    // Every member that any request of the document has, with the same value.
    private static IEnumerable<(string, byte[], string?)> Everything(JsonNode? value)
    {
        var schemas = OpenApiDocument.Source()["components"]!["schemas"]!.AsObject();
        var names = schemas.SelectMany(schema => schema.Value!["properties"]?.AsObject().Select(property => property.Key) ?? []).Distinct().Concat(["query", "variables", "messages", "prompt"]).Distinct();
        var body = new JsonObject(names.Select(name => KeyValuePair.Create(name, value?.DeepClone())));
        yield return ($"every member {value?.ToJsonString() ?? "null"}", Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json");
    }

    [Fact]
    public void Routes_AreAllThereAre() => Assert.True(Routes.Count >= OpenApiDocument.Cloudflare.Operations.Count, $"{Routes.Count}");

    [Theory]
    [InlineData(55, HttpStatusCode.OK)]
    [InlineData(56, HttpStatusCode.BadRequest)]
    public async Task Body_OfManyLevels_ComesBackWholeOrIsRefused(int levels, HttpStatusCode status)
    {
        var deep = JsonElement.Parse(new string('[', levels) + new string(']', levels), new JsonDocumentOptions { MaxDepth = 100 });
        var answer = await _emulator.Management.PostAnswerAsync("ai-gateway/gateways", ManagementCalls.GatewayBody("deep", ("future_setting", deep)));

        Assert.Equal(status, answer.Status);
        if (status == HttpStatusCode.OK)
            Assert.Equal(deep.GetRawText(), (await _emulator.Management.GetAnswerAsync("ai-gateway/gateways")).Result[0].GetProperty("future_setting").GetRawText());
    }

    [Fact]
    public async Task Body_ThatIsNoRequest_IsRefusedAndNeverAFailure()
    {
        var wrong = new List<string>();
        foreach (var (method, template) in Routes.Where(route => route.Method is not "GET"))
        {
            foreach (var (name, body, contentType) in Bodies)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Path(template)) { Content = new ByteArrayContent(body) };
                if (contentType is not null)
                    request.Content.Headers.Add("Content-Type", contentType);
                if (await ProblemAsync(request) is { } problem)
                    wrong.Add($"{method} {template} with {name}: {problem}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(30)));
    }

    [Fact]
    public async Task Query_OfAnyText_IsRefusedOrIgnoredAndNeverAFailure()
    {
        string[] names = ["page", "per_page", "order", "order_by", "direction", "order_by_direction", "search", "filters", "filters.key", "filters.value", "limit", "meta_info", "scopes", "name", "scope", "type",
            "value_grouping_window", "start_time", "end_time", "enable", "beta", "processed", "include_expired", "includeStaging", "commit", "force", "start_date", "feedback", "min_cost", "format", "task", "model"];
        string[] values = ["", "%00", "-1", "1e99", "NaN", "%ED%A0%80", "[", "%7B%7D", "%5B%7B%22key%22%3A%22%5Cud800%22%2C%22operator%22%3A%22eq%22%2C%22value%22%3A%5B1%5D%7D%5D", new string('9', 200)];
        var wrong = new List<string>();
        foreach (var (method, template) in Routes)
        {
            foreach (var value in values)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"{Path(template)}?{string.Join('&', names.Select(name => $"{name}={value}"))}");
                if (await ProblemAsync(request) is { } problem)
                    wrong.Add($"{method} {template} with {value}: {problem}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(30)));
    }

    [Fact]
    public async Task Id_OfAnyText_IsNotFoundAndNeverAFailure()
    {
        string[] ids = ["%2F", "..%2F..", "%00", "%FF", "%F0%9F%98%80", "a%20b", "'%22%3B--", "%25", "a%0Ab", new string('a', 3_000), "0", "null", "{gatewayId}"];
        var wrong = new List<string>();
        foreach (var (method, template) in Routes.Where(route => route.Template.EndsWith('}')))
        {
            foreach (var id in ids)
            {
                // Over the socket: a client would tidy the path up.
                var (status, body) = await RawAsync($"{method} {Path(template, id)}");
                if (status >= 500 || status is >= 200 and < 300 && method != "GET" && !template.EndsWith("{**path}", StringComparison.Ordinal) && !Tolerant().IsMatch(template))
                    wrong.Add($"{method} {template} with {id}: {status} {body}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(30)));
    }

    [Theory]
    [InlineData("GET /client/v4", 404)]
    [InlineData("GET /client/v4/", 404)]
    [InlineData("GET /client/v4//accounts", 404)]
    [InlineData("GET /client/v4/accounts//ai-gateway/gateways", 404)]
    [InlineData("GET /client/v4/accounts/dev-account/ai-gateway/gateways/../../../x", 404)]
    // %2e is a dot wherever it stands (RFC 3986, 6.2.2): who puts an id into a path escapes it, or asks for another object.
    [InlineData("GET /client/v4/accounts/dev-account/ai-gateway/gateways/%2e%2e/gateways", 200)]
    [InlineData("GET /client/v4/accounts/%64ev-account/ai-gateway/gateways", 200)]
    [InlineData("GET /client/v4/accounts/dev-account/ai-gateway/gateways/", 200)]
    [InlineData("GET /client/v4/accounts/dev-account%0A/ai-gateway/gateways", 404)]
    [InlineData("GET /client/v4/accounts/dev account/ai-gateway/gateways", 400)]
    [InlineData("GET /CLIENT/V4/ACCOUNTS/dev-account/ai-gateway/nothing", 404)]
    [InlineData("BREW /client/v4/accounts/dev-account/ai-gateway/gateways", 404)]
    [InlineData("GET /client/v4/accounts/dev-account/ai-gateway/gateways?page=%", 400)]
    public async Task Path_OfAnyForm_HasItsAnswer(string line, int expected)
    {
        var (status, body) = await RawAsync(line);

        Assert.Equal(expected, status);
        if (status == 404)
            Assert.Equal([7003, 7000], JsonElement.Parse(body).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Method_ThatAPathDoesNotHave_Is7003And7000()
    {
        var wrong = new List<string>();
        foreach (var template in Routes.Select(route => route.Template).Distinct())
        {
            foreach (var method in Methods.Where(method => !Routes.Any(route => route.Method == method && Matches(route.Template, template))))
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Path(template)) { Content = new StringContent("{}") };
                using var answer = await _http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode != HttpStatusCode.NotFound || !text.Contains("\"code\":7003", StringComparison.Ordinal) || !text.Contains("\"code\":7000", StringComparison.Ordinal))
                    wrong.Add($"{method} {template}: {(int)answer.StatusCode} {text}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(30)));
    }

    [Theory]
    [InlineData("POST", "ai-gateway/gateways")]
    [InlineData("PUT", "ai-gateway/gateways/prod")]
    [InlineData("POST", "secrets_store/stores")]
    [InlineData("POST", "tokens")]
    public async Task Body_OfMoreThanEightMebibytes_Is413(string method, string path)
    {
        await _emulator.CreateGatewayAsync("prod");
        // Announced, and never sent whole: the emulator must not wait for it.
        var (status, body) = await RawAsync($"{method} /client/v4/accounts/{_emulator.Options.AccountId}/{path}", "Content-Type: application/json\r\nContent-Length: 8388609\r\n", "{\"id\":\"a");

        Assert.Equal(413, status);
        Assert.False(JsonElement.Parse(body).GetProperty("success").GetBoolean());
    }

    // Null when the answer is one of the contract's shapes: a success, the error envelope, GraphQL's errors, or Workers AI's.
    private async Task<string?> ProblemAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.IsSuccessStatusCode)
            return null;
        var text = await answer.Content.ReadAsStringAsync();
        if ((int)answer.StatusCode >= 500)
            return $"{(int)answer.StatusCode} {text}";
        if (JsonNode.Parse(text) is not JsonObject error)
            return $"no object: {text}";
        return error["errors"] is JsonArray { Count: > 0 } || error["error"] is not null || error["internalCode"] is not null ? null : text;
    }

    private async Task<(int Status, string Body)> RawAsync(string line, string headers = "", string body = "")
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_emulator.BaseUrl.Host, _emulator.BaseUrl.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(
            $"{line} HTTP/1.1\r\nHost: {_emulator.BaseUrl.Authority}\r\nAuthorization: Bearer {_emulator.Options.ApiToken}\r\nConnection: close\r\n{headers}\r\n{body}"));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync();
        var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (int.Parse(text.Split(' ')[1]), text[(head + 4)..]);
    }

    // One path can be both: a segment that is a parameter in either fits.
    private static bool Matches(string template, string other)
    {
        var (own, others) = (template.Split('/'), other.Split('/'));
        return own.Length == others.Length && own.Zip(others).All(pair => pair.First == pair.Second || pair.First.StartsWith('{') || pair.Second.StartsWith('{'));
    }

    [GeneratedRegex(@"\{\*{0,2}([A-Za-z]+)(?::[^}]*)?\}", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();

    // Its last segment is no id: a model's name runs, or is refused by the model.
    [GeneratedRegex("/ai/run/")]
    private static partial Regex Tolerant();
}
