using System.Net;
using System.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>A body given in pieces, so that an edited body is sent without a second copy and a retry costs nothing.</summary>
internal sealed class SegmentedContent : HttpContent
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _segments;

    /// <param name="segments">The body.</param>
    /// <param name="contentType">`application/json`, or a value that came from Kestrel.</param>
    public SegmentedContent(IReadOnlyList<ReadOnlyMemory<byte>> segments, string contentType)
    {
        _segments = segments;
#pragma warning disable RS0030 // Kestrel refuses CR and LF
        Headers.TryAddWithoutValidation("Content-Type", contentType);
#pragma warning restore RS0030
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var segment in _segments)
        {
            await stream.WriteAsync(segment, cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _segments.Sum(segment => (long)segment.Length);
        return true;
    }
}
