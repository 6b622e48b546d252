using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
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
    private readonly HttpClient _http;
    private readonly bool _owned;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Checks the options, and sends nothing. Throws <see cref="GatewayConfigurationException"/>.</summary>
    /// <param name="options">Which account and model.</param>
    /// <param name="http">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="time">As of <see cref="GatewayChatClient"/>.</param>
    /// <param name="logger">As of <see cref="GatewayChatClient"/>.</param>
    public WorkersAiClient(WorkersAiOptions options, HttpClient? http = null, TimeProvider? time = null, ILogger<WorkersAiClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Demand();
        _options = options;
        (_http, _owned) = (http ?? GatewayWire.NewHttp(), http is null);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<WorkersAiClient>.Instance;
    }

    /// <summary>The whole answer.</summary>
    /// <inheritdoc />
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var model = Model(options);
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await SendAsync(model, "", json => WriteInput(json, messages, options, stream: false), limit, streamed: false, cancellationToken);
        var (body, requestId) = (await BytesAsync(answer, model, limit, cancellationToken), RequestId(answer));
        return Whole(Result(body, model, requestId), body, model, requestId);
    }

    /// <summary>The answer in pieces, its usage last. A stream that breaks off throws <see cref="GatewayTruncatedException"/>.</summary>
    /// <inheritdoc />
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var model = Model(options);
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await SendAsync(model, "", json => WriteInput(json, messages, options, stream: true), limit, streamed: true, cancellationToken);
        var requestId = RequestId(answer);
        await using var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(limit.Token)).EnumerateAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        UsageDetails? usage = null;
        while (await NextAsync(events, limit, requestId, cancellationToken) is { } data)
        {
            if (data == "[DONE]")
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, usage is null ? [] : [new UsageContent(usage)]) { ModelId = model, ResponseId = requestId, FinishReason = ChatFinishReason.Stop };
                yield break;
            }
            var (text, used) = Piece(data, model, requestId);
            usage = used ?? usage;
            if (text.Length > 0) yield return new ChatResponseUpdate(ChatRole.Assistant, text) { ModelId = model, ResponseId = requestId };
        }
        throw new GatewayTruncatedException("The stream broke off before its [DONE]. What came is not the whole answer.", new GatewayFailure(null, null, requestId));
    }

    /// <summary>Takes on a batch, to be answered when there is room. Throws <see cref="GatewayException"/>.</summary>
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

    /// <summary>The answers of a batch, in the order of their items where Cloudflare keeps it; null while it is not done.</summary>
    /// <param name="batch">What <see cref="QueueAsync"/> gave.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<WorkersAiBatchAnswer>?> PollAsync(WorkersAiBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var result = await AskAsync(batch.Model, json => json.WriteString("request_id"u8, batch.RequestId), cancellationToken);
        if (result.MemberOf("responses") is not { ValueKind: JsonValueKind.Array } answers) return null;
        return [.. answers.EnumerateArray().Select(answer => answer.MemberOf("success").ValueKind == JsonValueKind.False
            ? new WorkersAiBatchAnswer(answer.StringOf("external_reference") ?? "", null, ErrorAnswer.Read(answer).Message)
            : new WorkersAiBatchAnswer(answer.StringOf("external_reference") ?? "", TextOf(answer.MemberOf("result")) ?? "", null))];
    }

    /// <summary>Polls until the batch is done: after half a second, then after twice as long each time, every eight seconds at last. Null when it is not done within the limit.</summary>
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

    private string Model(ChatOptions? options)
    {
        var model = WorkersAiModel.Normalise(options?.ModelId ?? _options.Model);
        // A name becomes a part of the path.
        (_options with { Model = model }).Demand();
        return model;
    }

    private void WriteInput(Utf8JsonWriter json, IEnumerable<ChatMessage> messages, ChatOptions? options, bool stream)
    {
        if (options?.Tools is { Count: > 0 }) throw new NotSupportedException("Functions go through GatewayChatClient with the provider `cloudflare`: this client has text alone");
        var all = options?.Instructions is { Length: > 0 } instructions ? messages.Prepend(new ChatMessage(ChatRole.System, instructions)) : messages;
        if (_options.Input == WorkersAiInput.Prompt) json.WriteString("prompt"u8, WorkersAiPrompt.Of(all));
        else
        {
            json.WriteStartArray("messages"u8);
            foreach (var message in all) MessageWriter.Write(json, message);
            json.WriteEndArray();
        }
        if (options?.Temperature is { } temperature) json.WriteNumber("temperature"u8, temperature);
        if (options?.TopP is { } topP) json.WriteNumber("top_p"u8, topP);
        if (options?.TopK is { } topK) json.WriteNumber("top_k"u8, topK);
        if (options?.Seed is { } seed) json.WriteNumber("seed"u8, seed);
        if (options?.MaxOutputTokens is { } most) json.WriteNumber("max_tokens"u8, most);
        if (options?.FrequencyPenalty is { } frequency) json.WriteNumber("frequency_penalty"u8, frequency);
        if (options?.PresencePenalty is { } presence) json.WriteNumber("presence_penalty"u8, presence);
        if (stream) json.WriteBoolean("stream"u8, true);
    }

    private async Task<JsonElement> AskAsync(string model, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(_options.Timeout, _time, cancellationToken);
        using var answer = await SendAsync(model, "?queueRequest=true", write, limit, streamed: false, cancellationToken);
        return Result(await BytesAsync(answer, model, limit, cancellationToken), model, RequestId(answer));
    }

    private async Task<HttpResponseMessage> SendAsync(string model, string query, Action<Utf8JsonWriter> write, TimeLimit limit, bool streamed, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        for (var attempt = 1; ; attempt++)
        {
            GatewayException failure;
            limit.Renew();
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"{_options.BaseUrl.AbsoluteUri.TrimEnd('/')}/accounts/{_options.AccountId}/ai/run/{model}{query}")
                {
                    Content = new ReadOnlyMemoryContent(buffer.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
                };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiToken);
                var answer = await _http.SendAsync(request, streamed ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, limit.Token);
                if (answer.StatusCode == HttpStatusCode.OK) return answer;
                using (answer) failure = Failure(answer, await answer.Content.ReadAsByteArrayAsync(limit.Token), model);
            }
            catch (Exception e) when (e is not GatewayException)
            {
                failure = Broken(e, limit, null, cancellationToken);
            }
            failure.Attempts = attempt;
            if (failure is not GatewayRateLimitedException limited || attempt > _options.MaxRetries) throw failure;
            var wait = limited.RetryAfter ?? TimeSpan.FromSeconds(1 << (attempt - 1));
            if (wait > TimeSpan.FromSeconds(60)) throw failure;
            ClientLog.Retrying(_logger, failure.Status, attempt, wait.TotalSeconds, failure.RequestId);
            limit.Pause();
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private async Task<byte[]> BytesAsync(HttpResponseMessage answer, string model, TimeLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadAsByteArrayAsync(limit.Token);
        }
        catch (Exception e)
        {
            throw Broken(e, limit, RequestId(answer), cancellationToken);
        }
    }

    private async ValueTask<string?> NextAsync(IAsyncEnumerator<SseItem<string>> events, TimeLimit limit, string? requestId, CancellationToken cancellationToken)
    {
        try
        {
            limit.Renew();
            if (!await events.MoveNextAsync()) return null;
            limit.Pause();
            return events.Current.Data;
        }
        catch (Exception e)
        {
            throw Broken(e, limit, requestId, cancellationToken);
        }
    }

    /// <summary>`result` of an envelope that says success. Source: checklist S4-11.</summary>
    private JsonElement Result(byte[] body, string model, string? requestId)
    {
        JsonElement root;
        try
        {
            root = JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException e)
        {
            throw NoResult(body, requestId, "it is not JSON", e);
        }
        if (root.MemberOf("success").ValueKind == JsonValueKind.False)
            throw WorkersAiErrors.Explain(200, ErrorAnswer.Read(root).Without(_options.ApiToken), requestId, null, model, _options);
        return root.MemberOf("result") is { ValueKind: JsonValueKind.Object } result ? result : throw NoResult(body, requestId, $"it has no `result`{Errors(root)}", null);
    }

    private static ChatResponse Whole(JsonElement result, byte[] body, string model, string? requestId)
    {
        var text = TextOf(result) ?? throw NoResult(body, requestId, "it has no `result.response`", null);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ModelId = model,
            ResponseId = requestId,
            FinishReason = ChatFinishReason.Stop,
            Usage = UsageReader.Read(result.MemberOf("usage")),
            AdditionalProperties = new() { [GatewayUsage.ProviderProperty] = Address.WorkersAi, [GatewayUsage.RequestIdProperty] = requestId, [GatewayUsage.TurnsProperty] = 1 },
        };
    }

    // Newer models put a chat completion into the result.
    private static string? TextOf(JsonElement result) =>
        result.MemberOf("choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0 ? choices[0].MemberOf("message").StringOf("content") ?? ""
        : result.MemberOf("response") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json => json.GetRawText(),
            _ => null,
        };

    private (string Text, UsageDetails? Usage) Piece(string data, string model, string? requestId)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            var root = document.RootElement;
            if (root.MemberOf("errors") is { ValueKind: JsonValueKind.Array } || root.MemberOf("error").ValueKind is JsonValueKind.Object or JsonValueKind.String)
                throw WorkersAiErrors.Explain(null, ErrorAnswer.Read(root).Without(_options.ApiToken), requestId, null, model, _options);
            var text = root.MemberOf("choices") is { ValueKind: JsonValueKind.Array } choices ? choices.GetArrayLength() > 0 ? choices[0].MemberOf("delta").StringOf("content") : null : TextOf(root);
            return (text ?? "", UsageReader.Read(root.MemberOf("usage")));
        }
        catch (JsonException e)
        {
            throw new GatewayException("An event of the stream is no part of an answer.", new GatewayFailure(null, null, requestId), e);
        }
    }

    private GatewayException Failure(HttpResponseMessage answer, byte[] body, string model) => WorkersAiErrors.Explain(
        (int)answer.StatusCode, ErrorAnswer.Read(body).Without(_options.ApiToken), RequestId(answer),
        FailureReader.RetryAfter(answer.Headers.TryGetValues("Retry-After", out var values) ? values.First() : null, _time.GetUtcNow()), model, _options);

    private GatewayException Broken(Exception e, TimeLimit limit, string? requestId, CancellationToken cancellationToken) =>
        NetworkFailure.Of(e, limit, _options.BaseUrl.Authority, WorkersAiOptions.BaseUrlVariable, requestId, cancellationToken);

    private static GatewayException NoResult(byte[] body, string? requestId, string what, Exception? inner) =>
        new($"The answer is no answer of Workers AI: {what}. It begins: {ErrorAnswer.Head(body.AsMemory(0, Math.Min(200, body.Length)))}", new GatewayFailure(200, null, requestId), inner);

    private static string Errors(JsonElement root) => root.MemberOf("errors") is { ValueKind: JsonValueKind.Array } errors && errors.GetArrayLength() > 0 ? $"; its errors are {ErrorAnswer.Read(root).Message}" : "";

    private static string? RequestId(HttpResponseMessage answer)
    {
        foreach (var name in (ReadOnlySpan<string>)["x-request-id", "cf-aig-log-id", "cf-ray"])
            if (answer.Headers.TryGetValues(name, out var values)) return values.First();
        return null;
    }
}
