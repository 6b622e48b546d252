using System.Net;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>A JSON body given in pieces, so that an edited body is sent without a second copy and a retry costs nothing.</summary>
internal sealed class SegmentedContent : HttpContent
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _segments;

    public SegmentedContent(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        _segments = segments;
        Headers.ContentType = new("application/json");
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
