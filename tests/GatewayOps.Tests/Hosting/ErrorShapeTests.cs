using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Hosting;

public sealed class ErrorShapeTests(ErrorShapeTests.Stage stage) : IClassFixture<ErrorShapeTests.Stage>
{
    private readonly TestService _service = stage.Service;

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, "not_found")]
    [InlineData("PATCH", "/api/v1/content", 405, "method_not_allowed")]
    [InlineData("GET", "/api/v1/trouble", 500, "internal_error")]
    public async Task OperatorApi_AnswersProblems(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await _service.Operator.SendAsync(request);

        var text = await response.Content.ReadAsStringAsync();
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"urn:gatewayops:problem:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(path, problem.GetProperty("instance").GetString());
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), problem.GetProperty("requestId").GetString());
        Assert.All((string[])["title", "detail", "traceId"], member => Assert.NotEqual("", problem.GetProperty(member).GetString()));
        Assert.Equal(JsonValueKind.Array, problem.GetProperty("errors").ValueKind);
        Assert.DoesNotContain("canary", text);
        Assert.DoesNotContain("   at ", text);
    }

    [Theory]
    [InlineData("GET", "/api/v1/content", "image/png", null, 406, "not_acceptable")]
    [InlineData("GET", "/api/v1/content", "application/json;q=0", null, 406, "not_acceptable")]
    [InlineData("GET", "/api/v1/content", "text/html, */*;q=0.1", null, 200, null)]
    [InlineData("GET", "/api/v1/content", "application/*", null, 200, null)]
    [InlineData("POST", "/api/v1/content/x/plan", "text/plain", "application/json", 404, "rule_set_not_found")]
    [InlineData("POST", "/api/v1/content/x/execute", "text/plain", "application/json", 406, "not_acceptable")]
    [InlineData("POST", "/api/v1/content?name=x", "application/json", "text/plain", 415, "unsupported_media_type")]
    [InlineData("POST", "/api/v1/tokens", "application/json", "text/plain", 415, "unsupported_media_type")]
    public async Task OperatorApi_Negotiates(string method, string path, string accept, string? contentType, int status, string? code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Accept", accept);
        request.Content = contentType is null ? null : new StringContent("{}", Encoding.UTF8, contentType);
        using var response = await _service.Operator.SendAsync(request);

        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        if (code is not null)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal($"urn:gatewayops:problem:{code}", JsonSerializer.Deserialize<JsonElement>(text).GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task Fault_IsLoggedOnceWithItsRequest()
    {
        var before = Faults().Count;
        using var response = await _service.Operator.GetAsync("/api/v1/trouble");

        var line = Assert.Single(Faults().Skip(before));
        Assert.Contains(response.Headers.GetValues("x-request-id").Single(), line);

        List<string> Faults() => [.. _service.Log.Lines.Where(line => line.Contains("canary of a fault"))];
    }

    [Fact]
    public async Task Proxy_AnswersOpenAiErrors()
    {
        using var response = await _service.Caller.GetAsync("/v1/nothing");

        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(["code", "message", "param", "type"], error.EnumerateObject().Select(member => member.Name).Order());
    }

    [Theory]
    [InlineData("/api/v1/content?name=x", "application/problem+json")]
    [InlineData("/v1/chat/completions", "application/json")]
    public async Task Body_Of31Megabytes_Is413InTheShapeOfThePath(string path, string mediaType)
    {
        var client = path.StartsWith("/v1", StringComparison.Ordinal) ? _service.Caller : _service.Operator;
        using var content = new ByteArrayContent(new byte[31_000_000]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await client.PostAsync(path, content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(mediaType, response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("Content-Length: +2")]
    [InlineData("Content-Length:  2 2")]
    [InlineData("Content-Length: 0x2")]
    [InlineData("Content-Length: -2")]
    [InlineData("Content-Length: 2\r\nContent-Length: 2")]
    [InlineData("Transfer-Encoding: xchunked")]
    public async Task Framing_ThatAnotherServerMightReadOtherwise_Is400(string headers)
    {
        Assert.StartsWith("HTTP/1.1 400", await RawAsync($"POST /api/v1/content?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.OperatorToken}\r\nConnection: close\r\n{headers}\r\n\r\n{{}}"));
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("ZZ")]
    public async Task ChunkSize_ThatIsNone_Is400(string size)
    {
        Assert.StartsWith("HTTP/1.1 400", await RawAsync($"POST /api/v1/content?name=x HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.OperatorToken}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n"));
    }

    [Fact]
    public async Task ContentLength_InDigits_IsServed()
    {
        Assert.StartsWith("HTTP/1.1 201", await RawAsync($"POST /api/v1/content?name=digits HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {TestService.OperatorToken}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"));
    }

    [Theory]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a","provider":"openai","value":"b","value":"c"}""", 400, "/value")]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a","provider":"openai","value":"b","valeu":"c"}""", 400, "/valeu")]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a","provider":"openai","value":{"a":1}}""", 400, "/value")]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a","provider":"openai","value":null}""", 400, "/value")]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a","provider":"openai"}""", 400, "/value")]
    [InlineData("/api/v1/provider-keys", """{"gateway":"a",""", 400, "")]
    [InlineData("/api/v1/provider-keys", "", 400, "")]
    [InlineData("/api/v1/content/x/rollback", """{"revision":1.5}""", 400, "/revision")]
    [InlineData("/api/v1/content/x/rollback", """{"revision":99999999999999999999}""", 400, "/revision")]
    [InlineData("/api/v1/content/x/execute", "[]", 400, "")]
    [InlineData("/api/v1/runs?limit=x", null, 400, "")]
    [InlineData("/api/v1/runs?limit=1&limit=2", null, 400, "")]
    public async Task Request_ThatDoesNotFit_SaysWhereInOurWords(string path, string? body, int status, string pointer)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await _service.Operator.SendAsync(request);

        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal(pointer, error.GetProperty("pointer").GetString());
        Assert.Equal(problem.GetProperty("detail").GetString(), error.GetProperty("message").GetString());
        Assert.All((string[])["GatewayOps.", "System.", "Nullable", ".NET", "parameter", "deserializ"], leaked => Assert.DoesNotContain(leaked, text));
    }

    [Theory]
    [InlineData("/api/v1/provider-keys", TestService.OperatorToken)]
    [InlineData("/api/v1/content?name=x", TestService.OperatorToken)]
    [InlineData("/v1/chat/completions", TestService.ProxyToken)]
    public async Task Caller_HangsUpInTheBody_LeavesNoFaultBehind(string path, string token)
    {
        await using var service = await TestService.StartAsync(adapt: builder => builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Debug));
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(service.BaseUrl.Host, service.BaseUrl.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\nContent-Length: 900\r\n\r\n{{\"model\":\"a"));
            // Without the request's own line the connection may go before anybody reads it.
            await service.EventuallyAsync(() => service.Log.Lines.Any(line => line.Contains("started reading request body")), "the body to be read");
        }

        await service.EventuallyAsync(() => service.Log.Lines.Any(line => line.Contains("Kestrel.Connections") && line.Contains("stopped")), "the end of the connection");
        var faults = service.Log.Lines.Where(line => line.Contains("ended abnormally") || line.Contains("   at ")).ToList();
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("utf-16")]
    public async Task Charset_OtherThanUtf8_Is415(string charset)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", charset);
        using var response = await _service.Operator.PostAsync("/api/v1/provider-keys", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("UTF-8", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task RequestId_IsOurOwn_AndTheServerDoesNotNameItself()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Add("x-request-id", "chosen-by-the-caller");
        using var response = await _service.Anonymous.SendAsync(request);

        Assert.NotEqual("chosen-by-the-caller", response.Headers.GetValues("x-request-id").Single());
        Assert.Empty(response.Headers.Server);
    }

    [Fact]
    public async Task Service_DescribesItself()
    {
        var version = await _service.Anonymous.GetFromJsonAsync<JsonElement>("/version");
        var openApi = await _service.Anonymous.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var ready = await _service.Anonymous.GetFromJsonAsync<JsonElement>("/readyz");

        Assert.NotEmpty(version.GetProperty("version").GetString()!);
        Assert.True(openApi.GetProperty("paths").TryGetProperty("/api/v1/content/validate", out _));
        Assert.Equal("Healthy", ready.GetProperty("checks").GetProperty("rule_sets").GetProperty("status").GetString());
        Assert.Equal("Healthy", ready.GetProperty("checks").GetProperty("database").GetProperty("status").GetString());
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_service.BaseUrl.Host, _service.BaseUrl.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await reader.ReadToEndAsync(patience.Token);
    }

    /// <summary>A service with <see cref="Trouble"/>.</summary>
    public sealed class Stage : IAsyncLifetime
    {
        public TestService Service { get; private set; } = null!;

        public async Task InitializeAsync() => Service = await TestService.StartAsync(adapt: builder => builder.Services.AddSingleton<IStartupFilter>(new Trouble()));

        public async Task DisposeAsync() => await Service.DisposeAsync();
    }

    /// <summary>An endpoint that fails, behind everything else.</summary>
    private sealed class Trouble : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            next(app);
            app.Use((HttpContext context, RequestDelegate rest) => context.Request.Path == "/api/v1/trouble"
                ? throw new InvalidOperationException("canary of a fault")
                : rest(context));
        };
    }
}
