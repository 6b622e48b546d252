using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GatewayOps.Cloudflare.Http;

namespace GatewayOps.Cloudflare.WorkersAi;

/// <summary>
/// `/accounts/{id}/ai`: models are run, each run costs, and none is repeated unless it is sure that it did not happen. `Model` names are as `@cf/meta/llama-3.1-8b-instruct`.
/// Source: Cloudflare contract, section 16.
/// </summary>
public sealed class WorkersAiClient
{
    private const string Done = "[DONE]";
    private readonly Transport _transport;

    internal WorkersAiClient(Transport transport)
    {
        _transport = transport;
        Models = new ModelCatalogueClient(transport);
        OpenAi = new OpenAiClient(transport);
    }

    /// <summary>Which models there are.</summary>
    public ModelCatalogueClient Models { get; }

    /// <summary>The same models, and those of others, in OpenAI's and Anthropic's shapes.</summary>
    public OpenAiClient OpenAi { get; }

    /// <summary>Any model that answers JSON; the answer is its `result`.</summary>
    public Task<JsonElement> RunAsync(string model, JsonObject input, RunOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync(To(Endpoints.WorkersAi.Run, model, input, options), result => result, cancellationToken);

    /// <summary>A text model, whole.</summary>
    public Task<TextAnswer> GenerateAsync(string model, TextInput input, RunOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync(To(Endpoints.WorkersAi.Run, model, input.ToJson(), options), TextAnswer.Read, cancellationToken);

    /// <summary>A text model, piece by piece. A stream that ends before its end throws; what came until then was real.</summary>
    public async IAsyncEnumerable<TextChunk> StreamAsync(string model, TextInput input, RunOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = input.ToJson();
        asked["stream"] = true;
        await using var events = await _transport.OpenAsync(To(Endpoints.WorkersAi.Run, model, asked, options), cancellationToken);
        while (await events.NextAsync(cancellationToken) is { } data)
        {
            if (data == Done) yield break;
            yield return TextChunk.Read(events.Read(data));
        }
        throw events.BrokenOff();
    }

    public Task<Embeddings> EmbedAsync(string model, IReadOnlyList<string> texts, RunOptions options, CancellationToken cancellationToken) =>
        _transport.SendAsync(To(Endpoints.WorkersAi.Run, model, new JsonObject { ["text"] = new JsonArray([.. texts.Select(text => (JsonNode)text)]) }, options), Embeddings.Read, cancellationToken);

    /// <summary>A model that answers bytes, as one of pictures.</summary>
    public Task<BinaryOutput> RunBinaryAsync(string model, JsonObject input, RunOptions options, CancellationToken cancellationToken) =>
        _transport.SendRawAsync(To(Endpoints.WorkersAi.Run, model, input, options), BinaryOutput.Of, cancellationToken);

    /// <summary>A model of anybody's, as `openai/gpt-5-mini`, through a gateway.</summary>
    public Task<ModelRun> RunAnyAsync(string model, JsonObject input, RunOptions options, CancellationToken cancellationToken)
    {
        var call = _transport.To(Endpoints.WorkersAi.RunAny).With(new JsonObject { ["model"] = model, ["input"] = input.DeepClone() }) with { Headers = options.ToHeaders() };
        return _transport.SendAsync(call, ModelRun.Read, cancellationToken);
    }

    /// <summary>Takes on a batch, to be answered when there is room.</summary>
    public Task<BatchTicket> QueueAsync(string model, IReadOnlyList<BatchInput> inputs, CancellationToken cancellationToken)
    {
        var requests = new JsonArray([.. inputs.Select(input =>
        {
            var request = input.Input.DeepClone().AsObject();
            request["external_reference"] = input.Reference;
            return request;
        })]);
        return _transport.SendAsync(Queued(Endpoints.WorkersAi.Queue, model).With(new JsonObject { ["requests"] = requests }), result => BatchTicket.Read(result, model), cancellationToken);
    }

    public Task<BatchState> PollAsync(string model, string requestId, CancellationToken cancellationToken) =>
        _transport.SendAsync(Queued(Endpoints.WorkersAi.Poll, model).With(new JsonObject { ["request_id"] = requestId }), result => BatchState.Read(result, _transport.Options.Assumptions), cancellationToken);

    /// <summary>Polls until the batch is done: after half a second, then more and more seldom, every eight seconds at last. Null when it is not done within `limit`.</summary>
    public async Task<BatchState?> WaitAsync(string model, string requestId, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = _transport.Time.GetTimestamp();
        for (var poll = 0; ; poll++)
        {
            if (await PollAsync(model, requestId, cancellationToken) is { Outputs: not null } done) return done;
            var wait = RetryTiming.Backoff(poll, 0);
            if (_transport.Time.GetElapsedTime(started) + wait > limit) return null;
            await Task.Delay(wait, _transport.Time, cancellationToken);
        }
    }

    private Call To(Endpoint endpoint, string model, JsonObject input, RunOptions options) => _transport.To(endpoint, model).With(input) with { Headers = options.ToHeaders() };

    private Call Queued(Endpoint endpoint, string model) => _transport.To(endpoint, model).And("queueRequest", true);
}
