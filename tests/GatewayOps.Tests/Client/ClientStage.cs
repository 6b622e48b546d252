using System.Text;
using System.Text.Json;
using GatewayOps.Client;
using GatewayOps.Tests.Proxy;
using GatewayOps.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GatewayOps.Tests.Client;

/// <summary>An emulator with the gateway `openai-compat`, authentication on, and stored keys of the providers of S3-10. Tests of a class share it and read it by their own prompts.</summary>
public sealed class ClientStage : IAsyncLifetime
{
    public static readonly string[] Providers = ["openai", "anthropic", "google-ai-studio", "openrouter", "groq", "mistral", "cohere", "grok", "deepseek", "perplexity-ai", "workers-ai"];

    public TestEmulator Emulator { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Emulator = await TestEmulator.StartAsync();
        await Emulator.CreateGatewayAsync("openai-compat", new Dictionary<string, object?> { ["authentication"] = true });
        ProxyStage.StoreKeys(Emulator, Providers);
    }

    public async Task DisposeAsync() => await Emulator.DisposeAsync();

    public GatewayClientOptions Options(string provider = "openai", string? model = null) => new()
    {
        AccountId = Emulator.Options.AccountId,
        GatewayToken = Emulator.Options.ApiToken,
        BaseUrl = Emulator.BaseUrl,
        Provider = provider,
        Model = model,
    };

    public GatewayChatClient Client(string provider = "openai", string? model = null) => new(Options(provider, model));

    /// <summary>The last request that a provider received and that holds a text.</summary>
    public async Task<(JsonElement Recorded, JsonElement Body)> ReceivedAsync(string provider, string text)
    {
        var recorded = (await Emulator.UpstreamAsync(provider)).GetProperty("recorded").EnumerateArray().Last(request => request.GetProperty("body").GetString()!.Contains(text, StringComparison.Ordinal));
        return (recorded, JsonSerializer.Deserialize<JsonElement>(recorded.GetProperty("body").GetString()!));
    }
}

/// <summary>A gateway that answers what a test says, and keeps what it was asked.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    public const string Token = "token-of-the-gateway-canary";

    private readonly Queue<RequestDelegate> _answers;
    private StubGateway _stub = null!;

    private ScriptedGateway(IEnumerable<RequestDelegate> answers) => _answers = new(answers);

    /// <summary>What came, oldest first.</summary>
    public List<(string Path, string? Authorization, string Body)> Asked { get; } = [];

    public Uri BaseUrl => _stub.BaseUrl;

    /// <summary>Answers in this order; the last one again and again.</summary>
    public static async Task<ScriptedGateway> StartAsync(params RequestDelegate[] answers)
    {
        var gateway = new ScriptedGateway(answers);
        gateway._stub = await StubGateway.StartAsync(gateway.AnswerAsync);
        return gateway;
    }

    public GatewayClientOptions Options => new() { AccountId = "acc", GatewayToken = Token, BaseUrl = BaseUrl, Provider = "openai", Model = "gpt-4o-mini", Timeout = Timeout.InfiniteTimeSpan };

    public GatewayChatClient Client() => new(Options);

    public static RequestDelegate Status(int status, string body, params (string Name, string Value)[] headers) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in headers) context.Response.Headers[name] = value;
        await context.Response.WriteAsync(body);
    };

    public static RequestDelegate Error(int status, string code, string message = "no", params (string Name, string Value)[] headers) =>
        Status(status, JsonSerializer.Serialize(new { error = new { message, type = "error", param = (string?)null, code } }), headers);

    public static RequestDelegate Says(string content, object? more = null) => Message(new { role = "assistant", content }, "stop", more);

    /// <summary>A turn that calls functions: name and JSON text of the arguments.</summary>
    public static RequestDelegate Calls(params (string Name, string Arguments)[] calls) => Message(
        new { role = "assistant", content = (string?)null, tool_calls = calls.Select((call, index) => new { id = $"call-{index}", type = "function", function = new { name = call.Name, arguments = call.Arguments } }) }, "tool_calls");

    public static RequestDelegate Message(object message, string finish, object? usage = null) => Status(200, JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion",
        created = 1_760_000_000,
        model = "gpt-4o-mini-2024",
        choices = new[] { new { index = 0, message, finish_reason = finish } },
        usage = usage ?? new { prompt_tokens = 10, completion_tokens = 4, total_tokens = 14, prompt_tokens_details = new { cached_tokens = 3 }, completion_tokens_details = new { reasoning_tokens = 2 } },
    }), ("x-request-id", "req-77"));

    public static RequestDelegate Events(string text) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
    };

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        RequestDelegate answer;
        lock (Asked)
        {
            Asked.Add((context.Request.Path, context.Request.Headers.Authorization, body));
            answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
        }
        await answer(context);
    }
}
