using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// The last stop of an exception: an answer in the shape of the path, without a stack trace. What the caller did wrong is not logged as our error,
/// what we did wrong is logged once, here.
/// </summary>
public sealed partial class RequestFaults(IProblemDetailsService problems, ILogger<RequestFaults> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var (status, code, detail) = Explain(exception, httpContext);
        var fault = exception is BadHttpRequestException refused && status == 400 ? BindingFault.Of(refused) ?? BindingFault.OfValue(httpContext) : null;
        if (code is "internal_error")
        {
            Failed(exception, httpContext.Request.Method, httpContext.Request.Path, httpContext.TraceIdentifier);
        }
        else if (code is "database_unavailable")
        {
            // The cause of an outage is logged by who keeps the connection; a line per request would drown it.
            httpContext.Response.Headers.RetryAfter = "1";
        }

        httpContext.Response.StatusCode = status;
        try
        {
            await problems.WriteAsync(new ProblemDetailsContext
            {
                HttpContext = httpContext,
                ProblemDetails = new ProblemDetails
                {
                    Status = status,
                    Type = Problem.TypePrefix + code,
                    Detail = fault?.Message ?? detail,
                    Extensions = fault is null ? [] : new Dictionary<string, object?> { ["errors"] = new[] { fault } },
                },
            });
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return true; // The caller hung up before the answer: often in the middle of the body, which is then what the exception was about.
        }

        if (status == 413)
        {
            await DiscardBodyAsync(httpContext);
        }

        return true;
    }

    /// <summary>A caller who is still sending would see a broken connection instead of the answer; so some more of the body is taken, and thrown away.</summary>
    private static async Task DiscardBodyAsync(HttpContext context)
    {
        const long Bound = 2 * ServiceLimits.MaxBodyBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit)
        {
            return;
        }

        limit.MaxRequestBodySize = Bound;
        await context.Response.CompleteAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Larger than even this, too slow, or gone: the answer is written.
        }
    }

    private static (int Status, string Code, string? Detail) Explain(Exception exception, HttpContext context) => exception switch
    {
        BadHttpRequestException { StatusCode: 413 } => (413, "body_too_large", $"The body is larger than the {LimitOf(context)} bytes that {context.Request.Path} takes."),
        BadHttpRequestException { StatusCode: 415 } => (415, "unsupported_media_type", null),
        _ when exception is BadHttpRequestException or InvalidOperationException && Charset(context) is { } charset =>
            (415, "unsupported_media_type", $"JSON is UTF-8, not {charset}: send Content-Type: application/json."),
        BadHttpRequestException { InnerException: System.Text.Json.JsonException } => (400, "invalid_json", null),
        BadHttpRequestException bad => (bad.StatusCode, "bad_request", bad.Message),
        // Kestrel reports a chunk size beyond 64 bits as an I/O fault instead of a bad request.
        IOException { Message: "Bad chunk size data." } => (400, "bad_request", "The chunked body is malformed."),
        _ when IsDatabaseOutage(exception) => (503, "database_unavailable", "The database does not answer; try again shortly."),
        _ => (500, "internal_error", null),
    };

    // Another charset than JSON's own; one that the framework does not know is an InvalidOperationException to it.
    private static string? Charset(HttpContext context) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset is { Length: > 0 } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? charset.ToString()
            : null;

    private static long LimitOf(HttpContext context) =>
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? ServiceLimits.MaxBodyBytes;

    private static bool IsDatabaseOutage(Exception exception) =>
        exception is NpgsqlException { IsTransient: true } || (exception.InnerException is { } inner && IsDatabaseOutage(inner));

    [LoggerMessage(9001, LogLevel.Error, "{Method} {Path} failed, request {RequestId}")]
    private partial void Failed(Exception exception, string method, string path, string requestId);
}
