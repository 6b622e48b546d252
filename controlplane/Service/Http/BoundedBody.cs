using System.Runtime.CompilerServices;

namespace GatewayOps.ControlPlane.Http;

/// <summary>Reads a whole body, a caller's or an upstream's, up to a bound.</summary>
internal static class BoundedBody
{
    /// <summary>Bytes. A length that is claimed is not believed beyond it before they arrive.</summary>
    private const int MostAtOnce = 64 * 1024;

    /// <summary>Bytes, where no length is claimed.</summary>
    private const int Ordinary = 4096;

    /// <summary>
    /// The body, or null when it is larger than <paramref name="limit"/> bytes. The buffer is not pooled: HttpClient may still read a request's after an early answer, and a pooled one would by
    /// then hold another caller's. <paramref name="progress"/> is called for each piece that arrives.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long? length, int limit, Action? progress, CancellationToken cancellationToken)
    {
        if (length > limit)
        {
            return null;
        }

        var buffer = new byte[length is { } claimed ? (int)Math.Min(claimed + 1, MostAtOnce) : Ordinary];
        for (var filled = 0; ;)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * filled, Array.MaxLength));
            }

            var read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                return buffer.AsMemory(0, filled);
            }

            filled += read;
            if (filled != length)
            {
                progress?.Invoke();
            }

            if (filled > limit)
            {
                return null;
            }
        }
    }
}
