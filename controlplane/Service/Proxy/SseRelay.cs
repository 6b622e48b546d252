using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Copies a stream event by event, byte for byte, and never lets a broken stream look finished: whatever ends without its terminal
/// event gets an error event in its dialect and no terminal event.
/// </summary>
public sealed class SseRelay(IOptions<ProxyOptions> options, TimeProvider time)
{
    private static readonly byte[] KeepAlive = ": keep-alive\n\n"u8.ToArray();

    private readonly ProxyOptions _options = options.Value;

    /// <summary>
    /// Relays until the stream ends. <paramref name="firstEvent"/> was read before the answer was committed. <paramref name="progress"/>
    /// decides what passes and when it is over. A client that goes away is a result, not an exception.
    /// </summary>
    public async Task<StreamEndReason> RelayAsync(SseEventReader events, ReadOnlyMemory<byte> firstEvent, PipeWriter client, StreamProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var (arrived, hasEvent, hasMore) = (firstEvent, true, true);
            while (true)
            {
                while (hasEvent && progress.End is null)
                {
                    client.Write(progress.Take(arrived).Span);
                    hasEvent = events.TryRead(out arrived);
                }

                if (!hasMore)
                {
                    progress.EndOfUpstream(events.IsOversized);
                }

                if (progress.IsBroken)
                {
                    client.Write(progress.Breaking());
                }

                await FlushAsync(client, cancellationToken);
                if (progress.End is { } end)
                {
                    return end;
                }

                hasMore = await FillAsync(events, client, cancellationToken);
                hasEvent = events.TryRead(out arrived);
            }
        }
        catch (OperationCanceledException)
        {
            return StreamEndReason.Cancelled;
        }
    }

    // Comments only between events, and only after the first byte of the upstream: they would commit an answer that may still fall back.
    private async Task<bool> FillAsync(SseEventReader events, PipeWriter client, CancellationToken cancellationToken)
    {
        try
        {
            var fill = events.FillAsync(cancellationToken);
            if (fill.IsCompleted)
            {
                return await fill;
            }

            var pending = fill.AsTask();
            for (var silence = _options.KeepAliveInterval; ; silence += _options.KeepAliveInterval)
            {
                try
                {
                    return await pending.WaitAsync(_options.KeepAliveInterval, time, cancellationToken);
                }
                catch (TimeoutException) when (silence < _options.IdleTimeout)
                {
                    client.Write(KeepAlive);
                    await FlushAsync(client, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
        {
            return false;
        }
    }

    private static async ValueTask FlushAsync(PipeWriter client, CancellationToken cancellationToken)
    {
        var flushed = await client.FlushAsync(cancellationToken);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("The client went away.");
        }
    }
}
