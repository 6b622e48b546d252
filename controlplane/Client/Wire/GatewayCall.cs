using System.ClientModel;
using System.ClientModel.Primitives;
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
            var request = new RequestOptions { BufferResponse = !streamed, ErrorOptions = ClientErrorBehaviors.NoThrow, CancellationToken = limit.Token };
            using var content = BinaryContent.Create(body);
            var response = (await send(content, request)).GetRawResponse();
            if (response.Status == 200) return response;
            using (response)
            {
                if (streamed) await response.BufferContentAsync(limit.Token);
                throw Failure(response, model);
            }
        }
        catch (Exception e) when (e is not GatewayException)
        {
            throw Broken(e, limit, cancellationToken);
        }
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
