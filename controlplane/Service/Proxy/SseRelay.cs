using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Copies a stream event by event, byte for byte, and never lets a broken stream look finished: whatever ends without its terminal
/// event gets an error event in its dialect and no terminal event.
/// </summary>
public sealed class SseRelay(IOptions<ProxyOptions> options, TimeProvider time)
{
    private readonly ProxyOptions _options = options.Value;

    /// <summary>
    /// Relays until the stream ends. <paramref name="firstEvent"/> was read before the answer was committed. <paramref name="progress"/>
    /// decides what passes and when it is over. A client that goes away is a result, not an exception. What has arrived together leaves together.
    /// </summary>
    public async Task<StreamEndReason> RelayAsync(SseEventReader events, ReadOnlyMemory<byte> firstEvent, PipeWriter client, StreamProgress progress, CancellationToken cancellationToken)
    {
        // Comments only between events, and only after the first byte of the upstream: they would commit an answer that may still fall back.
        using var silence = new StreamSilence(client, _options.KeepAliveInterval, _options.IdleTimeout, time, cancellationToken);
        try
        {
            var (arrived, hasEvent, hasMore) = (firstEvent, true, true);
            while (true)
            {
                Pass(events, arrived, hasEvent, client, progress);
                if (!hasMore)
                {
                    progress.EndOfUpstream(events.IsOversized);
                }

                if (progress.IsBroken)
                {
                    client.Write(progress.Breaking());
                }

                var flushed = await client.FlushAsync(cancellationToken);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    return StreamEndReason.Cancelled;
                }

                if (progress.End is { } end)
                {
                    return end;
                }

                try
                {
                    hasMore = await FillAsync(events, silence);
                }
                catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested && !silence.IsUnheard))
                {
                    hasMore = false;
                }

                hasEvent = events.TryRead(out arrived);
            }
        }
        catch (OperationCanceledException)
        {
            return StreamEndReason.Cancelled;
        }
    }

    // Events stand one behind the other in the reader's memory: those that pass as they are leave in one piece.
    private static void Pass(SseEventReader events, ReadOnlyMemory<byte> arrived, bool hasEvent, PipeWriter client, StreamProgress progress)
    {
        var passing = ReadOnlyMemory<byte>.Empty;
        while (hasEvent && progress.End is null)
        {
            var given = progress.Take(arrived);
            if (Joined(passing, given) is { } joined)
            {
                passing = joined;
            }
            else
            {
                client.Write(passing.Span);
                passing = given;
            }

            hasEvent = events.TryRead(out arrived);
        }

        if (!passing.IsEmpty)
        {
            client.Write(passing.Span);
        }
    }

    // Null for pieces that are not side by side.
    private static ReadOnlyMemory<byte>? Joined(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> next) =>
        next.IsEmpty ? one
        : one.IsEmpty ? next
        : MemoryMarshal.TryGetArray(one, out var first) && MemoryMarshal.TryGetArray(next, out var second) && first.Array == second.Array && first.Offset + first.Count == second.Offset
            ? new ReadOnlyMemory<byte>(first.Array, first.Offset, first.Count + second.Count)
            : default(ReadOnlyMemory<byte>?);

    private static ValueTask<bool> FillAsync(SseEventReader events, StreamSilence silence)
    {
        var fill = events.FillAsync(silence.Over);
        return fill.IsCompleted ? fill : WaitAsync(fill, silence);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> WaitAsync(ValueTask<bool> fill, StreamSilence silence)
    {
        silence.Begin();
        try
        {
            return await fill;
        }
        finally
        {
            await silence.EndAsync();
        }
    }
}
