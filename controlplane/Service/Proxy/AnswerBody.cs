using System.Buffers;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>Reads a whole answer up to a bound.</summary>
internal static class AnswerBody
{
    /// <summary>The body, or null when it is larger than <paramref name="limit"/> bytes. <paramref name="progress"/> is called for each piece that arrives.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, int limit, Action progress, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
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
