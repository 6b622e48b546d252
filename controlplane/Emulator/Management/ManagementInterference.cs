using GatewayOps.Emulator.Admin;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Management;

/// <summary>Stands before the management API: records every request and applies the faults that a test asked for.</summary>
public sealed class ManagementInterference(RequestDelegate next, ManagementFaults faults, ManagementRequests requests)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value!;
        var fault = faults.Take(request.Method, path);
        if (fault?.DelayMs > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), TimeProvider.System, context.RequestAborted);

        if (fault is { DropResponse: true } or { Effect: true })
            await RunUnseenAsync(context);
        if (fault is { DropResponse: true })
            context.Abort();
        else if (fault?.Status is { } status)
            await AnswerAsync(context, status, fault.RetryAfter);
        else
            await next(context);

        requests.Add(new ManagementRequest(
            request.Method, path, request.QueryString.Value is { Length: > 0 } query ? query : null, context.Response.StatusCode, fault?.DropResponse == true ? true : null));
    }

    // The effect happens; what it answers goes nowhere, so that the response has not started.
    private async Task RunUnseenAsync(HttpContext context)
    {
        var visible = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        await next(context);
        context.Features.Set(visible);
    }

    private static Task AnswerAsync(HttpContext context, int status, string? retryAfter)
    {
        context.Response.Headers.Clear();
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return Envelope.Failure(status, new ApiError(Code: null, $"The emulator was asked to answer {status} here.")).ExecuteAsync(context);
    }
}
