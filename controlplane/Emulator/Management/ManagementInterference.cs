using GatewayOps.Emulator.Admin;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.Emulator.Management;

/// <summary>Stands before the management API: records every request and applies the faults that a test asked for.</summary>
public sealed class ManagementInterference(RequestDelegate next, ManagementFaults faults, ManagementRequests requests)
{
    // Room for an account's secrets in one body, and a bound for what a gateway can be made to keep.
    private const long LargestBody = 8 * 1024 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LargestBody;
        var fault = faults.Take(context.Request.Method, context.Request.Path.Value!);
        // Recorded before the first byte leaves: who has the answer finds the request. A cut connection may still start its response.
        if (fault is not { DropResponse: true })
            context.Response.OnStarting(() => Record(context, dropped: false));
        if (fault?.DelayMs > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), TimeProvider.System, context.RequestAborted);

        if (fault is { DropResponse: true } or { Effect: true })
            await RunUnseenAsync(context);
        if (fault is { DropResponse: true })
        {
            await Record(context, dropped: true);
            context.Abort();
        }
        else if (fault?.Status is { } status)
        {
            await AnswerAsync(context, status, fault.RetryAfter);
        }
        else
        {
            await RunAsync(context);
        }
    }

    private async Task RunAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Envelope.Failure(e.StatusCode, new ApiError(Code: null, e.Message)).ExecuteAsync(context);
        }
    }

    private Task Record(HttpContext context, bool dropped)
    {
        var query = context.Request.QueryString.Value;
        requests.Add(new ManagementRequest(
            context.Request.Method, context.Request.Path.Value!, string.IsNullOrEmpty(query) ? null : query, context.Response.StatusCode, dropped ? true : null));
        return Task.CompletedTask;
    }

    // The effect happens; what it answers goes nowhere, so that the response has not started.
    private async Task RunUnseenAsync(HttpContext context)
    {
        var visible = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        await RunAsync(context);
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
