using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>The least that a proxy on Kestrel does: one request forwarded, one answer copied with a flush per read. No authentication, no rules, no usage.</summary>
internal static class Forwarder
{
    private static readonly HttpMessageInvoker Connections = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    public static Task RunAsync(Uri upstream) => Bare.RunAsync(app => app.Run(context => ForwardAsync(context, upstream)));

    private static async Task ForwardAsync(HttpContext context, Uri upstream)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(upstream, context.Request.Path)) { Content = new StreamContent(context.Request.Body) };
        message.Content.Headers.ContentType = new("application/json");
        message.Content.Headers.ContentLength = context.Request.ContentLength;
        using var answer = await Connections.SendAsync(message, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength = answer.Content.Headers.ContentLength;
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var writer = context.Response.BodyWriter;
        while (await body.ReadAsync(writer.GetMemory(4096), context.RequestAborted) is > 0 and var read)
        {
            writer.Advance(read);
            await writer.FlushAsync(context.RequestAborted);
        }
    }
}
