using System.Buffers;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Reads a whole request body up to a bound.</summary>
internal static class RequestBody
{
    private const int FirstBuffer = 64 * 1024;

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
