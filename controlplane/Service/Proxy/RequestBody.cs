using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Reads a whole request body up to a bound.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 64 * 1024;

    /// <summary>The bytes of a body that says to be JSON, not compressed and not larger than <paramref name="limit"/>; or what is wrong.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, OpenAiError? Fault)> ReadJsonAsync(HttpContext context, int limit)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 || (request.ContentType is not null && !request.HasJsonContentType()))
        {
            return (default, OpenAiError.NotJson(request.Headers.ContentEncoding.Count > 0 ? null : request.ContentType));
        }

        return await ReadAsync(context, limit) is { } body ? (body, null) : (default, OpenAiError.TooLarge(limit));
    }

    /// <summary>The body, of any kind, or null when it is larger than <paramref name="limit"/> bytes.</summary>
    public static Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int limit)
    {
        // Our own bound; Kestrel's would answer later and differently.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
        return ReadAsync(context.Request, limit, context.RequestAborted);
    }

    /// <summary>
    /// The body, or null when it is larger than <paramref name="limit"/> bytes. The buffer is not pooled: HttpClient may still read it
    /// after an early answer, and a pooled one would by then hold another caller's request.
    /// </summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        // A claimed length is not allocated before it arrives.
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min((request.ContentLength ?? 4096) + 1, FirstBuffer));
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.GetMemory(), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > limit)
            {
                return null;
            }
        }
    }
}
