using System.Text.Json;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Cli;

/// <summary>A proxy as `chat` and `test` meet it: answers and streams of a model, where they go, and what they cost.</summary>
internal static class ModelStub
{
    /// <summary>Of the answers: 10 in, 4 out, so 0.0000039 US dollars at the prices of `route-check`.</summary>
    public const string Cost = "$0.0000039";

    public static readonly (string Name, string Value)[] Headers =
        [("Content-Type", "text/event-stream"), ("x-gatewayops-provider", "openai"), ("x-request-id", "req-77")];

    /// <summary>Every question is answered with these pieces; whole, unless told otherwise.</summary>
    public static StubService Says(this StubService service, params string[] pieces) => service.Says(pieces, isWhole: true, cache: "miss");

    public static StubService Says(this StubService service, string[] pieces, bool isWhole, string cache) => service
        .On("POST /v1/chat/completions", request => (bool?)request.Json!["stream"] == true
            ? new StubAnswer(Stream(pieces, isWhole), 200, [.. Headers, ("x-gatewayops-cache", cache)])
            : new StubAnswer(Whole(string.Concat(pieces)), 200, [("Content-Type", "application/json"), .. Headers[1..], ("x-gatewayops-cache", cache)]))
        .On("GET /v1/route-check", """{"upstreams":[{"provider":"openai","model":"gpt-4o-mini","price":{"input":0.15,"cached_input":0.075,"output":0.6}}]}""");

    public static StubService Fails(this StubService service, int status, string code, string message) =>
        service.On("POST /v1/chat/completions", JsonSerializer.Serialize(new { error = new { message, type = "error", param = (string?)null, code } }), status, ("Content-Type", "application/json"));

    public static string Chunk(string text) =>
        $"data: {JsonSerializer.Serialize(new { id = "c", @object = "chat.completion.chunk", created = 1, model = "gpt-4o-mini", choices = new[] { new { index = 0, delta = new { content = text }, finish_reason = (string?)null } } })}\n\n";

    public const string End = """
        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

        data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}

        data: [DONE]


        """;

    private static string Stream(string[] pieces, bool isWhole) => string.Concat(pieces.Select(Chunk)) + (isWhole ? End : "");

    private static string Whole(string text) => JsonSerializer.Serialize(new
    {
        id = "c",
        @object = "chat.completion",
        created = 1,
        model = "gpt-4o-mini",
        choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } },
        usage = new { prompt_tokens = 10, completion_tokens = 4, total_tokens = 14 },
    });
}
