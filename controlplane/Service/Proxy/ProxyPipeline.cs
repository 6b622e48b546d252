using System.Runtime.CompilerServices;
using System.Text.Json;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Proxy.Tracing;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>One request in any dialect, plain or streamed: read, decide, ask, relay, record.</summary>
public sealed partial class ProxyPipeline(
    ProxyDoor door,
    UpstreamAttempts attempts,
    SseRelay relay,
    PriceTable prices,
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
        var tally = door.Open(request?.Stream ?? false, request?.Model);
        try
        {
            if (request is null)
            {
                await ProxyDoor.RefuseAsync(context, fault!, Outcomes.ClientError, tally);
            }
            else
            {
                await AnswerAsync(context, exchange, request, tally);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            tally.WasLeft();
        }
        finally
        {
            Tell(door.Close(context, exchange, tally));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(ProxyRequest? Request, OpenAiError? Fault)> ReadAsync(HttpContext context, Dialect dialect)
    {
        var (body, fault) = await RequestBody.ReadJsonAsync(context, _options.MaxRequestBytes);
        return fault is null ? RequestReader.Read(body, dialect, ProxyExchange.Of(context).Address) : (null, fault);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, Tally tally)
    {
        var model = request.Model ?? _options.DefaultModel ?? "";
        // A caller's own key is one provider's, and no other may see it.
        var named = request.Provider ?? (exchange.Caller.OwnKeys.Count > 0 ? ModelRouting.Resolve(model, null)?.Provider : null);
        var routing = ProxyTraces.Routing();
        var (decision, fault) = RouteDecision.Of(
            context.Request.Method, request.Dialect, model, named, exchange.Rules, exchange.Caller.Key, new RequestDetails(context.Request.Headers),
            providers);
        ProxyTraces.Decided(routing, decision, exchange.Revision);
        (decision, fault) = decision?.For(request) ?? (null, fault);
        if (decision is null)
        {
            await ProxyDoor.RefuseAsync(context, fault!, Outcomes.ClientError, tally);
            return;
        }

        tally.Decision = decision = decision with { Targets = WeightedTurns.Of(decision.Targets, context.TraceIdentifier) };
        using var admission = await door.EnterAsync(context, exchange, tally, target => request.Estimate(target, prices));
        if (admission is null)
        {
            return;
        }

        var headers = PassedHeaders.Of(context.Request, exchange.Caller.OwnKeys.Count > 0);
        var result = await attempts.RunAsync(decision, tally.Quota!.Admit, Ask, context.RequestAborted);
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
            (tally.Target, tally.Model) = (target, target.Model);
            (exchange.Provider, exchange.Attempts) = (target.Provider.Slug, exchange.Attempts + 1);
            return Build(context, exchange, request, decision, headers, target, timeout, _options.DefaultTemperature);
        }
    }

    private static UpstreamRequest Build(
        HttpContext context, ProxyExchange exchange, ProxyRequest request, RouteDecision decision, IReadOnlyList<KeyValuePair<string, string>> headers, UpstreamTarget target, TimeSpan timeout, double? temperature) => new()
        {
            Gateway = exchange.Rules.Gateway,
            Provider = target.Provider,
            Model = target.Model,
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendWholeAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, UpstreamReply reply, Tally tally)
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendStreamAsync(HttpContext context, ProxyExchange exchange, ProxyRequest request, UpstreamReply reply, Tally tally)
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
        attempts.Ended(reply, tally.Target.Provider.Slug, exchange.Caller.OwnKeys.Count > 0, end);
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
        if (failure.Body is not { } given || request.Dialect.OwnError(given) is not { } body)
        {
            await ProxyDoor.FailAsync(context, failure, tally);
            return;
        }

        failure.AddHeaders(context.Response.Headers);
        (tally.Status, tally.Outcome) = (failure.Error.Status, failure.Outcome);
        context.Response.StatusCode = failure.Error.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    // What went well is a row and a count: a line for each costs more than the rest of the request.
    private void Tell(UsageRecord record)
    {
        Answered(record.Outcome == Outcomes.Ok ? LogLevel.Debug : LogLevel.Information, record.RequestId, record.Status, record.Outcome, record.Provider, record.Model, record.Duration.TotalMilliseconds, record.Attempts, record.Cache, record.Revision);
        if (record.IsCold)
        {
            FirstOfModel(record.RequestId, record.Provider, record.Model, record.FirstByte?.TotalMilliseconds ?? 0);
        }
    }

    [LoggerMessage(EventId = 3002, Message = "{RequestId} answered {Status} {Outcome} by {Provider} {Model} in {DurationMs:0.0} ms, attempts {Attempts}, cache {Cache}, revision {Revision}")]
    private partial void Answered(LogLevel level, string requestId, int status, string outcome, string provider, string model, double durationMs, int attempts, string cache, string revision);

    [LoggerMessage(3004, LogLevel.Information, "{RequestId} was the first call for a while to {Provider} {Model}, which may have been cold: {FirstByteMs:0.0} ms to the first byte")]
    private partial void FirstOfModel(string requestId, string provider, string model, double firstByteMs);
}
