using GatewayOps.Emulator.DataPlane.Credentials;
using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// One call to one provider, whatever door asked for it. The order is the contract's: whose key (4.1); the cache, whose hits neither count nor cost nor
/// meet a policy (14); the request limit (2003); the attempts. Nothing here knows how the answer reaches the client.
/// </summary>
public sealed class GatewayPipeline(UpstreamDirectory upstreams, GatewayMemory memories, GatewayGuards guards, EmulatorOptions options, EmulatorClock clock)
{
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task<CallAnswer> RunAsync(ProviderCall call, CancellationToken gone)
    {
        var (credential, uncredited) = Credential.Choose(call, options.Assumptions);
        if (credential is null)
            return CallAnswer.Refused(uncredited!, call.Step);
        var (gateway, target) = (call.Gateway, call.Target);
        var guarded = new GuardedCall(call, credential);
        var log = new RequestLog(guarded, guards, clock);
        var asked = guarded.Asked;
        var request = new UpstreamRequest(
            asked.Provider, call.Method, asked.Path, asked.Query, credential.Headers(call with { Target = asked }, clock.GetUtcNow()), asked.Body.Bytes, asked.Streamed);

        var memory = memories.Of(gateway);
        var rule = CacheRule.For(call, request, credential, options.Assumptions);
        if (rule is not null && memory.Cache.Find(rule.Key, gateway.CacheGeneration, clock.GetUtcNow()) is { } cached)
            return CallAnswer.Cached(cached, call, log, log.Begin());
        if (!call.Arrival.TryCount(memory.Requests, clock.GetUtcNow()) || !memory.TryUse(credential.Config, clock.GetUtcNow()))
            return CallAnswer.Refused(GatewayError.RateLimited, call, log, log.Begin());

        var allowed = guards.BeforeProvider(guarded);
        if (allowed.Refusal is { } stopped)
            return CallAnswer.Refused(stopped, call, log, log.Begin()).With(allowed);

        var attempt = await AttemptsAsync(request, call.Retry, log, gone);
        return (await AnswerAsync(guarded, attempt, log, rule, allowed)).With(CacheRule.Bypassed(call, options.Assumptions));
    }

    /// <summary>Answers a call with an error before it has come to a provider, and logs it.</summary>
    public CallAnswer Refuse(ProviderCall call, GatewayError error)
    {
        var log = new RequestLog(new GuardedCall(call, Credential.OfTheRequest), guards, clock);
        return CallAnswer.Refused(error, call, log, log.Begin());
    }

    /// <param name="shown">What the guards said before; what they say of the answer has its headers too.</param>
    private async Task<CallAnswer> AnswerAsync(GuardedCall guarded, Attempt attempt, RequestLog log, CacheRule? rule, GuardVerdict shown)
    {
        var call = guarded.Call;
        if (GatewayGuards.BuffersAnswer(guarded))
        {
            await HoldAsync(attempt, log);
            if (attempt.Reply is { IsSuccess: true })
                shown = guards.AfterProvider(guarded, attempt.Whole);
        }
        if (shown.Refusal is null && attempt.Reply is { IsEventStream: true } stream)
            return CallAnswer.Streamed(attempt, stream, call, log).With(shown);
        await using (attempt)
        {
            if (shown.Refusal is { } withheld)
                return CallAnswer.Refused(withheld, call, log, attempt.Log, TokenUsage.Of(attempt.Whole, attempt.Reply!.IsEventStream)).With(shown);
            if (attempt.Reply is not { } reply)
                return CallAnswer.Refused(NoAnswer(attempt), call, log, attempt.Log).With(shown);
            if (rule is not null && reply is { IsSuccess: true, IsEventStream: false })
                memories.Of(call.Gateway).Cache.Store(
                    rule.Key, new CachedAnswer(reply.Status, reply.Headers, attempt.Whole), rule.Generation, clock.GetUtcNow() + rule.Ttl);
            return CallAnswer.Plain(reply, attempt.Whole, call, log, attempt.Log, missed: rule is not null).With(shown);
        }
    }

    private GatewayError NoAnswer(Attempt attempt) => attempt.TimedOut
        ? GatewayError.NoAnswer with { Status = options.Assumptions.TimeoutStatus, Code = options.Assumptions.TimeoutCode }
        : GatewayError.NoAnswer;

    private static async Task HoldAsync(Attempt attempt, RequestLog log)
    {
        try
        {
            await attempt.HoldAsync();
        }
        catch (OperationCanceledException)
        {
            log.Write(attempt.Log, LogOutcome.Gone, failedRoute: null);
            await attempt.DisposeAsync();
            throw;
        }
    }

    private async Task<Attempt> AttemptsAsync(UpstreamRequest request, RetryRule rule, RequestLog log, CancellationToken gone)
    {
        for (var number = 1; ; number++)
        {
            var attempt = await AttemptAsync(request, rule.TimeoutOf(number), log, gone);
            if (number >= rule.Attempts || !attempt.IsRetriable)
                return attempt;
            log.Write(attempt.Log, attempt.Reply is { } reply ? LogOutcome.Plain(reply, attempt.Whole) : LogOutcome.Refused(NoAnswer(attempt)), failedRoute: null);
            await attempt.DisposeAsync();
            var delay = rule.DelayAfter(number);
            await Task.Delay(delay < options.LongestRetryDelay ? delay : options.LongestRetryDelay, gone);
        }
    }

    private async Task<Attempt> AttemptAsync(UpstreamRequest request, TimeSpan? timeout, RequestLog log, CancellationToken gone)
    {
        var draft = log.Begin();
        try
        {
            return await Attempt.SendAsync(upstreams[request.Provider], request, timeout, draft, gone);
        }
        catch (OperationCanceledException)
        {
            log.Write(draft, LogOutcome.Gone, failedRoute: null);
            throw;
        }
    }
}
