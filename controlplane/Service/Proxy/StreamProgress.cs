using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What is known of a chat stream while it passes.</summary>
internal sealed class StreamProgress(bool hideUsage)
{
    private bool _finished;

    /// <summary>Null while the stream goes on.</summary>
    public StreamEndReason? End { get; private set; }

    public TokenUsage? Usage { get; private set; }

    /// <summary>Whether the client has to be told that what it got is not whole.</summary>
    public bool IsBroken => End is StreamEndReason.Truncated or StreamEndReason.Oversized;

    /// <summary>Takes note of one event; false where the client must not get it.</summary>
    public bool Take(ReadOnlySpan<byte> sseEvent)
    {
        var data = SseEvent.Data(sseEvent).Trim(" "u8);
        if (data.SequenceEqual("[DONE]"u8))
        {
            End = _finished ? StreamEndReason.Completed : StreamEndReason.Truncated;
            return _finished;
        }

        if (data.IsEmpty || ChatAnswer.Read(data) is not { } chunk)
        {
            return true;
        }

        Usage = chunk.Usage ?? Usage;
        _finished |= chunk.HasFinish;
        if (chunk.IsError)
        {
            End = StreamEndReason.UpstreamError;
        }

        return !(hideUsage && chunk.IsUsageOnly);
    }

    public void EndOfUpstream(bool isOversized) => End ??= isOversized ? StreamEndReason.Oversized : StreamEndReason.Truncated;
}
