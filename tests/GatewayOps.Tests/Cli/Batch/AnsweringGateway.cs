using System.Collections.Concurrent;
using System.Text.Json;
using GatewayOps.Client;
using GatewayOps.Tests.Proxy;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Cli.Batch;

/// <summary>How a gateway answers one request: status 0 breaks off within the answer; a length is what it says that comes.</summary>
internal sealed record Reply(int Status = 200, string? RetryAfter = null, string Code = "no", long? Length = null, bool IsCached = false);

/// <summary>A gateway that repeats the prompt, or does what a test says, and counts.</summary>
internal sealed class AnsweringGateway : IAsyncDisposable
{
    private readonly Func<string, int, Task<Reply>> _reply;
    private StubGateway _stub = null!;
    private int _active;
    private int _most;

    private AnsweringGateway(Func<string, int, Task<Reply>> reply) => _reply = reply;

    /// <summary>Prompts in the order in which they came.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Requests that were under way at once, at most.</summary>
    public int Most => _most;

    public GatewayClientOptions Options => new() { AccountId = "acc", GatewayToken = Client.ScriptedGateway.Token, BaseUrl = _stub.BaseUrl, Provider = "openai", Model = "gpt-4o-mini", Timeout = Timeout.InfiniteTimeSpan, MaxRetries = 0 };

    /// <param name="reply">By the prompt, and how often it has come: 1 or more.</param>
    public static async Task<AnsweringGateway> StartAsync(Func<string, int, Task<Reply>>? reply = null)
    {
        var gateway = new AnsweringGateway(reply ?? ((_, _) => Task.FromResult(new Reply())));
        gateway._stub = await StubGateway.StartAsync(gateway.AnswerAsync);
        return gateway;
    }

    public BatchWork Work() => new(_stub.BaseUrl, "acc", Client.ScriptedGateway.Token);

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var active = Interlocked.Increment(ref _active);
        try
        {
            for (var most = _most; active > most; most = _most)
            {
                Interlocked.CompareExchange(ref _most, active, most);
            }

            var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
            var prompt = body.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
            Asked.Enqueue(prompt);
            await WriteAsync(context, prompt, await _reply(prompt, Asked.Count(asked => asked == prompt)));
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    private static async Task WriteAsync(HttpContext context, string prompt, Reply reply)
    {
        context.Response.StatusCode = reply.Status is 0 ? 200 : reply.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = reply.Length;
        if (reply.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = wait;
        }

        if (reply.IsCached)
        {
            context.Response.Headers["cf-aig-cache-status"] = "HIT";
        }

        var text = reply.Status is 0 or 200
            ? JsonSerializer.Serialize(new
            {
                model = "gpt-4o-mini",
                choices = new[] { new { message = new { role = "assistant", content = $"{prompt}!" }, finish_reason = "stop" } },
                usage = new { prompt_tokens = 10, completion_tokens = 4, total_tokens = 14 },
            })
            : JsonSerializer.Serialize(new { error = new { message = "of the gateway", code = reply.Code } });
        await context.Response.WriteAsync(reply.Status is 0 ? text[..20] : text);
        if (reply.Status is 0)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
