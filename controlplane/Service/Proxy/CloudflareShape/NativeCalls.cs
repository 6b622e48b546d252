using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>
/// Passes on what no dialect of ours reads: a provider's own paths, any method, any body. One attempt at the one provider that the address names; rules, rates, queues and quotas of requests
/// hold, and there is a record. What it costs is not known, and neither is whose the things are that a path names (files, stored answers): a stored key works so for AUTH_TOKEN alone.
/// </summary>
public sealed partial class NativeCalls(
    KeyGate keys, RuleGate gate, IUpstream upstream, UsageRecorder recorder, UsageLedger ledger, PriceTable prices, ProxyMetrics metrics, IOptions<ProxyOptions> options, TimeProvider time,
    ILogger<NativeCalls> log)
{
    private readonly ProxyOptions _options = options.Value;

    /// <summary>Why this caller may not use this path; null when it may.</summary>
    public static OpenAiError? Refusal(ProxyExchange exchange)
    {
        var (caller, provider) = (exchange.Caller, exchange.Address!.Provider!);
        if (provider.IsDirect || provider.IsLocal)
        {
            return OpenAiError.Invalid("unsupported_endpoint", $"{provider.Slug} is asked directly here, where only {Known(provider)} is passed: its other paths go through a gateway alone.");
        }

        if (provider.Slug.StartsWith(ProviderCatalogue.CustomPrefix, StringComparison.Ordinal) && RouteDecision.Declared(provider.Slug, exchange.Rules) is null)
        {
            return OpenAiError.Invalid("unsupported_provider", $"No active rule set of the gateway {exchange.Rules.Gateway} declares the custom provider {provider.Slug}, or it is not enabled.");
        }

        return caller.VirtualKey is { } key && (caller.OwnKeys.Count == 0 || key.Scope.LimitsModels) && exchange.Address.Model is null
            ? new OpenAiError(
                StatusCodes.Status403Forbidden, "permission_error", "path_not_allowed",
                $"This path of {provider.Slug} is open to AUTH_TOKEN alone, or to virtual keys without a list of models that bring a key of the provider of their own (in Authorization, with the virtual key in "
                + $"cf-aig-authorization): what it costs and whose data it names the proxy cannot tell. To all virtual keys: {Known(provider)}.")
            : null;
    }

    public async Task HandleAsync(HttpContext context)
    {
        var exchange = ProxyExchange.Of(context);
        var address = exchange.Address!;
        var call = new NativeCall(address.Provider!, WorkersAiModel.Normalise(address.Model ?? ""), exchange.Rules.Routes.Match(FactsOf(context, exchange)));
        var body = await RequestBody.ReadAsync(context, _options.MaxRequestBytes);
        metrics.Started(stream: false);
        try
        {
            await AnswerAsync(context, exchange, call, body);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            (call.Outcome, call.Status) = (Outcomes.Cancelled, call.Status ?? StatusCodes.Status499ClientClosedRequest);
        }
        finally
        {
            Record(context, exchange, call);
        }
    }

    private static RequestFacts FactsOf(HttpContext context, ProxyExchange exchange) =>
        new(context.Request.Method, exchange.Address!.Model is null ? exchange.Address.Path : Operations.Run, exchange.Address.Model ?? "", exchange.Address.Provider!.Slug)
        {
            Key = exchange.Caller.Key,
            Details = new RequestDetails(context.Request.Headers),
        };

    private static string Known(UpstreamProvider provider) => provider.Paths.Count > 0 ? string.Join(", ", provider.Paths.Keys.Order(StringComparer.Ordinal)) : "nothing";

    private async Task AnswerAsync(HttpContext context, ProxyExchange exchange, NativeCall call, ReadOnlyMemory<byte>? given)
    {
        // The header would not go along, and nobody could read the body.
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            await RefuseAsync(context, call, OpenAiError.NotJson(contentType: null), Outcomes.ClientError);
            return;
        }

        if (Refusal(exchange) is { } unable)
        {
            await RefuseAsync(context, call, unable, Outcomes.ClientError);
            return;
        }

        if (given is not { } body)
        {
            await RefuseAsync(context, call, OpenAiError.TooLarge(_options.MaxRequestBytes), Outcomes.ClientError);
            return;
        }

        var target = new UpstreamTarget(call.Provider, call.Model, call.Route.Timeout);
        var estimate = new UsageAmounts(1, UsageEstimate.Tokens(body.Length), prices.Find(call.Provider.Slug, call.Model)?.CostOf(new TokenUsage(UsageEstimate.Tokens(body.Length), 0)) ?? 0);
        var (visit, shortage) = keys.Admit(
            exchange.Caller, new RouteDecision(call.Route, [target], new ModelResolution(call.Provider.Slug, call.Model, call.Model)), Session.Of(context.Request), _ => estimate);
        if (visit is null)
        {
            shortage!.AddHeaders(context.Response.Headers);
            await RefuseAsync(context, call, shortage.Error, shortage.Outcome);
            return;
        }

        call.Visit = visit;
        var (admission, refusal) = await gate.EnterAsync(exchange.Rules.Gateway, call.Route, exchange.Caller.Tenant, context.RequestAborted);
        using var _ = admission;
        if (admission is null)
        {
            RetryHeaders.After(context.Response.Headers, refusal!.RetryAfter);
            await RefuseAsync(context, call, refusal.Error, Outcomes.RateLimited);
            return;
        }

        call.Quota = new RequestQuota(ledger, exchange.Rules.Quota, exchange.Rules.Gateway, _ => estimate, time);
        if (call.Quota.Admit(target) is { } exhausted)
        {
            await FailAsync(context, call, exhausted);
            return;
        }

        (exchange.Provider, exchange.Attempts) = (call.Provider.Slug, 1);
        await AskAsync(context, exchange, call, Build(context, exchange, call, body));
    }

    private UpstreamRequest Build(HttpContext context, ProxyExchange exchange, NativeCall call, ReadOnlyMemory<byte> body) => new()
    {
        Gateway = exchange.Rules.Gateway,
        Provider = call.Provider,
        Operation = exchange.Address!.Model is null ? "" : Operations.Run,
        Path = new PathString(exchange.Address.Model is null ? exchange.Address.Path : '/' + call.Model).ToUriComponent() + context.Request.QueryString.ToUriComponent(),
        Method = HttpMethod.Parse(context.Request.Method),
        Body = [body],
        ContentType = body.IsEmpty && HttpMethods.IsGet(context.Request.Method) ? null : context.Request.ContentType ?? "application/json",
        Accept = context.Request.Headers.Accept.ToString() is { Length: > 0 } accept && HeaderText.IsSafe(accept) ? accept : "*/*",
        Stream = false,
        RequestId = context.TraceIdentifier,
        Revision = exchange.Revision,
        Timeout = call.Route.Timeout ?? _options.AttemptTimeout,
        CollectLog = call.Route.CollectLog ?? (exchange.Caller.VirtualKey is null ? exchange.Address.Directives.CollectLog : null),
        CallerHeaders = PassedHeaders.Of(context.Request, exchange.Caller.OwnKeys.Count > 0),
        OwnKeys = exchange.Caller.OwnKeys,
        Metadata = exchange.Address.Directives.Metadata,
        // The gateway's own cache knows no tenants.
        Cache = exchange.Address.Directives.SkipCache || exchange.Caller.VirtualKey is not null || call.Route.Cache is { IsOff: true } ? UpstreamCache.Skip : null,
    };

    private async Task AskAsync(HttpContext context, ProxyExchange exchange, NativeCall call, UpstreamRequest request)
    {
        using var deadline = new CancellationTokenSource(request.Timeout!.Value, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        UpstreamAnswer? answer = null;
        try
        {
            answer = await upstream.SendAsync(request, either.Token);
            exchange.Cache = answer.Cache;
            if (answer.Status > 599)
            {
                await FailAsync(context, call, UpstreamFailure.Unreadable(call.Provider.Slug, $"{answer.Status} is no status"));
                return;
            }

            var body = await answer.BodyAsync(either.Token);
            deadline.CancelAfter(_options.IdleTimeout);
            if (!answer.IsSuccess && await FailureOfAsync(request, answer, body, () => deadline.CancelAfter(_options.IdleTimeout), either.Token) is var (failure, said))
            {
                await (failure is not null ? FailAsync(context, call, failure) : PassErrorAsync(context, call, answer, said));
                return;
            }

            PassedHeaders.Copy(answer, context.Response);
            (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (answer.Status, answer.ContentType, answer.Length);
            call.FirstByte = time.GetElapsedTime(exchange.Started);
            await NativeRelay.CopyAsync(body, context.Response.Body, () => deadline.CancelAfter(_options.IdleTimeout), either.Token);
            call.Outcome = Outcomes.Ok;
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Response.HasStarted)
            {
                // What is cut off must not look finished, and nothing can be said in a body that we do not know.
                call.Outcome = Outcomes.Truncated;
                context.Abort();
                return;
            }

            await FailAsync(context, call, e is OperationCanceledException ? UpstreamFailure.Timeout(call.Provider.Slug, request.Timeout.Value) : UpstreamFailure.Unreachable(call.Provider.Slug));
        }
        finally
        {
            answer?.Dispose();
        }
    }

    // What the gateway itself says has our words for it; what the provider says passes. A redirect is followed by nobody.
    private async Task<(UpstreamFailure? Failure, ReadOnlyMemory<byte> Said)> FailureOfAsync(UpstreamRequest request, UpstreamAnswer answer, Stream body, Action progress, CancellationToken cancellationToken)
    {
        if (await AnswerBody.ReadAsync(body, answer.Length, _options.MaxAnswerBytes, progress, cancellationToken) is not { } said)
        {
            return (UpstreamFailure.Unreadable(request.Provider.Slug, $"it is larger than {_options.MaxAnswerBytes} bytes"), default);
        }

        return (answer.Status < 400 || GatewayFault.TryRead(said) is not null ? UpstreamFailure.Of(request, answer.Status, said, answer.RetryAfter) : null, said);
    }

    private static async Task PassErrorAsync(HttpContext context, NativeCall call, UpstreamAnswer answer, ReadOnlyMemory<byte> said)
    {
        PassedHeaders.Copy(answer, context.Response);
        call.Outcome = answer.Status switch
        {
            StatusCodes.Status429TooManyRequests => Outcomes.RateLimited,
            >= 500 => Outcomes.UpstreamError,
            _ => Outcomes.ClientError,
        };
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (answer.Status, answer.ContentType, said.Length);
        await context.Response.Body.WriteAsync(said, context.RequestAborted);
    }

    private static Task FailAsync(HttpContext context, NativeCall call, UpstreamFailure failure)
    {
        if (failure.RetryAfter is { } wait)
        {
            RetryHeaders.After(context.Response.Headers, wait);
        }

        return RefuseAsync(context, call, failure.Error, failure.Outcome);
    }

    private static Task RefuseAsync(HttpContext context, NativeCall call, OpenAiError error, string outcome)
    {
        (call.Status, call.Outcome) = (error.Status, outcome);
        return error.WriteAsync(context.Response, context.RequestAborted);
    }

    private void Record(HttpContext context, ProxyExchange exchange, NativeCall call)
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
            Model = call.Model.Length > 0 ? call.Model : ProxyExchange.None,
            SessionId = Session.Of(context.Request),
            VirtualKey = exchange.Caller.Key,
            Status = call.Status ?? context.Response.StatusCode,
            Outcome = call.Outcome,
            Duration = time.GetElapsedTime(exchange.Started),
            FirstByte = call.FirstByte,
            Stream = false,
            Cache = exchange.Cache,
            Attempts = exchange.Attempts,
            Revision = exchange.Revision,
            Rule = call.Route.Rule,
            AskedModel = call.Model,
            AskedProvider = call.Provider.Slug,
        };
        metrics.Finished(record, overhead: null);
        ledger.Settle(record, call.Quota?.Hold);
        call.Visit?.Settle(record);
        recorder.TryWrite(record);
        Passed(record.Outcome == Outcomes.Ok ? LogLevel.Debug : LogLevel.Information, record.RequestId, record.Status, record.Outcome, record.Provider, record.Duration.TotalMilliseconds);
    }

    [LoggerMessage(EventId = 3005, Message = "{RequestId} passed to a path of {Provider}'s own: {Status} {Outcome} in {DurationMs:0.0} ms")]
    private partial void Passed(LogLevel level, string requestId, int status, string outcome, string provider, double durationMs);

    /// <summary>What becomes the record of the call. An exception on the way leaves the outcome that it begins with.</summary>
    private sealed class NativeCall(UpstreamProvider provider, string model, GatewayOps.Rules.Route route)
    {
        public UpstreamProvider Provider => provider;
        public string Model => model;
        public GatewayOps.Rules.Route Route => route;
        public RequestQuota? Quota { get; set; }
        public KeyVisit? Visit { get; set; }
        public int? Status { get; set; }
        public string Outcome { get; set; } = Outcomes.UpstreamError;
        public TimeSpan? FirstByte { get; set; }
    }
}
