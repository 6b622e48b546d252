using System.Buffers;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>Copies an answer that nobody reads on the way: each piece when it has arrived, and no more of it than the client takes.</summary>
internal static class NativeRelay
{
    private const int Piece = 16 * 1024;

    /// <summary>Throws what reading throws. <paramref name="progress"/> is called for each piece.</summary>
    public static async Task CopyAsync(Stream from, Stream to, Action progress, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        var isIdle = false;
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                progress();
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await to.FlushAsync(cancellationToken);
            }

            isIdle = true;
        }
        finally
        {
            // A buffer that an abandoned read may still write to belongs to nobody else.
            if (isIdle)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
