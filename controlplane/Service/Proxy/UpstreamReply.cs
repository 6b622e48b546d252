using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>An answer that may be passed on: a whole body, or a stream whose first event has arrived.</summary>
public sealed class UpstreamReply(UpstreamAnswer answer) : IDisposable
{
    public UpstreamAnswer Answer => answer;

    /// <summary>The whole body of an answer that is not streamed.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>What the whole body says.</summary>
    public AnswerFacts Facts { get; init; }

    /// <summary>Null for an answer that is not streamed.</summary>
    public SseEventReader? Events { get; init; }

    /// <summary>Valid until <see cref="Events"/> is read on.</summary>
    public ReadOnlyMemory<byte> FirstEvent { get; init; }

    public void Dispose()
    {
        // The connection first: a read that still waits then ends before its buffer is anybody else's.
        answer.Dispose();
        Events?.Dispose();
    }
}
