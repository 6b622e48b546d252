using System.Runtime.CompilerServices;
using GatewayOps.ControlPlane.Http;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Asks upstreams until one answers. Everything here happens before the first byte to the caller; after the first byte of an upstream
/// nothing is repeated.
/// </summary>
public sealed partial class UpstreamAttempts(
    IUpstream upstream, UpstreamHealth health, ColdModels models, IOptions<ProxyOptions> options, TimeProvider time, ILogger<UpstreamAttempts> log)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>How much early a timer of the gateway may seem to end by our clock.</summary>
    private static readonly TimeSpan TimerGrain = TimeSpan.FromMilliseconds(20);

    private readonly ProxyOptions _options = options.Value;

    /// <summary>
    /// The first reply, or the failure of the last attempt. Throws only when the caller went away. <paramref name="admit"/> says before each attempt why an upstream may not be asked;
    /// then it costs no attempt, and its reason is the answer only where no attempt was made. Nor does an upstream whose circuit is open: it is left out, and the failure says so. Where all
    /// that may be asked have an open circuit, the one that is due first is asked, once, rather than nobody.
    /// </summary>
    public async Task<AttemptResult> RunAsync(
        RouteDecision decision, Func<UpstreamTarget, UpstreamFailure?> admit, Func<UpstreamTarget, TimeSpan, UpstreamRequest> build, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var order = new AttemptOrder(decision.Targets.Count, decision.Route.FallbackEnabled, decision.Route.RetryCount);
        UpstreamFailure? failure = null, last = null;
        List<int>? leftOut = null;
        // When each may be asked again at the earliest, as it said itself.
        Dictionary<int, (TimeSpan Wait, long Since)>? rests = null;
        int? forced = null;
        var isForcedAsked = false;
        while (Next() is { } index)
        {
            var target = decision.Targets[index];
            var circuit = health.Of(target.Provider.Slug);
            var mayEnter = index == forced && !isForcedAsked;
            isForcedAsked |= mayEnter;
            if (!mayEnter && circuit.State is CircuitState.Open)
            {
                LeaveOut(index, circuit);
                continue;
            }

            if (order.Repetition > 0 && !await WaitAsync(order.Repetition, rests is not null && rests.TryGetValue(index, out var rest) ? rest.Wait - time.GetElapsedTime(rest.Since) : TimeSpan.Zero, started, cancellationToken))
            {
                // Not waited for; another may be due in time.
                order.Skip();
                continue;
            }

            if (!circuit.TryEnter(out var isProbe) && !mayEnter)
            {
                LeaveOut(index, circuit);
                continue;
            }

            var isReported = false;
            var requestId = "";
            try
            {
                last = admit(target);
                if (last is not null)
                {
                    order.Skip();
                    failure ??= last;
                    continue;
                }

                var left = _options.RequestTimeout - time.GetElapsedTime(started);
                var timeout = Min(target.Timeout ?? _options.AttemptTimeout, left);
                if (timeout <= TimeSpan.Zero)
                {
                    return Result(null, order.Made - 1);
                }

                var request = build(target, timeout);
                requestId = request.RequestId;
                request = order.Made == 1 ? request : request with { Attempt = order.Made };
                (var reply, last) = await TryAsync(request, timeout, cancellationToken);
                failure = last;
                // An answer from a cache says nothing about the provider. What one's own key meets is between its owner and the provider.
                var isAsked = reply?.Answer.Cache != "hit";
                isReported = isAsked && request.OwnKeys.Count == 0;
                if (isReported)
                {
                    health.Report(target.Provider.Slug, failure, isProbe);
                    if (reply is { Events: null })
                    {
                        circuit.Whole();
                    }
                }

                if (reply is not null)
                {
                    return Result(reply, order.Made, isCold: isAsked && models.Touch(target.Provider.Slug, target.Model));
                }
            }
            finally
            {
                if (!isReported)
                {
                    circuit.Undecided(isProbe);
                }
            }

            if (failure!.RetryAfter is { } wait)
            {
                (rests ??= [])[index] = (wait, time.GetTimestamp());
            }
            else
            {
                rests?.Remove(index);
            }

            AttemptFailed(requestId, order.Made, failure.Provider, failure.Outcome, failure.Error.Code);
        }

        return Result(null, order.Made);

        int? Next()
        {
            if (order.Next(last) is { } next)
            {
                return next;
            }

            if (order.Made > 0 || forced is not null || leftOut is null || leftOut.Count == 0)
            {
                return null;
            }

            forced = leftOut.MinBy(index => health.Of(decision.Targets[index].Provider.Slug).Wait);
            leftOut.Remove(forced.Value);
            order.Reopen(forced.Value);
            return order.Next(null);
        }

        void LeaveOut(int index, Circuit circuit)
        {
            if (index != forced)
            {
                (leftOut ??= []).Add(index);
            }

            last = UpstreamFailure.LeftOut(decision.Targets[index].Provider.Slug, circuit.Wait);
            order.Skip();
        }

        AttemptResult Result(UpstreamReply? reply, int attempts, bool isCold = false) => new(reply, failure?.Beside([.. (leftOut ?? []).Select(index => decision.Targets[index].Provider.Slug).Distinct()]))
        {
            Attempts = attempts,
            UpstreamTime = time.GetElapsedTime(started),
            IsCold = isCold,
        };
    }

    /// <summary>How the stream of a reply ended, as far as that is about the provider: see <see cref="RunAsync"/> for what is not.</summary>
    public void Ended(UpstreamReply reply, string provider, bool hasOwnKeys, StreamEndReason end)
    {
        if (reply.Answer.Cache != "hit" && !hasOwnKeys)
        {
            health.Report(provider, end);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(UpstreamReply? Reply, UpstreamFailure? Failure)> TryAsync(UpstreamRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var provider = request.Provider.Slug;
        using var deadline = new CancellationTokenSource(timeout, time);
        using var gone = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), deadline);
        UpstreamAnswer? answer = null;
        var sent = time.GetTimestamp();
        var started = false;
        try
        {
            answer = await upstream.SendAsync(request, deadline.Token);
            var body = answer.Body(deadline.Token);
            if (answer.IsSuccess)
            {
                health.NoteKey(request, failure: null);
            }

            if (answer.IsSuccess && answer.IsEventStream && request.Stream)
            {
                var opened = await OpenAsync(answer, body, request, deadline.Token);
                answer = opened.Reply is null ? answer : null;
                return opened;
            }

            started = answer.IsSuccess;
            // What an error says has the time of the attempt and no more: somebody else may be asked meanwhile.
            var whole = await BoundedBody.ReadAsync(body, answer.Length, _options.MaxAnswerBytes, started ? () => deadline.CancelAfter(_options.IdleTimeout) : null, deadline.Token);
            if (whole is not { } bytes)
            {
                return (null, started ? UpstreamFailure.Unreadable(provider, $"it is larger than {_options.MaxAnswerBytes} bytes") : Wordless(request, answer));
            }

            var (facts, fault) = Judge(answer, bytes, request);
            if (fault is not null)
            {
                health.NoteKey(request, fault);
                // The gateway was given the same time as this attempt: "no answer" after it is the gateway's timer, which ended just before ours.
                return (null, fault.IsNoAnswer && time.GetElapsedTime(sent) >= timeout - TimerGrain ? UpstreamFailure.Timeout(provider, timeout) : fault with { Headers = PassedHeaders.Of(answer) });
            }

            answer.ProvedWhole();
            var reply = new UpstreamReply(answer) { Body = bytes, Facts = facts };
            answer = null;
            return (reply, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, started ? UpstreamFailure.Truncated(provider) : answer is { IsSuccess: false } ? Wordless(request, answer) : UpstreamFailure.Unreachable(provider));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, started ? UpstreamFailure.Truncated(provider) : answer is { IsSuccess: false } ? Wordless(request, answer) : UpstreamFailure.Timeout(provider, timeout));
        }
        finally
        {
            answer?.Dispose();
        }
    }

    // An error whose words broke off, came too slowly or are too many: its status says enough.
    private static UpstreamFailure Wordless(UpstreamRequest request, UpstreamAnswer answer) =>
        UpstreamFailure.Of(request, answer.Status, body: default, answer.RetryAfter) with { Headers = PassedHeaders.Of(answer) };

    private static (AnswerFacts Facts, UpstreamFailure? Fault) Judge(UpstreamAnswer answer, ReadOnlyMemory<byte> body, UpstreamRequest request)
    {
        var provider = request.Provider.Slug;
        if (!answer.IsSuccess)
        {
            return (default, UpstreamFailure.Of(request, answer.Status, body, answer.RetryAfter));
        }

        var dialect = Dialect.Of(request.Operation);
        var facts = AnswerFacts.Read(body.Span, dialect);
        return (facts.GetValueOrDefault(), facts switch
        {
            null when dialect.AnswersBytes && !answer.IsJson && !request.Stream => null,
            null => UpstreamFailure.Unreadable(provider, "it is not a JSON object"),
            { IsError: true, HasChoice: false } => UpstreamFailure.ErrorInSuccess(provider, body),
            { HasFinish: var finished } when request.Stream && !(finished && dialect.AsStream is not null) => UpstreamFailure.Unreadable(provider, "it is neither a stream nor a whole answer that could be told as one"),
            _ => null,
        });
    }

    // The first event decides whether the answer is committed: until then another upstream may still be asked.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(UpstreamReply? Reply, UpstreamFailure? Failure)> OpenAsync(UpstreamAnswer answer, Stream body, UpstreamRequest request, CancellationToken cancellationToken)
    {
        var (provider, dialect) = (request.Provider.Slug, Dialect.Of(request.Operation));
        var events = new SseEventReader(body, _options.MaxEventBytes);
        var isOpen = false;
        try
        {
            ReadOnlyMemory<byte> first;
            while (!events.TryRead(out first))
            {
                if (!await events.FillAsync(cancellationToken) && !events.TryRead(out first))
                {
                    return (null, events.IsOversized ? UpstreamFailure.Unreadable(provider, "an event of its stream is too large") : UpstreamFailure.Unreachable(provider));
                }

                if (!first.IsEmpty)
                {
                    break;
                }
            }

            if (AnswerFacts.Read(SseEvent.Data(first).Span, dialect) is { IsError: true, HasChoice: false } or { Signal: StreamSignal.Failure })
            {
                return (null, UpstreamFailure.ErrorInSuccess(provider));
            }

            isOpen = true;
            return (new UpstreamReply(answer) { Events = events, FirstEvent = first }, null);
        }
        finally
        {
            if (!isOpen)
            {
                events.Dispose();
            }
        }
    }

    // False where that would take too long.
    private async Task<bool> WaitAsync(int repetition, TimeSpan rest, long started, CancellationToken cancellationToken)
    {
        // Half fixed, half random: callers that failed together do not come back together.
        var backoff = FirstDelay * Math.Pow(2, repetition - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
        var wait = Max(backoff, rest);
        if (rest > _options.MaxRetryDelay || wait >= _options.RequestTimeout - time.GetElapsedTime(started))
        {
            return false;
        }

        await Task.Delay(Min(wait, _options.MaxRetryDelay), time, cancellationToken);
        return true;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(3001, LogLevel.Information, "{RequestId}: attempt {Attempt} at {Provider} failed: {Outcome} ({Code})")]
    private partial void AttemptFailed(string requestId, int attempt, string provider, string outcome, string code);
}
