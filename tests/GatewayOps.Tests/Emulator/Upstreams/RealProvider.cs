using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Emulator.Upstreams;

/// <summary>A small server that stands for a real provider: it answers by its path, and tells what it was asked.</summary>
internal sealed class RealProvider : IAsyncDisposable
{
    public const string Chat = """{"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"real"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""";

    private readonly WebApplication _app;

    private RealProvider(WebApplication app) => _app = app;

    /// <summary>Method, path and query of every request.</summary>
    public List<string> Asked { get; } = [];

    public IHeaderDictionary? LastHeaders { get; private set; }

    /// <summary>Opened by the test: a stream waits here after its first event.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    public Uri Url(string path) => new(_app.Urls.First() + path);

    public static async Task<RealProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new RealProvider(app);
        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Gate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        lock (Asked)
            Asked.Add($"{request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}");
        LastHeaders = new HeaderDictionary(request.Headers.ToDictionary());
        var text = await new StreamReader(request.Body).ReadToEndAsync();
        switch (request.Path.Value!.Split('/')[^1])
        {
            case "compressed":
                response.ContentType = "application/json";
                response.Headers.ContentEncoding = "gzip";
                await using (var gzip = new GZipStream(response.Body, CompressionLevel.Fastest))
                    await gzip.WriteAsync(Encoding.UTF8.GetBytes(Chat));
                break;
            case "moved":
                response.Redirect("/elsewhere");
                break;
            case "refused":
                response.StatusCode = 422;
                response.Headers["x-reason"] = "because";
                await response.WriteAsync("""{"detail":"no"}""");
                break;
            case "cut":
                response.ContentType = "text/event-stream";
                await response.WriteAsync("data: {\"choices\":[]}\n\n");
                await response.Body.FlushAsync();
                await Gate.WaitAsync(context.RequestAborted);
                context.Abort();
                break;
            case "messages":
                response.ContentType = "text/event-stream";
                await response.WriteAsync("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n\n");
                await response.Body.FlushAsync();
                await Gate.WaitAsync(context.RequestAborted);
                await response.WriteAsync("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":9}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
                break;
            default:
                response.ContentType = "application/json; charset=utf-8";
                await response.WriteAsync(text.Length == 0 ? """{"data":[]}""" : Chat);
                break;
        }
    }
}
