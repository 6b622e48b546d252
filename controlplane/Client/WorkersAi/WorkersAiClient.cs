using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using GatewayOps.Client.Telemetry;
using GatewayOps.Client.Wire;
using GatewayOps.Rules;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GatewayOps.Client.WorkersAi;

/// <summary>
/// Workers AI by its own API, `/accounts/{account}/ai/run/{model}`: run, stream, batch. Thread-safe. Failures are <see cref="GatewayException"/>s, with the words of the `errors` of the answer
/// and what to check. Source: checklist S4-08 to S4-15; Cloudflare contract, section 16.
/// </summary>
public sealed class WorkersAiClient : IChatClient
{
    private readonly WorkersAiOptions _options;
    private readonly WorkersAiReader _reader;
    private readonly Attempts _attempts;
    private readonly HttpClient _http;
    private readonly bool _owned;
    private readonly TimeProvider _time;

    /// <summary>Checks the options, and sends nothing. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="options">Which account and model.</param>
    /// <param name="http">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="time">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="logger">As of <see cref="GatewayChatClient"/>.</param>
    public WorkersAiClient(WorkersAiOptions options, HttpClient? http = null, TimeProvider? time = null, ILogger<WorkersAiClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.Demand(options);
        _options = options;
        _reader = new WorkersAiReader(options);
        (_http, _owned) = (http ?? GatewayWire.NewHttp(), http is null);
        _time = time ?? TimeProvider.System;
        _attempts = new Attempts(options.Retries, _time, logger ?? NullLogger<WorkersAiClient>.Instance);
    }

    /// <summary>The whole answer. Throws <see cref="GatewayException"/>, and <see cref="NotSupportedException"/> for functions and, as a prompt, for what is no text.</summary>
    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var model = Model(options);
        using var operating = Operating(model);
        var turn = await operating.WatchAsync(TurnAsync(messages, options, model, cancellationToken));
        operating.Succeed(turn);
        return new ChatResponse(turn.Message) { ModelId = model, ResponseId = turn.Id, FinishReason = turn.FinishReason, Usage = turn.Usage, AdditionalProperties = Properties(turn.Headers) };
    }

    /// <summary>The answer in pieces, its usage last. A stream that breaks off throws <see cref="GatewayTruncatedException"/>.</summary>
    /// <inheritdoc />
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var model = Model(options);
        using var operating = Operating(model);
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await operating.WatchAsync(SendAsync(model, "", json => WriteInput(json, messages, options, stream: true), limit, streamed: true, cancellationToken));
        var headers = AnswerHeaders.Of(answer);
        await using var bytes = BoundedBytes.OfEvents(await answer.Content.ReadAsStreamAsync(limit.Token), headers.RequestId);
        await using var events = SseParser.Create(bytes).EnumerateAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        UsageDetails? usage = null;
        for (var first = true; await operating.WatchAsync(NextAsync(events, bytes, model, limit, headers.RequestId, cancellationToken)) is { } piece;)
        {
            usage = piece.Usage ?? usage;
            if (piece.Text.Length == 0) continue;
            if (first) operating.First();
            first = false;
            yield return new ChatResponseUpdate(ChatRole.Assistant, piece.Text) { ModelId = model, ResponseId = headers.RequestId };
        }
        operating.Succeed(WorkersAiReader.TurnOf("", usage, model, headers));
        yield return new ChatResponseUpdate(ChatRole.Assistant, usage is null ? [] : [new UsageContent(usage)])
        {
            ModelId = model,
            ResponseId = headers.RequestId,
            FinishReason = ChatFinishReason.Stop,
            AdditionalProperties = Properties(headers),
        };
    }

    /// <summary>Takes on a batch, to be answered when there is room. Throws <see cref="GatewayException"/>, and <see cref="ArgumentException"/> for no items or one reference twice.</summary>
    /// <param name="items">1 or more.</param>
    /// <param name="options">Temperature and the like, of all.</param>
    /// <param name="cancellationToken">Ends the call; a batch that was taken on runs.</param>
    public async Task<WorkersAiBatch> QueueAsync(IReadOnlyList<WorkersAiBatchItem> items, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0 || items.DistinctBy(item => item.Reference).Count() != items.Count) throw new ArgumentException("a batch has items, each with a reference of its own", nameof(items));
        var model = Model(options);
        var result = await AskAsync(model, json =>
        {
            json.WriteStartArray("requests"u8);
            foreach (var item in items)
            {
                json.WriteStartObject();
                json.WriteString("external_reference"u8, item.Reference);
                WriteInput(json, item.Messages, options, stream: false);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }, cancellationToken);
        return result.StringOf("request_id") is { } id ? new WorkersAiBatch(id, model) : throw new GatewayException("The answer has no `result.request_id`: this model takes no batches.", new GatewayFailure(200, null, null));
    }

    /// <summary>The answers of a batch, in the order of their items where Cloudflare keeps it; null while it is not done. Throws <see cref="GatewayException"/>.</summary>
    /// <param name="batch">What <see cref="QueueAsync"/> gave.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<WorkersAiBatchAnswer>?> PollAsync(WorkersAiBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var result = await AskAsync(batch.Model, json => json.WriteString("request_id"u8, batch.RequestId), cancellationToken);
        return result.MemberOf("responses") is { ValueKind: JsonValueKind.Array } answers ? [.. answers.EnumerateArray().Select(_reader.Answer)] : null;
    }

    /// <summary>
    /// Polls until the batch is done: after half a second, then after twice as long each time, every eight seconds at last. Null when it is not done within the limit. Throws
    /// <see cref="GatewayException"/>.
    /// </summary>
    /// <param name="batch">What <see cref="QueueAsync"/> gave.</param>
    /// <param name="limit">Zero or more.</param>
    /// <param name="cancellationToken">Ends the wait; the batch runs.</param>
    public async Task<IReadOnlyList<WorkersAiBatchAnswer>?> WaitAsync(WorkersAiBatch batch, TimeSpan limit, CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        for (var wait = TimeSpan.FromSeconds(0.5); ; wait = wait < TimeSpan.FromSeconds(8) ? wait * 2 : wait)
        {
            if (await PollAsync(batch, cancellationToken) is { } answers) return answers;
            if (_time.GetElapsedTime(started) + wait > limit) return null;
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata(Address.WorkersAi, _options.BaseUrl, WorkersAiModel.Normalise(_options.Model))
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Closes connections.</summary>
    public void Dispose()
    {
        if (_owned) _http.Dispose();
    }

    private ClientTelemetry.Operating Operating(string model) => ClientTelemetry.Start("chat", Address.WorkersAi, model, _options.BaseUrl, _time);

    private static AdditionalPropertiesDictionary Properties(AnswerHeaders headers) =>
        new() { [GatewayUsage.ProviderProperty] = Address.WorkersAi, [GatewayUsage.RequestIdProperty] = headers.RequestId, [GatewayUsage.TurnsProperty] = 1, [GatewayUsage.CachedTurnsProperty] = headers.IsCached ? 1 : 0 };

    private string Model(ChatOptions? options)
    {
        var model = WorkersAiModel.Normalise(options?.ModelId ?? _options.Model);
        OptionsCheck.Demand(_options with { Model = model });
        return model;
    }

    private void WriteInput(Utf8JsonWriter json, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream) => WorkersAiInputWriter.Write(json, _options.Input, messages, options, stream);

    private async ValueTask<Turn> TurnAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, string model, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await SendAsync(model, "", json => WriteInput(json, messages, options, stream: false), limit, streamed: false, cancellationToken);
        return _reader.Whole(await answer.Content.ReadAsByteArrayAsync(CancellationToken.None), model, AnswerHeaders.Of(answer));
    }

    private async Task<JsonElement> AskAsync(string model, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await SendAsync(model, "?queueRequest=true", write, limit, streamed: false, cancellationToken);
        return _reader.Result(await answer.Content.ReadAsByteArrayAsync(CancellationToken.None), model, AnswerHeaders.Of(answer).RequestId);
    }

    /// <summary>An answer with status 200, whole unless it is streamed.</summary>
    private async ValueTask<HttpResponseMessage> SendAsync(string model, string query, Action<Utf8JsonWriter> write, TimeLimit limit, bool streamed, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return await _attempts.RunAsync(() => AttemptAsync($"{_options.BaseUrl.AbsoluteUri.TrimEnd('/')}/accounts/{_options.AccountId}/ai/run/{model}{query}", body.WrittenMemory, model, limit, streamed, cancellationToken), limit, cancellationToken);
    }

    private async Task<HttpResponseMessage> AttemptAsync(string url, ReadOnlyMemory<byte> body, string model, TimeLimit limit, bool streamed, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiToken);
            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            try
            {
                if (streamed && answer.StatusCode == HttpStatusCode.OK) return answer;
                await KeepAsync(answer, limit.Token);
                return answer.StatusCode == HttpStatusCode.OK ? answer : throw Failure(answer, await answer.Content.ReadAsByteArrayAsync(limit.Token), model);
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is not GatewayException)
        {
            throw Broken(e, limit, null, cancellationToken);
        }
    }

    private async Task KeepAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(_options.MaxAnswerBytes, cancellationToken);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw GatewayAnswerTooLargeException.Whole((int)answer.StatusCode, AnswerHeaders.Of(answer).RequestId, _options.MaxAnswerBytes);
        }
    }

    /// <summary>The next event; null after `[DONE]`, without which a stream is not whole.</summary>
    private async ValueTask<(string Text, UsageDetails? Usage)?> NextAsync(IAsyncEnumerator<SseItem<string>> events, BoundedBytes bytes, string model, TimeLimit limit, string? requestId, CancellationToken cancellationToken)
    {
        try
        {
            limit.Renew();
            if (!await events.MoveNextAsync()) throw new GatewayTruncatedException("The stream broke off before its [DONE]. What came is not the whole answer.", new GatewayFailure(null, null, requestId));
            limit.Pause();
            bytes.Restart();
        }
        catch (Exception e) when (e is not GatewayException)
        {
            throw Broken(e, limit, requestId, cancellationToken);
        }
        return events.Current.Data == "[DONE]" ? null : _reader.Piece(events.Current.Data, model, requestId);
    }

    private GatewayException Failure(HttpResponseMessage answer, byte[] body, string model)
    {
        var headers = AnswerHeaders.Of(answer);
        return WorkersAiErrors.Explain((int)answer.StatusCode, ErrorAnswer.Read(body, _options.ApiToken), headers.RequestId, FailureReader.RetryAfter(headers.RetryAfter, _time.GetUtcNow()), model, _options);
    }

    private GatewayException Broken(Exception e, TimeLimit limit, string? requestId, CancellationToken cancellationToken) =>
        NetworkFailure.Of(e, limit, _options.BaseUrl.Authority, WorkersAiOptions.BaseUrlVariable, requestId, cancellationToken);
}
