using System.Text.Json;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>One request in any dialect, plain or streamed: read, decide, ask, relay, record.</summary>
public sealed partial class ProxyPipeline(
    KeyGate keys,
    RuleGate gate,
    UpstreamAttempts attempts,
    SseRelay relay,
    UsageRecorder recorder,
    UsageLedger ledger,
    PriceTable prices,
    CacheTrail trail,
    ProviderTable providers,
    ProxyMetrics metrics,
    IOptions<ProxyOptions> options,
    TimeProvider time,
    ILogger<ProxyPipeline> log)
{
    private readonly ProxyOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context, Dialect dialect)
    {
        var exchange = ProxyExchange.Of(context);
        var (request, fault) = await ReadAsync(context, dialect);
        using var _ = request;
        var tally = new Tally { Stream = request?.Stream ?? false };
        metrics.Started(tally.Stream);
        try
        {
            if (request is null)
            {
                await RefuseAsync(context, fault!, Outcomes.ClientError, tally);
            }
            else
            {
                await AnswerAsync(context, exchange, request, tally);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            tally.Outcome = Outcomes.Cancelled;
            tally.Status ??= StatusCodes.Status499ClientClosedRequest;
        }
        finally
        {
            Record(context, exchange, request, tally);
        }
    }

    private async Task<(ProxyRequest? Request, OpenAiError? Fault)> ReadAsync(HttpContext context, Dialect dialect)
    {
        var (body, fault) = await RequestBody.ReadJsonAsync(context, _options.MaxRequestBytes);
        return fault is null ? RequestReader.Read(body, dialect, ProxyExchange.Of(context).Address) : (null, fault);
    }

    private async Task AnswerAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, Tally tally)
    {
        var model = request.Model ?? _options.DefaultModel ?? "";
        // A caller's own key is one provider's, and no other may see it.
        var named = request.Provider ?? (exchange.Caller.OwnKeys.Count > 0 ? ModelRouting.Resolve(model, null)?.Provider : null);
        var (decision, fault) = RouteDecision.Of(
            context.Request.Method, request.Dialect, model, named, exchange.Rules, exchange.Caller.Key, new RequestDetails(context.Request.Headers),
            providers);
        if (decision is null)
        {
            await RefuseAsync(context, fault!, Outcomes.ClientError, tally);
            return;
        }

        if (request.Dialect.StandIn?.Refusal(request.Root) is { } unable)
        {
            decision = decision with { Targets = [.. decision.Targets.Where(target => request.Dialect.For(target.Provider) == request.Dialect)] };
            if (decision.Targets.Count == 0)
            {
                await RefuseAsync(context, unable, Outcomes.ClientError, tally);
                return;
            }
        }

        tally.Decision = decision = decision with { Targets = WeightedTurns.Of(decision.Targets, context.TraceIdentifier) };
        var (visit, shortage) = keys.Admit(exchange.Caller, decision, Session.Of(context.Request), target => request.Estimate(target, prices));
        if (visit is null)
        {
            shortage!.AddHeaders(context.Response.Headers);
            await RefuseAsync(context, shortage.Error, shortage.Outcome, tally);
            return;
        }

        tally.Visit = visit;
        var (admission, refusal) = await gate.EnterAsync(exchange.Rules.Gateway, decision.Route, exchange.Caller.Tenant, context.RequestAborted);
        using var _ = admission;
        if (admission is null)
        {
            RetryHeaders.After(context.Response.Headers, refusal!.RetryAfter);
            HeldBack(context.TraceIdentifier, decision.Route.Rule!, refusal.Error.Code);
            await RefuseAsync(context, refusal.Error, Outcomes.RateLimited, tally);
            return;
        }

        var quota = tally.Quota = new RequestQuota(ledger, exchange.Rules.Quota, exchange.Rules.Gateway, target => request.Estimate(target, prices), time);
        var headers = PassedHeaders.Of(context.Request, exchange.Caller.OwnKeys.Count > 0);
        var result = await attempts.RunAsync(decision, quota.Admit, Ask, context.RequestAborted);
        using var reply = result.Reply;
        tally.Overhead = time.GetElapsedTime(exchange.Started) - admission.Waited - result.UpstreamTime;
        if (reply is null)
        {
            await FailAsync(context, request, result.Failure!, tally);
            return;
        }

        tally.IsCold = result.IsCold;
        exchange.Cache = reply.Answer.Cache;
        PassedHeaders.Copy(reply.Answer, context.Response);
        await (reply.Events is null ? SendWholeAsync(context, exchange, request, reply, tally) : SendStreamAsync(context, exchange, request, reply, tally));

        // Noted before it is asked: a caller that goes away meanwhile has cost an attempt, too.
        UpstreamRequest Ask(UpstreamTarget target, TimeSpan timeout)
        {
            tally.Target = target;
            (exchange.Provider, exchange.Attempts) = (target.Provider.Slug, exchange.Attempts + 1);
            return Build(context, exchange, request, decision, headers, target, timeout, _options.DefaultTemperature);
        }
    }

    private static UpstreamRequest Build(
        HttpContext context, ProxyExchange exchange, ProxyRequest request, RouteDecision decision, IReadOnlyList<KeyValuePair<string, string>> headers, UpstreamTarget target, TimeSpan timeout, double? temperature) => new()
        {
            Gateway = exchange.Rules.Gateway,
            Provider = target.Provider,
            Operation = request.Dialect.For(target.Provider)!.Operation,
            Path = exchange.Address?.PathOf(target, context.Request.QueryString),
            Body = request.BodyFor(target, temperature),
            Stream = request.Stream,
            RequestId = context.TraceIdentifier,
            Revision = exchange.Revision,
            Timeout = timeout,
            CollectLog = decision.Route.CollectLog ?? (exchange.Caller.VirtualKey is null ? exchange.Address?.Directives.CollectLog : null),
            CallerHeaders = headers,
            OwnKeys = exchange.Caller.OwnKeys,
            Metadata = exchange.Address?.Directives.Metadata ?? CallerDirectives.None.Metadata,
            Cache = decision.Route.Cache switch
            {
                _ when exchange.Address is { Directives.SkipCache: true } => UpstreamCache.Skip,
                // A query is no part of a key.
                _ when exchange.Address is { Model: not null } && context.Request.QueryString.HasValue => UpstreamCache.Skip,
                null => GatewayCache.For(exchange, request, target),
                { IsOff: true } => UpstreamCache.Skip,
                // What was bought with a key of one's own is nobody else's.
                _ when exchange.Caller.OwnKeys.Count > 0 => UpstreamCache.Skip,
                var cache => new UpstreamCache((exchange.CacheKey = CacheKey.Of(request, cache, target, exchange.Caller.Tenant))?.Hash, cache.Ttl),
            },
        };

    private async Task SendWholeAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, UpstreamReply reply, Tally tally)
    {
        var response = context.Response;
        var provider = tally.Target!.Provider;
        var spoken = request.Dialect.For(provider)!;
        tally.Tokens = reply.Facts.Usage;
        if (Tell(reply.Body, request, spoken) is not { } body)
        {
            await FailAsync(context, request, UpstreamFailure.Unreadable(provider.Slug, "it is not what its endpoint answers"), tally);
            return;
        }

        response.StatusCode = reply.Answer.Status;
        response.ContentType = request.Stream ? "text/event-stream" : reply.Answer.IsJson ? "application/json" : reply.Answer.ContentType;
        response.ContentLength = body.Length;
        tally.Outcome = Outcomes.Ok;
        tally.FirstByte = time.GetElapsedTime(exchange.Started);
        await response.Body.WriteAsync(body, context.RequestAborted);
        if (request.Stream)
        {
            metrics.StreamEnded(StreamEndReason.Completed);
        }
    }

    // Null for a whole answer that cannot be told as the caller expects it.
    private static ReadOnlyMemory<byte>? Tell(ReadOnlyMemory<byte> answer, ProxyRequest request, Dialect spoken)
    {
        try
        {
            answer = RenamedModel.NameFor(request.Model) is { } name ? RenamedModel.In(answer, name) : answer;
            var own = spoken == request.Dialect ? answer : request.Dialect.StandIn!.Answer(answer);
            return request.Stream ? request.Dialect.AsStream!(own, request.WantsStreamUsage) : own;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private async Task SendStreamAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, UpstreamReply reply, Tally tally)
    {
        var response = context.Response;
        response.StatusCode = reply.Answer.Status;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        tally.FirstByte = time.GetElapsedTime(exchange.Started);
        var spoken = request.Dialect.For(tally.Target!.Provider)!;
        var progress = new StreamProgress(spoken, spoken.HasUsageOption && !request.WantsStreamUsage, Translation(request, spoken));
        var end = await relay.RelayAsync(reply.Events!, reply.FirstEvent, response.BodyWriter, progress, context.RequestAborted);
        if (end is StreamEndReason.Completed)
        {
            reply.Answer.ProvedWhole();
        }

        metrics.StreamEnded(end);
        tally.Tokens = progress.Tokens(() => request.Dialect.Estimate(request.Root, tally.Target.Model));
        tally.Outcome = end switch
        {
            StreamEndReason.Completed => Outcomes.Ok,
            StreamEndReason.Cancelled => Outcomes.Cancelled,
            StreamEndReason.UpstreamError => Outcomes.UpstreamError,
            _ => Outcomes.Truncated,
        };
    }

    // Null where events pass as they are.
    private static Func<ReadOnlyMemory<byte>, byte[]>? Translation(ProxyRequest request, Dialect spoken) => (RenamedModel.NameFor(request.Model), spoken == request.Dialect) switch
    {
        (null, true) => null,
        (null, false) => request.Dialect.StandIn!.Event,
        ({ } name, true) => data => RenamedModel.Event(data, name),
        ({ } name, false) => data => request.Dialect.StandIn!.Event(RenamedModel.In(data, name)),
    };

    private async Task FailAsync(HttpContext context, ProxyRequest request, UpstreamFailure failure, Tally tally)
    {
        failure = UnknownModel.Explain(failure, tally.Target, prices);
        if (failure.RetryAfter is { } wait)
        {
            RetryHeaders.After(context.Response.Headers, wait);
        }

        if (failure.Error.Code == "insufficient_quota")
        {
            RetryHeaders.Never(context.Response.Headers);
        }

        if (failure.Body is not { } given || request.Dialect.OwnError(given) is not { } body)
        {
            await RefuseAsync(context, failure.Error, failure.Outcome, tally);
            return;
        }

        (tally.Status, tally.Outcome) = (failure.Error.Status, failure.Outcome);
        context.Response.StatusCode = failure.Error.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext context, OpenAiError error, string outcome, Tally tally)
    {
        (tally.Status, tally.Outcome) = (error.Status, outcome);
        return error.WriteAsync(context.Response, context.RequestAborted);
    }

    private void Record(HttpContext context, ProxyExchange exchange, ProxyRequest? request, Tally tally)
    {
        var model = tally.Target?.Model ?? request?.Model ?? ProxyExchange.None;
        var record = new UsageRecord
        {
            Id = Guid.ParseExact(context.TraceIdentifier, "N"),
            At = time.GetUtcNow(),
            RequestId = context.TraceIdentifier,
            Method = context.Request.Method,
            Path = ShownPath.Of(context.Request.Path),
            Gateway = exchange.Rules.Gateway,
            Provider = exchange.Provider,
            Model = model,
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
        // What went well is a row and a count: a line for each costs more than the rest of the request.
        Answered(record.Outcome == Outcomes.Ok ? LogLevel.Debug : LogLevel.Information, record.RequestId, record.Status, record.Outcome, record.Provider, record.Model, record.Duration.TotalMilliseconds, record.Attempts, record.Cache, record.Revision);
        if (record.IsCold)
        {
            FirstOfModel(record.RequestId, record.Provider, record.Model, record.FirstByte?.TotalMilliseconds ?? 0);
        }
    }

    private decimal? Cost(ProxyExchange exchange, Tally tally) => (exchange.Cache, tally.Tokens, tally.Target) switch
    {
        ("hit", _, _) => 0m,
        (_, { } tokens, { } target) => prices.Find(target.Provider.Slug, target.Model)?.CostOf(tokens),
        _ => null,
    };

    [LoggerMessage(EventId = 3002, Message = "{RequestId} answered {Status} {Outcome} by {Provider} {Model} in {DurationMs:0.0} ms, attempts {Attempts}, cache {Cache}, revision {Revision}")]
    private partial void Answered(LogLevel level, string requestId, int status, string outcome, string provider, string model, double durationMs, int attempts, string cache, string revision);

    [LoggerMessage(3004, LogLevel.Information, "{RequestId} was the first call for a while to {Provider} {Model}, which may have been cold: {FirstByteMs:0.0} ms to the first byte")]
    private partial void FirstOfModel(string requestId, string provider, string model, double firstByteMs);

    [LoggerMessage(3003, LogLevel.Information, "{RequestId} was refused by the rule {Rule}: {Code}")]
    private partial void HeldBack(string requestId, string rule, string code);

    /// <summary>What becomes the record of the request.</summary>
    private sealed class Tally
    {
        public required bool Stream { get; init; }
        public UpstreamTarget? Target { get; set; }
        public RequestQuota? Quota { get; set; }
        public KeyVisit? Visit { get; set; }
        public int? Status { get; set; }

        /// <summary>An exception on the way leaves this.</summary>
        public string Outcome { get; set; } = Outcomes.UpstreamError;
        public TokenUsage? Tokens { get; set; }
        public TimeSpan? FirstByte { get; set; }
        public bool IsCold { get; set; }
        public TimeSpan? Overhead { get; set; }
        public RouteDecision? Decision { get; set; }
    }
}
