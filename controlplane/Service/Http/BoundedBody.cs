using System.Buffers;
using System.Runtime.CompilerServices;

namespace GatewayOps.ControlPlane.Http;

/// <summary>Reads a whole body, a caller's or an upstream's, up to a bound.</summary>
internal static class BoundedBody
{
    /// <summary>Bytes. A length that is claimed is not believed beyond it before they arrive.</summary>
    private const int MostAtOnce = 64 * 1024;

    /// <summary>Each byte that has arrived makes so many of a claimed length believed.</summary>
    private const int Believed = 16;

    /// <summary>Bytes, where no length is claimed.</summary>
    private const int Ordinary = 4096;

    /// <summary>
    /// The body, or null when it is larger than <paramref name="limit"/> bytes. <paramref name="progress"/> is called for each piece that arrives. The buffer is the caller's to return where it
    /// comes from a <paramref name="pool"/>, which is for bodies that are not sent on: HttpClient may still read a request's after an early answer, and a pooled one would by then hold another
    /// caller's.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long? length, int limit, Action? progress, CancellationToken cancellationToken, ArrayPool<byte>? pool = null)
    {
        if (length > limit)
        {
            return null;
        }

        var buffer = Buffer(Math.Min(length + 1 ?? Ordinary, MostAtOnce));
        for (var filled = 0; ;)
        {
            if (filled == buffer.Length)
            {
                var larger = Buffer(Math.Min(length > filled ? Math.Min(length.Value + 1, Believed * (long)filled) : 2L * filled, Array.MaxLength));
                buffer.AsSpan().CopyTo(larger);
                pool?.Return(buffer);
                buffer = larger;
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
                pool?.Return(buffer);
                return null;
            }
        }

        byte[] Buffer(long bytes) => pool?.Rent((int)bytes) ?? GC.AllocateUninitializedArray<byte>((int)bytes);
    }
}
