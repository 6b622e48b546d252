using System.Runtime.CompilerServices;
using GatewayOps.ControlPlane.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Reads a whole request body up to a bound.</summary>
internal static class RequestBody
{
    /// <summary>The bytes of a body that says to be JSON, not compressed and not larger than <paramref name="limit"/>; or what is wrong.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<(ReadOnlyMemory<byte> Body, OpenAiError? Fault)> ReadJsonAsync(HttpContext context, int limit)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 || (request.ContentType is not null && !request.HasJsonContentType()))
        {
            return (default, OpenAiError.NotJson(request.Headers.ContentEncoding.Count > 0 ? null : request.ContentType));
        }

        return await ReadAsync(context, limit) is { } body ? (body, null) : (default, OpenAiError.TooLarge(limit));
    }

    /// <summary>The body, of any kind, or null when it is larger than <paramref name="limit"/> bytes.</summary>
    public static ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int limit)
    {
        // Our own bound; Kestrel's would answer later and differently.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        return BoundedBody.ReadAsync(context.Request.Body, context.Request.ContentLength, limit, progress: null, context.RequestAborted);
    }
}
