using System.Diagnostics;

namespace GatewayOps.ControlPlane.Telemetry.Tracing;

/// <summary>
/// The span of a request, for callers who were let in: it stands behind the authentication, so that nobody else makes spans or chooses their trace. What a caller's traceparent counts for is a
/// setting. Source: W3C Trace Context; OpenTelemetry's conventions for HTTP server spans.
/// </summary>
internal sealed class RequestTraces(RequestDelegate next, ServiceTraces traces, OtelSettings settings, Func<HttpContext, bool> isTraced)
{
    // Longer than what anybody must pass on. Source: W3C Trace Context, section 3.3.1.5.
    private const int LongestState = 512;

    public Task InvokeAsync(HttpContext context) => isTraced(context) ? TraceAsync(context) : next(context);

    private async Task TraceAsync(HttpContext context)
    {
        using var span = Start(context.Request);
        if (span is null)
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
            End(context, span, context.Response.StatusCode);
        }
        catch
        {
            End(context, span, StatusCodes.Status500InternalServerError);
            throw;
        }
        finally
        {
            foreach (var left in ServiceTraces.Take(span))
            {
                left.Stop();
            }
        }
    }

    private Activity? Start(HttpRequest request)
    {
        var caller = settings.Otlp.CallerTraces is CallerTraces.Ignore ? default : CallerOf(request);
        return settings.Otlp.CallerTraces is CallerTraces.Continue && caller != default
            ? traces.Source!.StartActivity(request.Method, ActivityKind.Server, caller)
            : traces.Source!.StartActivity(request.Method, ActivityKind.Server, default(ActivityContext), links: caller == default ? null : [new ActivityLink(caller)]);
    }

    private static ActivityContext CallerOf(HttpRequest request)
    {
        var state = request.Headers.TraceState.ToString();
        return request.Headers.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, state.Length is > 0 and <= LongestState ? state : null, isRemote: true, out var context) ? context : default;
    }

    private static void End(HttpContext context, Activity span, int status)
    {
        if (!span.IsAllDataRequested)
        {
            return;
        }

        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }

        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("url.path", ShownPath.Of(context.Request.Path));
        span.SetTag("url.scheme", context.Request.Scheme);
        span.SetTag("http.response.status_code", status);
        span.SetTag("gatewayops.request_id", context.TraceIdentifier);
        if (status >= 500)
        {
            span.SetStatus(ActivityStatusCode.Error);
            if (span.GetTagItem("error.type") is null)
            {
                span.SetTag("error.type", status.ToString());
            }
        }
    }
}
