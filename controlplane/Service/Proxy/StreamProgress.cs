using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What is known of a stream while it passes.</summary>
public sealed class StreamProgress(Dialect dialect, bool hideUsage)
{
    private bool _finished;
    private long _sequence = -1;
    private UsageParts _usage;

    /// <summary>Null while the stream goes on.</summary>
    public StreamEndReason? End { get; private set; }

    public TokenUsage? Usage => _usage.Usage;

    /// <summary>Whether the client has to be told that what it got is not whole.</summary>
    public bool IsBroken => End is StreamEndReason.Truncated or StreamEndReason.Oversized;

    /// <summary>Takes note of one event; false where the client must not get it.</summary>
    public bool Take(ReadOnlySpan<byte> sseEvent)
    {
        var data = SseEvent.Data(sseEvent).Trim(" "u8);
        if (dialect.EndsWithDone && data.SequenceEqual("[DONE]"u8))
        {
            End = _finished ? StreamEndReason.Completed : StreamEndReason.Truncated;
            return _finished;
        }

        if (data.IsEmpty || AnswerFacts.Read(data, dialect) is not { } facts)
        {
            return true;
        }

        _usage = facts.Parts.Over(_usage);
        _finished |= facts.HasFinish;
        _sequence = facts.Sequence ?? _sequence;
        End = facts switch
        {
            { IsError: true } or { Signal: StreamSignal.Failure } => StreamEndReason.UpstreamError,
            { Signal: StreamSignal.End } => StreamEndReason.Completed,
            _ => null,
        };
        return !(hideUsage && facts.IsUsageOnly);
    }

    public void EndOfUpstream(bool isOversized) => End ??= isOversized ? StreamEndReason.Oversized : StreamEndReason.Truncated;

    /// <summary>The event that tells the client so.</summary>
    public byte[] Breaking() => dialect.ErrorEvent(OpenAiError.Truncated(), _sequence);
}
