using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>`…/ai/v1`: bodies and answers are those of OpenAI's and Anthropic's APIs, without an envelope, and are passed on as they are. Source: Cloudflare contract, sections 11 and 16.</summary>
public sealed class OpenAiClient
{
    private readonly Transport _transport;

    internal OpenAiClient(Transport transport) => _transport = transport;

    public Task<JsonElement> ChatCompletionAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) => SendAsync(Endpoints.WorkersAi.ChatCompletions, body, options, cancellationToken);

    public Task<JsonElement> EmbeddingsAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) => SendAsync(Endpoints.WorkersAi.Embeddings, body, options, cancellationToken);

    public Task<JsonElement> ResponseAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) => SendAsync(Endpoints.WorkersAi.Responses, body, options, cancellationToken);

    /// <summary>Anthropic's shape; not for models of Workers AI.</summary>
    public Task<JsonElement> MessageAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) => SendAsync(Endpoints.WorkersAi.Messages, body, options, cancellationToken);

    /// <summary>The chunks of a chat completion. A stream that ends before its end throws.</summary>
    public IAsyncEnumerable<JsonElement> StreamChatCompletionAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) =>
        StreamAsync(Endpoints.WorkersAi.ChatCompletions, body, options, _ => false, cancellationToken);

    /// <summary>The events of a response, the one that ends it included.</summary>
    public IAsyncEnumerable<JsonElement> StreamResponseAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) =>
        StreamAsync(Endpoints.WorkersAi.Responses, body, options, said => said.Text("type") is "response.completed" or "response.incomplete" or "response.failed", cancellationToken);

    /// <summary>The events of a message, `message_stop` included.</summary>
    public IAsyncEnumerable<JsonElement> StreamMessageAsync(JsonObject body, RunOptions options, CancellationToken cancellationToken) =>
        StreamAsync(Endpoints.WorkersAi.Messages, body, options, said => said.Text("type") == "message_stop", cancellationToken);

    private Task<JsonElement> SendAsync(Endpoint endpoint, JsonObject body, RunOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.To(endpoint).With(body) with { Headers = options.ToHeaders() }, Form.Json, root => root, cancellationToken);

    private async IAsyncEnumerable<JsonElement> StreamAsync(
        Endpoint endpoint, JsonObject body, RunOptions options, Func<JsonElement, bool> isLast, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = body.DeepClone().AsObject();
        asked["stream"] = true;
        await using var events = await _transport.OpenAsync(_transport.To(endpoint).With(asked) with { Headers = options.ToHeaders() }, cancellationToken);
        while (await events.NextAsync(cancellationToken) is { } data)
        {
            if (data == "[DONE]") yield break;
            var said = events.Read(data);
            yield return said;
            if (isLast(said)) yield break;
        }
        throw events.BrokenOff();
    }
}
