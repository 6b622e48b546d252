using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>POST /v1/chat/completions, plain and streamed: read, decide, ask, relay, record.</summary>
public sealed partial class ChatEndpoint(
    UpstreamAttempts attempts,
    SseRelay relay,
    UsageRecorder recorder,
    PriceTable prices,
    ProxyMetrics metrics,
    IOptions<ProxyOptions> options,
    TimeProvider time,
    ILogger<ChatEndpoint> log)
{
    private readonly ProxyOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context)
    {
        var exchange = ProxyExchange.Of(context);
        var (request, fault) = await ReadAsync(context);
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

    private async Task<(ChatRequest? Request, OpenAiError? Fault)> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 || (request.ContentType is not null && !request.HasJsonContentType()))
        {
            return (null, OpenAiError.NotJson(request.Headers.ContentEncoding.Count > 0 ? null : request.ContentType));
        }

        // Our own bound; Kestrel's would answer later and differently.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        return await RequestBody.ReadAsync(request, _options.MaxRequestBytes, context.RequestAborted) is { } body
            ? RequestReader.Read(body)
            : (null, OpenAiError.TooLarge(_options.MaxRequestBytes));
    }

    private async Task AnswerAsync(HttpContext context, ProxyExchange exchange, ChatRequest request, Tally tally)
    {
        var (decision, fault) = RouteDecision.Of(context.Request.Method, request.Model ?? _options.DefaultModel ?? "", request.Provider, exchange.Rules.Routes);
        if (decision is null)
        {
            await RefuseAsync(context, fault!, Outcomes.ClientError, tally);
            return;
        }

        tally.Decision = decision;
        var headers = PassedHeaders.Of(context.Request);
        var result = await attempts.RunAsync(decision, (target, timeout) => Build(context, exchange, request, decision, headers, target, timeout), context.RequestAborted);
        using var reply = result.Reply;
        tally.Target = result.Target;
        tally.Overhead = time.GetElapsedTime(exchange.Started) - result.UpstreamTime;
        (exchange.Provider, exchange.Attempts) = (result.Target.Provider.Slug, result.Attempts);
        if (reply is null)
        {
            await FailAsync(context, result.Failure!, tally);
            return;
        }

        exchange.Cache = reply.Answer.Cache;
        PassedHeaders.Copy(reply.Answer, context.Response);
        await (reply.Events is null ? SendWholeAsync(context, exchange, request, reply, tally) : SendStreamAsync(context, exchange, request, reply, tally));
    }

    private static UpstreamRequest Build(
        HttpContext context, ProxyExchange exchange, ChatRequest request, RouteDecision decision, IReadOnlyList<KeyValuePair<string, string>> headers, UpstreamTarget target, TimeSpan timeout) => new()
        {
            Gateway = exchange.Rules.Gateway,
            Provider = target.Provider,
            Body = request.BodyFor(target.Provider.WireModel(target.Model), target.Provider.AskForStreamUsage),
            Stream = request.Stream,
            RequestId = context.TraceIdentifier,
            Revision = exchange.Revision,
            Timeout = timeout,
            CollectLog = decision.Route.CollectLog,
            CallerHeaders = headers,
            Cache = decision.Route.Cache switch
            {
                null => null,
                { IsOff: true } => UpstreamCache.Skip,
                var cache => new UpstreamCache(CacheKey.Of(request.Root, cache.KeyFields, target, request.Stream, cache.Share ? null : exchange.Caller.Tenant), cache.Ttl),
            },
        };

    private async Task SendWholeAsync(HttpContext context, ProxyExchange exchange, ChatRequest request, UpstreamReply reply, Tally tally)
    {
        var response = context.Response;
        var body = request.Stream ? WholeAsStream.Of(reply.Body.Span, request.WantsStreamUsage) : reply.Body;
        response.StatusCode = reply.Answer.Status;
        response.ContentType = request.Stream ? "text/event-stream" : "application/json";
        response.ContentLength = body.Length;
        tally.Outcome = Outcomes.Ok;
        tally.Tokens = ChatAnswer.Read(reply.Body.Span)?.Usage;
        tally.FirstByte = time.GetElapsedTime(exchange.Started);
        await response.Body.WriteAsync(body, context.RequestAborted);
        if (request.Stream)
        {
            metrics.StreamEnded(StreamEndReason.Completed);
        }
    }

    private async Task SendStreamAsync(HttpContext context, ProxyExchange exchange, ChatRequest request, UpstreamReply reply, Tally tally)
    {
        var response = context.Response;
        response.StatusCode = reply.Answer.Status;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        tally.FirstByte = time.GetElapsedTime(exchange.Started);
        var end = await relay.RelayAsync(reply.Events!, reply.FirstEvent, response.BodyWriter, hideUsage: !request.WantsStreamUsage, context.RequestAborted);
        metrics.StreamEnded(end.Reason);
        tally.Tokens = end.Usage;
        tally.Outcome = end.Reason switch
        {
            StreamEndReason.Completed => Outcomes.Ok,
            StreamEndReason.Cancelled => Outcomes.Cancelled,
            StreamEndReason.UpstreamError => Outcomes.UpstreamError,
            _ => Outcomes.Truncated,
        };
    }

    private static async Task FailAsync(HttpContext context, UpstreamFailure failure, Tally tally)
    {
        if (failure.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString();
        }

        if (failure.Body is not { } body)
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

    private void Record(HttpContext context, ProxyExchange exchange, ChatRequest? request, Tally tally)
    {
        var model = tally.Target?.Model ?? request?.Model ?? ProxyExchange.None;
        var record = new UsageRecord
        {
            Id = Guid.ParseExact(context.TraceIdentifier, "N"),
            At = time.GetUtcNow(),
            RequestId = context.TraceIdentifier,
            Method = context.Request.Method,
            Path = context.Request.Path,
            Gateway = exchange.Rules.Gateway,
            Provider = exchange.Provider,
            Model = model,
            SessionId = Session.Of(context.Request),
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
        };
        metrics.Finished(record, tally.Overhead);
        recorder.TryWrite(record);
        Answered(record.RequestId, record.Status, record.Outcome, record.Provider, record.Model, record.Duration.TotalMilliseconds, record.Attempts, record.Cache, record.Revision);
    }

    private decimal? Cost(ProxyExchange exchange, Tally tally) => (exchange.Cache, tally.Tokens, tally.Target) switch
    {
        ("hit", _, _) => 0m,
        (_, { } tokens, { } target) => prices.Find(target.Provider.Slug, target.Model)?.CostOf(tokens),
        _ => null,
    };

    [LoggerMessage(3002, LogLevel.Information, "{RequestId} answered {Status} {Outcome} by {Provider} {Model} in {DurationMs:0.0} ms, attempts {Attempts}, cache {Cache}, revision {Revision}")]
    private partial void Answered(string requestId, int status, string outcome, string provider, string model, double durationMs, int attempts, string cache, string revision);

    /// <summary>What becomes the record of the request.</summary>
    private sealed class Tally
    {
        public required bool Stream { get; init; }
        public UpstreamTarget? Target { get; set; }
        public int? Status { get; set; }

        /// <summary>An exception on the way leaves this.</summary>
        public string Outcome { get; set; } = Outcomes.UpstreamError;
        public TokenUsage? Tokens { get; set; }
        public TimeSpan? FirstByte { get; set; }
        public TimeSpan? Overhead { get; set; }
        public RouteDecision? Decision { get; set; }
    }
}
