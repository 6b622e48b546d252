using System.Buffers;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Reads a whole answer up to a bound.</summary>
internal static class AnswerBody
{
    private const int MostAtOnce = 64 * 1024;

    /// <summary>
    /// The body, or null when it is larger than <paramref name="limit"/> bytes. <paramref name="progress"/> is called for each piece that arrives. A <paramref name="length"/> that the upstream
    /// claims is not believed beyond 64 KiB before it arrives.
    /// </summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long? length, int limit, Action progress, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min((length ?? 4095) + 1, MostAtOnce));
        while (true)
        {
            var read = await body.ReadAsync(buffer.GetMemory(), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            progress();
            buffer.Advance(read);
            if (buffer.WrittenCount > limit)
            {
                return null;
            }
        }
    }
}
