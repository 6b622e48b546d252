using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GatewayOps.Tests.Emulator.Export;

/// <summary>A collector: takes what is posted to it, on a socket of its own, and answers as it is told.</summary>
internal sealed class ExportReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private readonly ConcurrentQueue<(int Status, string? RetryAfter)> _answers = new();

    private ExportReceiver(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public static async Task<ExportReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new ExportReceiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync();
        receiver.Url = receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return receiver;
    }

    /// <summary>For the next delivery; afterwards 200 again.</summary>
    public void AnswerNext(int status, string? retryAfter = null) => _answers.Enqueue((status, retryAfter));

    public async Task<Delivery> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _deliveries.Reader.ReadAsync(patience.Token);
    }

    /// <summary>What came and was not asked for yet.</summary>
    public int Waiting => _deliveries.Reader.Count;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var (status, retryAfter) = _answers.TryDequeue(out var next) ? next : (200, null);
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        _deliveries.Writer.TryWrite(new Delivery(
            context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()), body.ToArray()));
    }

    internal sealed record Delivery(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);
}
