using System.ClientModel;
using System.ClientModel.Primitives;
using GatewayOps.Client.Errors;
using GatewayOps.Client.Settings;
using Microsoft.Extensions.Logging;

namespace GatewayOps.Client.Wire;

/// <summary>Sends one request of a client, again after a 429, within its time, and makes a <see cref="GatewayException"/> of every failure.</summary>
internal sealed class GatewayCall(GatewayClientOptions options, TimeProvider time, ILogger logger)
{
    public GatewayClientOptions Options => options;

    public TimeProvider Time => time;

    public delegate Task<ClientResult> Send(BinaryContent content, RequestOptions request);

    /// <summary>The whole answer, status 200.</summary>
    public async Task<PipelineResponse> SendAsync(Send send, BinaryData body, string model, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(options.Timeout, time, cancellationToken);
        return await AttemptAsync(send, body, model, streamed: false, limit, cancellationToken);
    }

    /// <summary>An answer of which the headers are here. The limit keeps running, and is the caller's to renew and to dispose, as is the answer.</summary>
    public Task<PipelineResponse> OpenAsync(Send send, BinaryData body, string model, TimeLimit limit, CancellationToken cancellationToken) =>
        AttemptAsync(send, body, model, streamed: true, limit, cancellationToken);

    private async Task<PipelineResponse> AttemptAsync(Send send, BinaryData body, string model, bool streamed, TimeLimit limit, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            GatewayException failure;
            limit.Renew();
            try
            {
                var request = new RequestOptions { BufferResponse = !streamed, ErrorOptions = ClientErrorBehaviors.NoThrow, CancellationToken = limit.Token };
                if (streamed) request.SetHeader("Accept", "text/event-stream");
                using var content = BinaryContent.Create(body);
                var response = (await send(content, request)).GetRawResponse();
                if (response.Status == 200) return response;
                using (response)
                {
                    if (streamed) await response.BufferContentAsync(limit.Token);
                    failure = Failure(response, model);
                }
            }
            catch (Exception e) when (e is not GatewayException)
            {
                failure = Broken(e, limit, cancellationToken);
            }
            failure.Attempts = attempt;
            if (Wait(failure, attempt) is not { } wait) throw failure;
            ClientLog.Retrying(logger, failure.Status, attempt, wait.TotalSeconds, failure.RequestId);
            limit.Pause();
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>How long until the next attempt; null when there is none.</summary>
    private TimeSpan? Wait(GatewayException failure, int attempt)
    {
        if (failure is not GatewayRateLimitedException limited || attempt > options.MaxRetries) return null;
        if (limited.RetryAfter is { } asked) return asked <= options.MaxRetryDelay ? asked : null;
        // Not a secret: chance keeps callers apart.
        var chance = 1 + options.RetryJitter * Random.Shared.NextDouble();
        return options.RetryDelay * (1 << (attempt - 1)) * chance;
    }

    public GatewayException Failure(PipelineResponse response, string model)
    {
        var retryAfter = response.Headers.TryGetValue("retry-after", out var header) ? FailureReader.RetryAfter(header, time.GetUtcNow()) : null;
        return FailureReader.Read(About(response.Status, AnswerHeaders.Of(response).RequestId, retryAfter, model), ErrorAnswer.Read(response.Content.ToMemory()).Without(options.GatewayToken));
    }

    /// <summary>An error that came within a stream, after its 200.</summary>
    public GatewayException Failure(ErrorAnswer error, string? requestId, string model) =>
        FailureReader.Read(About(null, requestId, null, model), error.Without(options.GatewayToken));

    /// <summary>What the network did.</summary>
    public GatewayException Broken(Exception e, TimeLimit limit, CancellationToken cancellationToken, string? requestId = null) =>
        NetworkFailure.Of(e, limit, Host, SettingReader.BaseUrlVariable, requestId, cancellationToken);

    private FailedCall About(int? status, string? requestId, TimeSpan? retryAfter, string model) =>
        new(status, requestId, retryAfter, model, options.GatewayId, options.Slug == Address.WorkersAi, options.Timeout);

    private string Host => (options.Endpoint ?? options.BaseUrl).Authority;

}
