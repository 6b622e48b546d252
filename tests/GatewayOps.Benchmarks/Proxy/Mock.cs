using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Benchmarks.Proxy;

/// <summary>The provider of the proxy's benchmark: prepared answers of OpenAI's chat, whatever the path. A model that ends in `-paced` gets a chunk each 10 ms, which says when it was sent.</summary>
internal static class Mock
{
    public const int Chunks = 21;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    private static readonly byte[] Whole = Encoding.UTF8.GetBytes(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1760000000,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Light of shorter waves is scattered more, so that the sky looks blue from wherever you stand."},"finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":19,"total_tokens":43}}""");

    private static readonly byte[][] Stream =
    [
        .. Enumerable.Range(0, Chunks - 2).Select(i => Event($$"""{"index":0,"delta":{"content":" word{{i}}"},"finish_reason":null}""")),
        Event("""{"index":0,"delta":{},"finish_reason":"stop"}"""),
        Encoding.UTF8.GetBytes($"data: {Head}{Usage}}}\n\ndata: [DONE]\n\n"),
    ];

    private const string Usage = """
        "choices":[],"usage":{"prompt_tokens":24,"completion_tokens":19,"total_tokens":43}
        """;

    private const string Head = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-mini",""";

    public static Task RunAsync() => Bare.RunAsync(app => app.Run(AnswerAsync));

    private static async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var asked = body.GetBuffer().AsSpan(0, (int)body.Length);
        if (asked.IndexOf("\"stream\":true"u8) < 0)
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Whole.Length;
            await context.Response.Body.WriteAsync(Whole, context.RequestAborted);
            return;
        }

        var isPaced = asked.IndexOf("-paced\""u8) >= 0;
        context.Response.ContentType = "text/event-stream";
        foreach (var chunk in Stream)
        {
            if (isPaced)
            {
                await Task.Delay(Pace, context.RequestAborted);
                await context.Response.Body.WriteAsync(Event(string.Create(CultureInfo.InvariantCulture, $$"""{"index":0,"delta":{"content":"sent={{Stopwatch.GetTimestamp()}};"},"finish_reason":null}""")), context.RequestAborted);
            }

            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static byte[] Event(string choice) => Encoding.UTF8.GetBytes($"data: {Head}\"choices\":[{choice}]}}\n\n");
}
