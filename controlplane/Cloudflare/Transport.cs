using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Polly.Retry;

namespace GatewayOps.Cloudflare;

/// <summary>A call: what to do, at which path (with query), with which body. `Secret` never leaves in an error text.</summary>
internal sealed record Call(Endpoint Endpoint, string Path, byte[]? Body = null, string? Secret = null);

/// <summary>
/// Sends calls: through the limiter, with the token, again where that is safe, and turns every failure into a <see cref="CloudflareException"/>.
/// What is safe to repeat: Cloudflare contract, section 1.4; a POST only when the answer says that nothing was done.
/// </summary>
internal sealed class Transport
{
    // A stored log is 10 MB at most (contract, section 3).
    private const int LargestAnswer = 16 * 1024 * 1024;

    private static readonly ProductInfoHeaderValue Agent = new("GatewayOps", typeof(Transport).Assembly.GetName().Version?.ToString(3));

    private readonly HttpClient _http;
    private readonly CloudflareOptions _options;
    private readonly TimeProvider _time;
    private readonly CloudflareMetrics _metrics;
    private readonly RequestGate _gate;
    private readonly ResiliencePipeline<Answer> _pipeline;
    private readonly string _base;

    private readonly record struct Answer(HttpStatusCode Status, byte[] Body);

    public Transport(HttpClient http, CloudflareOptions options, TimeProvider time, CloudflareMetrics metrics)
    {
        _http = http;
        _options = CloudflareOptions.Checked(options);
        _time = time;
        _metrics = metrics;
        _gate = new RequestGate(options.RequestsPerFiveMinutes, TimeSpan.FromMinutes(5), time);
        _base = options.BaseUrl.AbsoluteUri.TrimEnd('/') + "/";
        var pipeline = new ResiliencePipelineBuilder<Answer> { TimeProvider = time };
        if (options.MaxRetries > 0)
            pipeline.AddRetry(new RetryStrategyOptions<Answer>
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = failed => ValueTask.FromResult(failed.Outcome.Exception is CloudflareException { MayRepeat: true }),
                DelayGenerator = failed => ValueTask.FromResult<TimeSpan?>(
                    (failed.Outcome.Exception as CloudflareException)?.RetryAfter ?? RetryTiming.Backoff(failed.AttemptNumber, Random.Shared.NextDouble())),
            });
        _pipeline = pipeline.Build();
    }

    public string PathOf(Endpoint endpoint, params ReadOnlySpan<string> ids) => endpoint.Path(_options.AccountId, ids);

    /// <summary>The `result` of the envelope, read by `read`, which may throw what JSON throws; undefined when the envelope has none.</summary>
    public async Task<T> SendAsync<T>(Call call, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var answer = await _pipeline.ExecuteAsync(async token => await AttemptAsync(call, enveloped: true, token), cancellationToken);
        try
        {
            return read(answer.Status == HttpStatusCode.NoContent ? default : Envelope.TryRead(answer.Body)!.Result);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Unreadable(call, answer.Status, exception);
        }
    }

    /// <summary>A body without envelope: a stored request or response, whatever it holds.</summary>
    public async Task<byte[]> SendRawAsync(Call call, CancellationToken cancellationToken) =>
        (await _pipeline.ExecuteAsync(async token => await AttemptAsync(call, enveloped: false, token), cancellationToken)).Body;

    private async ValueTask<Answer> AttemptAsync(Call call, bool enveloped, CancellationToken cancellationToken)
    {
        await _gate.EnterAsync(cancellationToken);
        var started = _time.GetTimestamp();
        int? status = null;
        try
        {
            using var deadline = new CancellationTokenSource(_options.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            using var request = Request(call);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            await response.Content.LoadIntoBufferAsync(LargestAnswer, either.Token);
            status = (int)response.StatusCode;
            var body = await response.Content.ReadAsByteArrayAsync(either.Token);
            return Failure(call, response, body, enveloped) is { } failure ? throw failure : new Answer(response.StatusCode, body);
        }
        catch (HttpRequestException exception)
        {
            // Only these say that the request never left.
            var sent = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError);
            throw NoAnswer(call, CloudflareErrorKind.Network, $"the connection failed ({exception.HttpRequestError})", sent, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(call, CloudflareErrorKind.Timeout, "no answer in time", sent: true, exception);
        }
        finally
        {
            _metrics.Sent(call.Endpoint, status, _time.GetElapsedTime(started));
        }
    }

    private HttpRequestMessage Request(Call call)
    {
        var request = new HttpRequestMessage(call.Endpoint.Method, new Uri(_base + call.Path))
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        request.Headers.Authorization = new("Bearer", _options.ApiToken);
        request.Headers.UserAgent.Add(Agent);
        if (call.Body is { } body)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    private CloudflareException? Failure(Call call, HttpResponseMessage response, byte[] body, bool enveloped)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode && (!enveloped || response.StatusCode == HttpStatusCode.NoContent)) return null;
        var envelope = Envelope.TryRead(body);
        if (response.IsSuccessStatusCode && envelope is { Success: true }) return null;
        if (response.IsSuccessStatusCode && envelope is null) return Unreadable(call, response.StatusCode, null);

        IReadOnlyList<CloudflareError> errors = [.. (envelope?.Errors ?? []).Select(error => error with { Message = Redacted(call, error.Message) })];
        var row = ErrorMap.Find(status, errors);
        var wait = RetryTiming.Asked(response.Headers, _time.GetUtcNow());
        if (row.Kind == CloudflareErrorKind.RateLimited) _gate.Hold(wait ?? RetryTiming.Backoff(0, Random.Shared.NextDouble()));

        // 409 and 429 say that nothing was done; a row of its own (as "UNIQUE constraint failed" in a 500) says what was.
        var ambiguous = call.Endpoint.IsWrite && row.Kind is CloudflareErrorKind.Server or CloudflareErrorKind.Timeout;
        return new(row.Kind, $"{call.Endpoint}: {status} {row.Kind}{Told(errors)}", status, errors)
        {
            IsTransient = row.Passes,
            IsAmbiguous = ambiguous,
            RetryAfter = wait,
            MayRepeat = ShouldRetry(response, row) && (call.Endpoint.IsIdempotent || !ambiguous),
        };
    }

    private static bool ShouldRetry(HttpResponseMessage response, ErrorMap.Row row) =>
        (response.Headers.TryGetValues("x-should-retry", out var said) ? said.FirstOrDefault() : null) switch
        {
            "true" => true,
            "false" => false,
            _ => row.Passes || row.Kind == CloudflareErrorKind.Conflict,
        };

    private static CloudflareException NoAnswer(Call call, CloudflareErrorKind kind, string what, bool sent, Exception inner) =>
        new(kind, $"{call.Endpoint}: {what}", inner: inner)
        {
            IsTransient = true,
            IsAmbiguous = sent && call.Endpoint.IsWrite,
            MayRepeat = !sent || call.Endpoint.IsIdempotent,
        };

    private static CloudflareException Unreadable(Call call, HttpStatusCode status, Exception? inner) =>
        new(CloudflareErrorKind.Protocol, $"{call.Endpoint}: {(int)status}, but the answer is not what the contract says", (int)status, inner: inner)
        {
            IsAmbiguous = call.Endpoint.IsWrite,
        };

    private string Redacted(Call call, string message)
    {
        message = message.Replace(_options.ApiToken, "(hidden)", StringComparison.Ordinal);
        return call.Secret is { Length: > 0 } secret ? message.Replace(secret, "(hidden)", StringComparison.Ordinal) : message;
    }

    private static string Told(IReadOnlyList<CloudflareError> errors) =>
        string.Concat(errors.Select(error => $"; {error.Code} {error.Message}{(error.Path is { } path ? $" ({path})" : "")}".Replace("  ", " ")));
}
