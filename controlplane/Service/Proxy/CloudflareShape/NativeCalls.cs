using GatewayOps.ControlPlane.Http;
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
    ProxyDoor door, IUpstream upstream, PriceTable prices, IOptions<ProxyOptions> options, TimeProvider time, ILogger<NativeCalls> log)
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
        var model = WorkersAiModel.Normalise(address.Model ?? "");
        var route = exchange.Rules.Routes.Match(FactsOf(context, exchange));
        var target = new UpstreamTarget(address.Provider!, model, route.Timeout);
        var body = await RequestBody.ReadAsync(context, _options.MaxRequestBytes);
        var tally = door.Open(stream: false, model.Length > 0 ? model : null);
        tally.Decision = new RouteDecision(route, [target], new ModelResolution(target.Provider.Slug, model, model));
        try
        {
            await AnswerAsync(context, exchange, tally, body);
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

    private static RequestFacts FactsOf(HttpContext context, ProxyExchange exchange) =>
        new(context.Request.Method, exchange.Address!.Model is null ? exchange.Address.Path : Operations.Run, exchange.Address.Model ?? "", exchange.Address.Provider!.Slug)
        {
            Key = exchange.Caller.Key,
            Details = new RequestDetails(context.Request.Headers),
        };

    private static string Known(UpstreamProvider provider) => provider.Paths.Count > 0 ? string.Join(", ", provider.Paths.Keys.Order(StringComparer.Ordinal)) : "nothing";

    private async Task AnswerAsync(HttpContext context, ProxyExchange exchange, Tally tally, ReadOnlyMemory<byte>? given)
    {
        // The header would not go along, and nobody could read the body.
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            await ProxyDoor.RefuseAsync(context, OpenAiError.NotJson(contentType: null), Outcomes.ClientError, tally);
            return;
        }

        if (Refusal(exchange) is { } unable)
        {
            await ProxyDoor.RefuseAsync(context, unable, Outcomes.ClientError, tally);
            return;
        }

        if (given is not { } body)
        {
            await ProxyDoor.RefuseAsync(context, OpenAiError.TooLarge(_options.MaxRequestBytes), Outcomes.ClientError, tally);
            return;
        }

        var target = tally.Decision!.Targets[0];
        var estimate = new UsageAmounts(1, UsageEstimate.Tokens(body.Length), prices.Find(target.Provider.Slug, target.Model)?.CostOf(new TokenUsage(UsageEstimate.Tokens(body.Length), 0)) ?? 0);
        using var admission = await door.EnterAsync(context, exchange, tally, _ => estimate);
        if (admission is null)
        {
            return;
        }

        if (tally.Quota!.Admit(target) is { } exhausted)
        {
            await ProxyDoor.FailAsync(context, exhausted, tally);
            return;
        }

        tally.Target = target;
        (exchange.Provider, exchange.Attempts) = (target.Provider.Slug, 1);
        await AskAsync(context, exchange, tally, Build(context, exchange, tally.Decision, body));
    }

    private UpstreamRequest Build(HttpContext context, ProxyExchange exchange, RouteDecision decision, ReadOnlyMemory<byte> body) => new()
    {
        Gateway = exchange.Rules.Gateway,
        Provider = decision.Targets[0].Provider,
        Model = decision.Asked.Model is { Length: > 0 } model ? model : null,
        Operation = exchange.Address!.Model is null ? "" : Operations.Run,
        Path = new PathString(exchange.Address.Model is null ? exchange.Address.Path : '/' + decision.Asked.Model).ToUriComponent() + context.Request.QueryString.ToUriComponent(),
        Method = HttpMethod.Parse(context.Request.Method),
        Body = [body],
        ContentType = body.IsEmpty && HttpMethods.IsGet(context.Request.Method) ? null : context.Request.ContentType ?? "application/json",
        Accept = context.Request.Headers.Accept.ToString() is { Length: > 0 } accept && HeaderText.IsSafe(accept) ? accept : "*/*",
        Stream = false,
        RequestId = context.TraceIdentifier,
        Revision = exchange.Revision,
        Timeout = decision.Route.Timeout ?? _options.AttemptTimeout,
        CollectLog = decision.Route.CollectLog ?? (exchange.Caller.VirtualKey is null ? exchange.Address.Directives.CollectLog : null),
        CallerHeaders = PassedHeaders.Of(context.Request, exchange.Caller.OwnKeys.Count > 0),
        OwnKeys = exchange.Caller.OwnKeys,
        Metadata = exchange.Address.Directives.Metadata,
        // The gateway's own cache knows no tenants.
        Cache = exchange.Address.Directives.SkipCache || exchange.Caller.VirtualKey is not null || decision.Route.Cache is { IsOff: true } ? UpstreamCache.Skip : null,
    };

    private async Task AskAsync(HttpContext context, ProxyExchange exchange, Tally tally, UpstreamRequest request)
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
                await ProxyDoor.FailAsync(context, UpstreamFailure.Unreadable(request.Provider.Slug, $"{answer.Status} is no status"), tally);
                return;
            }

            var body = answer.Body(either.Token);
            deadline.CancelAfter(_options.IdleTimeout);
            if (!answer.IsSuccess && await FailureOfAsync(request, answer, body, () => deadline.CancelAfter(_options.IdleTimeout), either.Token) is var (failure, said))
            {
                await (failure is not null ? ProxyDoor.FailAsync(context, failure, tally) : PassErrorAsync(context, tally, answer, said));
                return;
            }

            PassedHeaders.Copy(answer, context.Response);
            (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (answer.Status, answer.ContentType, answer.Length);
            tally.FirstByte = time.GetElapsedTime(exchange.Started);
            await NativeRelay.CopyAsync(body, context.Response.Body, () => deadline.CancelAfter(_options.IdleTimeout), either.Token);
            tally.Outcome = Outcomes.Ok;
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException)
        {
            if (context.Response.HasStarted)
            {
                // What is cut off must not look finished, and nothing can be said in a body that we do not know.
                tally.Outcome = Outcomes.Truncated;
                context.Abort();
                return;
            }

            await ProxyDoor.FailAsync(context, e is OperationCanceledException ? UpstreamFailure.Timeout(request.Provider.Slug, request.Timeout.Value) : UpstreamFailure.Unreachable(request.Provider.Slug), tally);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    // What the gateway itself says has our words for it; what the provider says passes. A redirect is followed by nobody.
    private async Task<(UpstreamFailure? Failure, ReadOnlyMemory<byte> Said)> FailureOfAsync(UpstreamRequest request, UpstreamAnswer answer, Stream body, Action progress, CancellationToken cancellationToken)
    {
        if (await BoundedBody.ReadAsync(body, answer.Length, _options.MaxAnswerBytes, progress, cancellationToken) is not { } said)
        {
            return (UpstreamFailure.Unreadable(request.Provider.Slug, $"it is larger than {_options.MaxAnswerBytes} bytes"), default);
        }

        return (answer.Status < 400 || GatewayFault.TryRead(said) is not null ? UpstreamFailure.Of(request, answer.Status, said, answer.RetryAfter) : null, said);
    }

    private static async Task PassErrorAsync(HttpContext context, Tally tally, UpstreamAnswer answer, ReadOnlyMemory<byte> said)
    {
        PassedHeaders.Copy(answer, context.Response);
        tally.Outcome = answer.Status switch
        {
            StatusCodes.Status429TooManyRequests => Outcomes.RateLimited,
            >= 500 => Outcomes.UpstreamError,
            _ => Outcomes.ClientError,
        };
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (answer.Status, answer.ContentType, said.Length);
        await context.Response.Body.WriteAsync(said, context.RequestAborted);
    }

    private void Tell(UsageRecord record) =>
        Passed(record.Outcome == Outcomes.Ok ? LogLevel.Debug : LogLevel.Information, record.RequestId, record.Status, record.Outcome, record.Provider, record.Duration.TotalMilliseconds);

    [LoggerMessage(EventId = 3005, Message = "{RequestId} passed to a path of {Provider}'s own: {Status} {Outcome} in {DurationMs:0.0} ms")]
    private partial void Passed(LogLevel level, string requestId, int status, string outcome, string provider, double durationMs);
}
