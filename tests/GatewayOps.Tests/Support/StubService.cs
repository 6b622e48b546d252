using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Support;

/// <summary>A request as the service met it.</summary>
internal sealed record StubRequest(string Method, string Path, string Body, string? Authorization, string? IfMatch)
{
    public JsonNode? Json => Body.Length == 0 ? null : JsonNode.Parse(Body);
}

/// <summary>The operator API as a test wants it to answer, over a real socket: for what the command line sends, and for answers that a real service gives seldom.</summary>
internal sealed class StubService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<StubRequest, StubAnswer>> _answers = new();
    private readonly ConcurrentQueue<StubRequest> _requests = new();

    private StubService(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    public IReadOnlyList<StubRequest> Requests => [.. _requests];

    /// <summary>The only request; fails when there were none or several.</summary>
    public StubRequest Request => Assert.Single(_requests);

    public static async Task<StubService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var stub = new StubService(builder.Build());
        stub._app.Run(stub.ServeAsync);
        await stub._app.StartAsync();
        return stub;
    }

    /// <summary>Answers `GET /api/v1/runs` and the like, whatever its query.</summary>
    public StubService On(string route, string body, int status = 200, params (string Name, string Value)[] headers) => On(route, _ => new StubAnswer(body, status, headers));

    public StubService On(string route, Func<StubRequest, StubAnswer> answer)
    {
        _answers[route] = answer;
        return this;
    }

    /// <summary>A problem document with a code, as the service writes them.</summary>
    public StubService Refuses(string route, int status, string code, string detail, string more = "", params (string Name, string Value)[] headers) =>
        On(route, $$"""{"type":"urn:gatewayops:problem:{{code}}","title":"t","status":{{status}},"detail":"{{detail}}"{{more}}}""", status, headers);

    /// <summary>What is answered where a test says nothing; 404 by default.</summary>
    public StubAnswer Otherwise { get; set; } = new("", 404);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var request = new StubRequest(http.Request.Method, $"{http.Request.Path}{http.Request.QueryString}", await reader.ReadToEndAsync(), http.Request.Headers.Authorization, http.Request.Headers.IfMatch);
        _requests.Enqueue(request);
        var answer = _answers.TryGetValue($"{request.Method} {http.Request.Path}", out var found) ? found(request) : Otherwise;
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            http.Response.Headers[name] = value;
        }

        await http.Response.WriteAsync(answer.Body);
    }
}

internal sealed record StubAnswer(string Body, int Status = 200, params (string Name, string Value)[] Headers);
