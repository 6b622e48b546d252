using System.Runtime.CompilerServices;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Telemetry;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Where every request to a provider comes in and goes out, whichever way it is passed on: keys, sessions, rates and queues let it in; what it used is counted, settled and recorded once.
/// </summary>
public sealed partial class ProxyDoor(
    KeyGate keys, RuleGate gate, UsageRecorder recorder, UsageLedger ledger, PriceTable prices, CacheTrail trail, ProxyMetrics metrics, TimeProvider time, ILogger<ProxyDoor> log)
{
    /// <summary>The request has been read; <see cref="Close"/> must follow.</summary>
    public Tally Open(bool stream, string? model)
    {
        metrics.Started(stream);
        return new Tally { Stream = stream, Model = model };
    }

    /// <summary>
    /// The admission, to be disposed of when the answer has ended; null for a request that is held back, whose caller has been told why. The tally has its decision already. Throws
    /// <see cref="OperationCanceledException"/> when the caller went away.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="exchange">Of the request.</param>
    /// <param name="tally">Of the request.</param>
    /// <param name="estimate">What one upstream may use.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Admission?> EnterAsync(HttpContext context, ProxyExchange exchange, Tally tally, Func<UpstreamTarget, UsageAmounts> estimate)
    {
        var decision = tally.Decision!;
        var (visit, shortage) = keys.Admit(exchange.Caller, decision, Session.Of(context.Request), estimate);
        if (visit is null)
        {
            shortage!.AddHeaders(context.Response.Headers);
            await RefuseAsync(context, shortage.Error, shortage.Outcome, tally);
            return null;
        }

        tally.Visit = visit;
        var (admission, refusal) = await gate.EnterAsync(exchange.Rules.Gateway, decision.Route, exchange.Caller.Tenant, context.RequestAborted);
        if (admission is null)
        {
            RetryHeaders.After(context.Response.Headers, refusal!.RetryAfter);
            HeldBack(context.TraceIdentifier, decision.Route.Rule!, refusal.Error.Code);
            await RefuseAsync(context, refusal.Error, Outcomes.RateLimited, tally);
            return null;
        }

        tally.Quota = new RequestQuota(ledger, exchange.Rules.Quota, exchange.Rules.Gateway, estimate, time);
        return admission;
    }

    /// <summary>Answers with an error, in the shape of the dialect that is spoken at the address.</summary>
    public static Task RefuseAsync(HttpContext context, OpenAiError error, string outcome, Tally tally)
    {
        (tally.Status, tally.Outcome) = (error.Status, outcome);
        if (ProxyExchange.Of(context).Attempts == 0)
        {
            // Nobody was asked: the headers of this very answer say what the key has left.
            tally.Visit?.GiveBack();
        }

        return error.WriteAsync(context.Response, context.RequestAborted);
    }

    /// <summary>Answers with the failure of the last attempt.</summary>
    public static Task FailAsync(HttpContext context, UpstreamFailure failure, Tally tally)
    {
        failure.AddHeaders(context.Response.Headers);
        return RefuseAsync(context, failure.Error, failure.Outcome, tally);
    }

    /// <summary>Counts the request that has ended and sends its record on its way; once for each.</summary>
    public UsageRecord Close(HttpContext context, ProxyExchange exchange, Tally tally)
    {
        var record = new UsageRecord
        {
            Id = Guid.ParseExact(context.TraceIdentifier, "N"),
            At = time.GetUtcNow(),
            RequestId = context.TraceIdentifier,
            Method = context.Request.Method,
            Path = ShownPath.Of(context.Request.Path),
            Gateway = exchange.Rules.Gateway,
            Provider = exchange.Provider,
            Model = tally.Model ?? ProxyExchange.None,
            SessionId = Session.Of(context.Request),
            VirtualKey = exchange.Caller.Key,
            Status = tally.Status ?? context.Response.StatusCode,
            Outcome = tally.Outcome,
            Duration = time.GetElapsedTime(exchange.Started),
            FirstByte = tally.FirstByte,
            Stream = tally.Stream,
            Cache = exchange.Cache,
            Tokens = tally.Tokens,
            CostUsd = Cost(exchange, tally),
            Attempts = exchange.Attempts,
            Revision = exchange.Revision,
            Rule = tally.Decision?.Route.Rule,
            AskedModel = tally.Decision?.Asked.Model,
            AskedProvider = tally.Decision?.Asked.Provider,
            IsCold = tally.IsCold,
        };
        metrics.Finished(record, tally.Overhead);
        ledger.Settle(record, tally.Quota?.Hold);
        tally.Visit?.Settle(record);
        recorder.TryWrite(record);
        trail.Note(record, tally.Decision?.Route, exchange.CacheKey);
        return record;
    }

    private decimal? Cost(ProxyExchange exchange, Tally tally) => (exchange.Cache, tally.Tokens, tally.Target) switch
    {
        ("hit", _, _) => 0m,
        (_, { } tokens, { } target) => prices.Find(target.Provider.Slug, target.Model)?.CostOf(tokens),
        _ => null,
    };

    [LoggerMessage(3003, LogLevel.Information, "{RequestId} was refused by the rule {Rule}: {Code}")]
    private partial void HeldBack(string requestId, string rule, string code);
}
