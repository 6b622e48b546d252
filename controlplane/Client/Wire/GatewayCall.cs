using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Client.Wire;

/// <summary>Sends one request of a client, again after a 429, within its time, and makes a <see cref="GatewayException"/> of every failure.</summary>
internal sealed class GatewayCall(GatewayClientOptions options, TimeProvider time, ILogger logger)
{
    private readonly Attempts _attempts = new(options.Retries, time, logger);

    public TimeProvider Time => time;

    /// <summary>What is never shown.</summary>
    public string Secret => options.GatewayToken;

    public delegate Task<ClientResult> Send(BinaryContent content, RequestOptions request);

    /// <summary>The whole answer, status 200.</summary>
    public async Task<PipelineResponse> SendAsync(Send send, BinaryData body, string model, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.Timeout, time, cancellationToken);
        return await _attempts.RunAsync(() => AttemptAsync(send, body, model, streamed: false, limit, cancellationToken), limit, cancellationToken);
    }

    /// <summary>An answer of which the headers are here. The limit keeps running, and is the caller's to renew and to dispose, as is the answer.</summary>
    public Task<PipelineResponse> OpenAsync(Send send, BinaryData body, string model, TimeLimit limit, CancellationToken cancellationToken) =>
        _attempts.RunAsync(() => AttemptAsync(send, body, model, streamed: true, limit, cancellationToken), limit, cancellationToken);

    private async Task<PipelineResponse> AttemptAsync(Send send, BinaryData body, string model, bool streamed, TimeLimit limit, CancellationToken cancellationToken)
    {
        try
        {
            // Not `Accept: text/event-stream`: for that the SDK puts a stream of its own before the answer, which keeps an event until it is whole and asks again when the connection breaks.
            // Nor does it read a whole answer: it would keep one that never ends.
            var request = new RequestOptions { BufferResponse = false, ErrorOptions = ClientErrorBehaviors.NoThrow, CancellationToken = limit.Token };
            using var content = BinaryContent.Create(body);
            var response = (await send(content, request)).GetRawResponse();
            try
            {
                if (streamed && response.Status == 200) return response;
                await KeepAsync(response, limit.Token);
                return response.Status == 200 ? response : throw Failure(response, model);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is not GatewayException)
        {
            throw Broken(e, limit, cancellationToken);
        }
    }

    private async ValueTask KeepAsync(PipelineResponse response, CancellationToken cancellationToken)
    {
        GatewayException TooLarge() => GatewayAnswerTooLargeException.Whole(response.Status, AnswerHeaders.Of(response).RequestId, options.MaxAnswerBytes);
        if (!response.Headers.TryGetValue("Content-Length", out var length)) response.ContentStream = new BoundedBytes(response.ContentStream ?? Stream.Null, options.MaxAnswerBytes, TooLarge);
        // The transport takes no more than that.
        else if (!long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes > options.MaxAnswerBytes) throw TooLarge();
        await response.BufferContentAsync(cancellationToken);
    }

    private GatewayException Failure(PipelineResponse response, string model)
    {
        var headers = AnswerHeaders.Of(response);
        return FailureReader.Read(About(response.Status, headers.RequestId, FailureReader.RetryAfter(headers.RetryAfter, time.GetUtcNow()), model), ErrorAnswer.Read(response.Content.ToMemory(), Secret));
    }

    /// <summary>An error that came within an answer that began well.</summary>
    public GatewayException Failure(System.Text.Json.JsonElement error, string? requestId, string model) =>
        FailureReader.Read(About(null, requestId, null, model), ErrorAnswer.Read(error, Secret));

    /// <summary>What the network did.</summary>
    public GatewayException Broken(Exception e, TimeLimit limit, CancellationToken cancellationToken, string? requestId = null) =>
        NetworkFailure.Of(e, limit, Host, SettingReader.BaseUrlVariable, requestId, cancellationToken);

    private FailedCall About(int? status, string? requestId, TimeSpan? retryAfter, string model) =>
        new(status, requestId, retryAfter, model, options.GatewayId, options.Slug == Address.WorkersAi, options.Timeout);

    private string Host => (options.Endpoint ?? options.BaseUrl).Authority;
}
