using System.ClientModel.Primitives;
using System.Net.ServerSentEvents;
using System.Text.Json;
using GatewayOps.Client.Errors;
using Microsoft.Extensions.AI;

namespace GatewayOps.Client.Wire;

/// <summary>
/// One streamed answer. It is whole after a finish reason and `[DONE]`, and only then; anything else is a <see cref="GatewayTruncatedException"/>, or what the stream itself calls an error.
/// The SDK's own reader would not do: it takes a stream that broke off for one that ended, passes over errors within it, and knows no thoughts of models that are not OpenAI's.
/// </summary>
internal sealed class TurnStream : IAsyncDisposable
{
    private readonly PipelineResponse _response;
    private readonly GatewayCall _call;
    private readonly TimeLimit _limit;
    private readonly string _model;
    private readonly CancellationToken _cancellationToken;
    private readonly AnswerHeaders _headers;
    private readonly ChunkMemory _known = new();
    private readonly CallPieces _calls = new();
    private readonly BoundedBytes _bytes;
    private readonly IAsyncEnumerator<SseItem<StreamChunk>> _events;
    private ChatFinishReason? _finish;
    private UsageDetails? _usage;
    private DateTimeOffset? _created;

    public TurnStream(PipelineResponse response, GatewayCall call, TimeLimit limit, string model, CancellationToken cancellationToken)
    {
        (_response, _call, _limit, _model, _cancellationToken) = (response, call, limit, model, cancellationToken);
        _headers = AnswerHeaders.Of(response);
        _bytes = BoundedBytes.OfEvents(response.ContentStream ?? Stream.Null, _headers.RequestId);
        _events = SseParser.Create(_bytes, (_, data) => StreamChunk.Read(data, _known)).EnumerateAsync(limit.Token).GetAsyncEnumerator(limit.Token);
    }

    public string? Id => _known.Id;

    /// <summary>The functions that it called, once it is whole.</summary>
    public List<FunctionCallContent> Calls => [.. _calls.Whole()];

    /// <summary>What it was, once it is whole.</summary>
    public Turn Turn(ChatMessage message) =>
        new() { Message = message, FinishReason = _finish, Usage = _usage, Id = _known.Id, Model = _known.Model, Headers = _headers, CreatedAt = _created };

    /// <summary>The next piece that has something in it; null when the answer is whole.</summary>
    public async ValueTask<ChatResponseUpdate?> NextAsync()
    {
        while (true)
        {
            StreamChunk chunk;
            try
            {
                _limit.Renew();
                if (!await _events.MoveNextAsync()) throw Truncated(null);
                _limit.Pause();
                _bytes.Restart();
                chunk = _events.Current.Data;
            }
            catch (JsonException e)
            {
                throw new GatewayException("An event of the stream is no part of a chat completion.", Known, e);
            }
            catch (Exception e) when (e is not GatewayException)
            {
                var broken = _call.Broken(e, _limit, _cancellationToken, _headers.RequestId);
                throw broken is GatewayTruncatedException ? Truncated(e) : broken;
            }
            if (chunk.IsEnd) return _finish is null ? throw Truncated(null) : null;
            if (chunk.Error.ValueKind != JsonValueKind.Undefined) throw _call.Failure(chunk.Error, _headers.RequestId, _model);
            if (Take(chunk) is { } update) return update;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync();
        _response.Dispose();
    }

    private ChatResponseUpdate? Take(in StreamChunk chunk)
    {
        if (UsageReader.Read(chunk.Usage) is { } usage) _usage = usage;
        if (chunk.FinishReason is { } reason) _finish = FinishReasons.Of(reason) ?? _finish;
        _created ??= JsonText.TimeOf(chunk.Created);
        foreach (var piece in chunk.Calls ?? []) _calls.Add(piece);
        AIContent? content =
            chunk.Text is { Length: > 0 } text ? new TextContent(text)
            : chunk.Thought is { Length: > 0 } thought ? new TextReasoningContent(thought)
            : chunk.Refusal is { Length: > 0 } refusal ? JsonText.Refused(refusal)
            : null;
        if (content is null) return null;
        var update = Update(content);
        if (content is TextContent && chunk.Thought is { Length: > 0 } also) update.Contents.Insert(0, new TextReasoningContent(also));
        return update;
    }

    public ChatResponseUpdate Update(params IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = _known.Id, MessageId = _known.Id, ModelId = _known.Model, CreatedAt = _created };

    private GatewayFailure Known => new(null, null, _headers.RequestId);

    private GatewayTruncatedException Truncated(Exception? inner) =>
        new($"The stream broke off before its end{(_headers.RequestId is null ? "" : $" (request {_headers.RequestId})")}: it had {(_finish is null ? "no finish reason" : "a finish reason and no [DONE]")}. What came is not the whole answer.", Known, inner);
}
