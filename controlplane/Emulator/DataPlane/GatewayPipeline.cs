using GatewayOps.Emulator.DataPlane.Guards;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// One request through the gateway. The order is the contract's: which gateway and may the caller use it (2001, 2009); what is asked (2008, 2019);
/// whose key (4.1); the cache, whose hits neither count nor cost (14); the request limit (2003); the attempts; the answer.
/// </summary>
public sealed class GatewayPipeline(GatewayAccess access, UpstreamDirectory upstreams, GatewayMemory memories, GatewayGuards guards, EmulatorClock clock)
{
    /// <param name="segment">The provider's slug, or `compat`.</param>
    /// <param name="rest">The path behind it, percent-encoded, without a leading slash.</param>
    public async Task HandleAsync(HttpContext context, string accountId, string gatewayId, string segment, string rest)
    {
        var (request, response, gone) = (context.Request, context.Response, context.RequestAborted);
        var directives = RequestDirectives.Read(request.Headers);
        var eventId = directives.EventId ?? Identifier.NewUuid();
        response.Headers["cf-aig-request-id"] = Identifier.NewUuid();
        response.Headers["cf-aig-event-id"] = eventId;

        var (caller, refusal) = access.Check(accountId, gatewayId, request.Headers);
        if (caller is null)
        {
            await refusal!.WriteAsync(response, gone);
            return;
        }
        if (await RequestBody.ReadAsync(request, gone) is not { } body)
        {
            await GatewayError.BodyTooLarge.WriteAsync(response, gone);
            return;
        }
        var (call, unroutable) = ProviderCall.Resolve(segment, rest, body);
        if (call is null)
        {
            await unroutable!.WriteAsync(response, gone);
            return;
        }
        var forwarded = ForwardedHeaders.Of(request.Headers, caller);
        var (credential, uncredited) = Credential.Choose(caller, call, directives, forwarded);
        if (credential is null)
        {
            await uncredited!.WriteAsync(response, gone);
            return;
        }

        var upstream = new UpstreamRequest(
            call.Provider, request.Method, call.UpstreamPath, request.QueryString.ToUriComponent(),
            credential.Header is { } key ? [.. forwarded, key] : forwarded, call.Body.Bytes, call.Streamed);
        var guarded = new GuardedCall(caller, call, directives, credential);
        var log = new RequestLog(guarded, guards, eventId, request.Headers, clock);
        await AnswerAsync(new GatewayAnswer(context, log), guarded, guards.Prepare(guarded, upstream));
    }

    private async Task AnswerAsync(GatewayAnswer answer, GuardedCall guarded, UpstreamRequest upstream)
    {
        var (gateway, call, directives) = (guarded.Caller.Gateway, guarded.Call, guarded.Directives);
        var memory = memories.Of(gateway);
        var rule = CacheRule.For(upstream, call.Model, directives, gateway);
        if (rule is not null && memory.Cache.Find(rule.Key, gateway.CacheGeneration, clock.GetUtcNow()) is { } cached)
        {
            await answer.FromCacheAsync(cached);
            return;
        }
        if (!memory.Requests.TryTake(gateway.Settings, clock.GetUtcNow()))
        {
            await answer.RefuseAsync(GatewayError.RateLimited);
            return;
        }
        if (answer.Adopt(guards.BeforeProvider(guarded)) is { } stopped)
        {
            await answer.RefuseAsync(stopped);
            return;
        }

        await using var attempt = await AttemptsAsync(answer, upstream, RetryRule.For(directives, gateway.Settings));
        var held = guards.BuffersAnswer(guarded);
        if (held)
            await attempt.HoldAsync();
        if (attempt.Reply is not { } reply)
        {
            await answer.RefuseAsync(GatewayError.NoAnswer, attempt.Log);
            return;
        }
        if (held && answer.Adopt(guards.AfterProvider(guarded, attempt.Whole)) is { } withheld)
        {
            await answer.RefuseAsync(withheld, attempt.Log);
            return;
        }
        if (rule is not null && reply.IsSuccess && !reply.IsEventStream)
            memory.Cache.Store(rule.Key, new CachedAnswer(reply.Status, reply.Headers, attempt.Whole), rule.Generation, clock.GetUtcNow() + rule.Ttl);
        await answer.FromProviderAsync(attempt, reply, missed: rule is not null && !reply.IsEventStream);
    }

    private async Task<Attempt> AttemptsAsync(GatewayAnswer answer, UpstreamRequest request, RetryRule rule)
    {
        for (var number = 1; ; number++)
        {
            var attempt = await answer.AttemptAsync(upstreams[request.Provider], request, rule.TimeoutOf(number));
            if (number >= rule.Attempts || !attempt.IsRetriable)
                return attempt;
            answer.Note(attempt);
            await attempt.DisposeAsync();
            await Task.Delay(rule.DelayAfter(number), answer.Gone);
        }
    }
}
