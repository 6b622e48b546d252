using System.Text.Json;
using Polly;
using Polly.Retry;

namespace GatewayOps.Cloudflare.Http;

/// <summary>How an answer looks when the call succeeded.</summary>
internal enum Form
{
    /// <summary>JSON with `success: true`.</summary>
    Envelope,

    /// <summary>JSON of any shape.</summary>
    Json,

    /// <summary>JSON with `data` and without `errors`; a failure has the status 200 too.</summary>
    GraphQl,

    /// <summary>Whatever bytes.</summary>
    Raw,

    /// <summary>Bytes that are still to come: the answer is handed over when its headers are there.</summary>
    Stream,
}

/// <summary>
/// Sends calls, again where that is safe, until the deadline, and turns every failure into a <see cref="CloudflareException"/>.
/// What is safe to repeat: Cloudflare contract, section 1.4; what adds something only when the answer says that nothing was done.
/// </summary>
internal sealed class Transport
{
    private static readonly ResiliencePropertyKey<Asking> Current = new(nameof(Current));

    private readonly Wire _wire;
    private readonly CloudflareOptions _options;
    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;
    private readonly long _born;
    private readonly ResiliencePipeline<Answer> _retries;

    public Transport(HttpClient http, CloudflareOptions options, TimeProvider time, CloudflareMetrics metrics)
    {
        _options = CloudflareOptions.Checked(options);
        _wire = new Wire(http, options, time, metrics);
        _time = time;
        _deadline = options.Deadline;
        _born = time.GetTimestamp();
        _retries = new ResiliencePipelineBuilder<Answer> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Answer>
            {
                // How often is a matter of the failure: Repeats counts.
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = failed => ValueTask.FromResult(failed.Outcome.Exception is CloudflareException failure && Repeats(failure, failed.AttemptNumber, Asked(failed.Context))),
                DelayGenerator = failed => ValueTask.FromResult<TimeSpan?>(Asked(failed.Context).Wait),
            })
            .Build();
    }

    private Transport(Transport other, TimeSpan deadline) =>
        (_wire, _options, _time, _deadline, _born, _retries) = (other._wire, other._options, other._time, deadline, other._born, other._retries);

    public CloudflareOptions Options => _options;
    public TimeProvider Time => _time;

    /// <summary>The same connection and limits, under another deadline.</summary>
    public Transport Within(TimeSpan deadline) => new(this, deadline);

    public Call To(Endpoint endpoint, params ReadOnlySpan<string> ids) => new(endpoint, endpoint.Path(_options.AccountId, ids));

    /// <summary>The `result` of the envelope, read by `read`, which may throw what JSON throws; undefined when the envelope has none.</summary>
    public Task<T> SendAsync<T>(Call call, Func<JsonElement, T> read, CancellationToken cancellationToken) =>
        SendWholeAsync(call, root => read(root.Member("result")), cancellationToken);

    /// <summary>The whole envelope, for those of another shape.</summary>
    public Task<T> SendWholeAsync<T>(Call call, Func<JsonElement, T> read, CancellationToken cancellationToken) => SendAsync(call, Form.Envelope, read, cancellationToken);

    /// <summary>An answer of the given form, as JSON from its root.</summary>
    public async Task<T> SendAsync<T>(Call call, Form form, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(call, form, cancellationToken);
        try
        {
            return read(answer.Body.Length == 0 ? default : JsonElement.Parse(answer.Body));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Failures.Unreadable(call, answer.Response, exception);
        }
    }

    /// <summary>Bytes without envelope: a stored request or response, a picture, whatever it holds.</summary>
    public async Task<T> SendRawAsync<T>(Call call, Func<Answer, T> read, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(call, Form.Raw, cancellationToken);
        return read(answer);
    }

    /// <summary>The answer once its headers are there; the caller reads and disposes it.</summary>
    public async Task<EventStream> OpenAsync(Call call, CancellationToken cancellationToken) =>
        new(call, await AskAsync(call, Form.Stream, cancellationToken), _wire.Failures, _options.Timeout, _time);

    private async Task<Answer> AskAsync(Call call, Form form, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_deadline, _time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var asking = new Asking(call, _deadline, _time.GetTimestamp());
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Current, asking);
        try
        {
            return await _retries.ExecuteAsync(async _ => await _wire.SendAsync(call, form, cancellationToken, bound.Token), context);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The limiter held it until the deadline.
            throw asking.Last ?? Failures.NotSent(call, exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static Asking Asked(ResilienceContext context) => context.Properties.GetValue(Current, null!);

    /// <summary>Whether the call is sent again, after <see cref="Asking.Wait"/>. A wait that would end after the deadline is not begun.</summary>
    private bool Repeats(CloudflareException failure, int attempt, Asking asking)
    {
        var (wait, spent) = (failure.RetryAfter ?? RetryTiming.Backoff(attempt, Random.Shared.NextDouble()), _time.GetElapsedTime(asking.Started));
        (asking.Wait, asking.Last) = (wait, failure);
        var again = (failure.MayRepeat && attempt < _options.MaxRetries)
            || (failure.IsPending && spent + wait <= asking.Call.Patience)
            || (failure.IsDenied && _time.GetElapsedTime(_born) + wait <= _options.NewTokenGrace);
        return again && (asking.Deadline == Timeout.InfiniteTimeSpan || spent + wait < asking.Deadline);
    }

    /// <summary>What the retry strategy knows of the call that it repeats.</summary>
    private sealed class Asking(Call call, TimeSpan deadline, long started)
    {
        public Call Call => call;
        public TimeSpan Deadline => deadline;
        public long Started => started;
        public TimeSpan Wait { get; set; }
        public CloudflareException? Last { get; set; }
    }
}
