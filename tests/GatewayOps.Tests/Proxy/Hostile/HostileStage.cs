using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Proxy.Hostile;

/// <summary>A service with rules for everything, an upstream that answers everything and remembers what it was sent, and a machine that must never be asked.</summary>
public sealed class HostileStage : IAsyncLifetime
{
    // Of our own making or of the framework's: none of it is for callers.
    private static readonly string[] Internals =
    [
        TestService.ProxyToken, TestService.OperatorToken, "gateway-token-of-the-tests", "cloudflare-token-of-the-tests", "   at ", "System.", "Microsoft.", "GatewayOps.ControlPlane", "Exception", "Npgsql", "/controlplane/",
    ];

    private const string Whole = """
        {"id":"x","object":"o","type":"message","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"text":"ok","finish_reason":"stop"}],"data":[],"content":[],"output":[],
         "result":{"response":"ok"},"success":true,"usage":{"prompt_tokens":1,"completion_tokens":1,"input_tokens":1,"output_tokens":1}}
        """;

    private StubGateway _gateway = null!;
    private StubGateway _sink = null!;

    public TestService Service { get; private set; } = null!;

    public ConcurrentQueue<(IReadOnlyDictionary<string, string> Headers, byte[] Body)> Received { get; } = new();

    public int SinkHits { get; private set; }

    public Uri SinkUrl => _sink.BaseUrl;

    public async Task InitializeAsync()
    {
        _sink = await StubGateway.StartAsync(_ =>
        {
            SinkHits++;
            return Task.CompletedTask;
        });
        _gateway = await StubGateway.StartAsync(AnswerAsync);
        Service = await TestService.StartAsync(settings: _gateway.Settings);
        await Service.ServeAsync(
            """
            { "rules": [ { "name": "everything", "pattern": "/*", "cache": { "enabled": true, "ttl": 600 }, "match": { "metadata": { "team": "x" } } },
                         { "name": "chat", "pattern": "/chat/completions", "cache": { "enabled": true, "ttl": 600, "key": ["messages", "model"] } },
                         { "name": "run", "pattern": "/ai/run", "cache": { "enabled": true, "ttl": 600 } } ],
              "quota": { "tokens": 900000000000 } }
            """);
    }

    public async Task DisposeAsync()
    {
        await Service.DisposeAsync();
        await _gateway.DisposeAsync();
        await _sink.DisposeAsync();
    }

    /// <summary>Sends a body and asserts what holds for every answer: no fault of ours, nothing of our insides, nothing that a caller wrote in a header of either side.</summary>
    internal async Task<Answer> SendAsync(Door door, string what, byte[] body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, door.Path) { Content = new ByteArrayContent(body) };
#pragma warning disable RS0030 // hostile headers are what is sent here
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        foreach (var (name, value) in headers.Append(("anthropic-version", "2023-06-01")))
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content.Headers.TryAddWithoutValidation(name, value), name);
        }
#pragma warning restore RS0030

        return Held(await Answer.OfAsync(Service.Caller, request), $"{door.Name}, {what}");
    }

    internal Task<Answer> SendAsync(Door door, string what, string body, params (string Name, string Value)[] headers) => SendAsync(door, what, Encoding.UTF8.GetBytes(body), "application/json", headers);

    internal static Answer Held(Answer answer, string what)
    {
        Assert.True(answer.Status is > 0 and < 500, $"{what}: {answer.Status} {answer.Text}");
        Assert.All(Internals, secret => Assert.False(answer.Text.Contains(secret, StringComparison.Ordinal), $"{what} tells {secret}: {answer.Text}"));
        Assert.DoesNotContain(answer.Headers, header => header.Key == "x-inj" || header.Value.Contains("x-inj", StringComparison.OrdinalIgnoreCase));
        return answer;
    }

    /// <summary>What the upstream was sent since the last look, none of it with a header that nobody meant.</summary>
    public IReadOnlyList<byte[]> TakeReceived()
    {
        var bodies = new List<byte[]>();
        while (Received.TryDequeue(out var call))
        {
            Assert.DoesNotContain(call.Headers, header => header.Key.Equals("x-inj", StringComparison.OrdinalIgnoreCase) || header.Value.Contains(TestService.ProxyToken, StringComparison.Ordinal));
            bodies.Add(call.Body);
        }

        return bodies;
    }

    /// <summary>No request failed through a fault of ours, no log line has a token.</summary>
    public void HasNoFaults()
    {
        Assert.DoesNotContain(Service.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
        Assert.DoesNotContain(Service.Log.Lines, line => line.Contains(TestService.ProxyToken, StringComparison.Ordinal) || line.Contains("gateway-token-of-the-tests", StringComparison.Ordinal));
        Assert.Equal(0, SinkHits);
    }

    /// <summary>Whether two bodies mean the same to any parser, but for what routing changes.</summary>
    public static bool IsSame(byte[] sent, byte[] received)
    {
        try
        {
            var (one, other) = (Read(sent), Read(received));
            return JsonNode.DeepEquals(one, other);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Half of a surrogate pair has no meaning to compare: byte for byte then.
            return sent.AsSpan().IndexOf(received) >= 0 || received.AsSpan().SequenceEqual(sent);
        }

        static JsonNode Read(byte[] json)
        {
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
            foreach (var name in new[] { "model", "provider", "stream_options" })
            {
                node.Remove(name);
            }

            return node;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var bytes = body.ToArray();
        if (bytes.Length < 1 << 20)
        {
            Received.Enqueue((context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), bytes));
        }

        if (context.Request.Headers.Accept == "text/event-stream")
        {
            context.Response.ContentType = "text/event-stream";
            var path = context.Request.Path.Value!;
            await context.Response.WriteAsync(
                path.EndsWith("/messages", StringComparison.Ordinal) ? "data: {\"type\":\"message_stop\"}\n\n"
                : path.EndsWith("/responses", StringComparison.Ordinal) ? "data: {\"type\":\"response.completed\"}\n\n"
                : "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Whole);
    }
}
