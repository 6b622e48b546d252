using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Tests.Events;

/// <summary>What a webhook's receiver got: headers in lower case, and the body's bytes.</summary>
internal sealed record Received(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Id => Headers["webhook-id"];
}

/// <summary>A receiver of webhooks on a free port of this machine; answers as told, 204 unless told.</summary>
internal sealed class TestReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private TestReceiver(WebApplication app) => _app = app;

    /// <summary>What to answer to an event, by its id; null is 204.</summary>
    public Func<string, HttpContext, Task>? Answer { get; set; }

    public Uri Url => new(new Uri(_app.Urls.First()), "/hook/secret-path?token=secret-query");

    public IReadOnlyList<Received> Received => [.. _received];

    public static async Task<TestReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new TestReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var received = new Received(context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()), body.ToArray());
        _received.Enqueue(received);
        context.Response.StatusCode = 204;
        if (Answer is { } answer)
        {
            await answer(received.Id, context);
        }
    }
}
