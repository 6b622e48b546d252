using System.Text.Json;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>What is known of a stream while it passes, in the dialect of its provider.</summary>
/// <param name="dialect">What decides when the stream is whole.</param>
/// <param name="hideUsage">Drops the chunk that only the proxy asked for.</param>
/// <param name="translate">Makes the event for the client from the data of one that is JSON and no error; null passes events as they are.</param>
public sealed class StreamProgress(Dialect dialect, bool hideUsage, Func<ReadOnlyMemory<byte>, byte[]>? translate = null)
{
    private bool _finished;
    private long _sequence = -1;
    private long _textBytes;
    private UsageParts _usage;

    /// <summary>Null while the stream goes on.</summary>
    public StreamEndReason? End { get; private set; }

    /// <summary>As reported so far.</summary>
    public TokenUsage? Usage => _usage.Usage;

    /// <summary>Whether the client has to be told that what it got is not whole.</summary>
    public bool IsBroken => End is StreamEndReason.Truncated or StreamEndReason.Oversized;

    /// <summary>Takes note of one event and gives what the client gets for it; empty for nothing.</summary>
    public ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> sseEvent)
    {
        var data = SseEvent.Data(sseEvent).Trim(" "u8);
        if (dialect.Done is not StreamSignal.None && data.Span.SequenceEqual("[DONE]"u8))
        {
            var isWhole = dialect.Done is StreamSignal.End || _finished;
            End = isWhole ? StreamEndReason.Completed : StreamEndReason.Truncated;
            return isWhole ? sseEvent : default;
        }

        if (data.IsEmpty || AnswerFacts.Read(data.Span, dialect) is not { } facts)
        {
            return sseEvent;
        }

        _usage = facts.Parts.Over(_usage);
        _finished |= facts.HasFinish;
        _sequence = facts.Sequence ?? _sequence;
        _textBytes += facts.TextBytes;
        var isFailure = facts.IsError || facts.Signal is StreamSignal.Failure;
        End = isFailure ? StreamEndReason.UpstreamError
            : facts.Signal is StreamSignal.End ? StreamEndReason.Completed
            : null;
        return isFailure ? sseEvent
            : hideUsage && facts.IsUsageOnly ? default
            : translate is null ? sseEvent
            : Translated(data, translate);
    }

    // A chunk that cannot be told leaves a gap, and a stream with a gap is not whole.
    private ReadOnlyMemory<byte> Translated(ReadOnlyMemory<byte> data, Func<ReadOnlyMemory<byte>, byte[]> translate)
    {
        try
        {
            return translate(data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            End = StreamEndReason.Truncated;
            return default;
        }
    }

    public void EndOfUpstream(bool isOversized) => End ??= isOversized ? StreamEndReason.Oversized : StreamEndReason.Truncated;

    /// <summary>The event that tells the client so.</summary>
    public byte[] Breaking() => dialect.ErrorEvent(OpenAiError.Truncated(), _sequence);

    /// <summary>
    /// The tokens of the stream: as reported where it came to its end, otherwise what was reported, and for the rest a guess from what passed.
    /// <paramref name="asked"/> is that of the request.
    /// </summary>
    public TokenUsage Tokens(Func<TokenUsage> asked) => End is StreamEndReason.Completed && Usage is { } reported
        ? reported
        : new TokenUsage(Usage?.Input is > 0 and var input ? input : asked().Input, Math.Max(Usage?.Output ?? 0, UsageEstimate.Tokens(_textBytes)), Usage?.Cached, Usage?.Reasoning) { CacheWrites = Usage?.CacheWrites, IsEstimate = true };
}
