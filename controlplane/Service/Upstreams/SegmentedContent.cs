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

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _segments.Count == 1 ? stream.WriteAsync(_segments[0], cancellationToken).AsTask() : WriteAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        for (var i = 0; i < _segments.Count; i++)
        {
            length += _segments[i].Length;
        }

        return true;
    }

    private async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _segments.Count; i++)
        {
            await stream.WriteAsync(_segments[i], cancellationToken);
        }
    }
}
