using System.IO.Pipelines;
using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

/// <summary>What a client got of a stream, and what the proxy took it for.</summary>
internal sealed record Relayed(StreamEndReason End, string Text, StreamProgress Progress);

/// <summary>The relay between an upstream and a client that are both in memory.</summary>
internal static class RelayStage
{
    public const int MaxEventBytes = 64 * 1024;

    public static Task<Relayed> RelayAsync(RecordedAnswer answer, byte[]? upstream = null, bool hideUsage = false, int size = 4096) =>
        RelayAsync(new Pieces(upstream ?? answer.Bytes, size), new StreamProgress(answer.Dialect, hideUsage, answer.Translate));

    public static async Task<Relayed> RelayAsync(Stream upstream, StreamProgress progress, TestClock? clock = null, ProxyOptions? options = null)
    {
        var client = new MemoryStream();
        var writer = PipeWriter.Create(client, new StreamPipeWriterOptions(leaveOpen: true));
        var relaying = RelayAsync(upstream, writer, progress, clock ?? TimeProvider.System, options);
        var end = clock is null ? await relaying : await clock.RunAsync(relaying);
        await writer.CompleteAsync();
        return new Relayed(end, Encoding.UTF8.GetString(client.ToArray()), progress);
    }

    // As the endpoint does: the first event is read before the relay starts.
    public static async Task<StreamEndReason> RelayAsync(Stream upstream, PipeWriter client, StreamProgress progress, TimeProvider time, ProxyOptions? options = null)
    {
        using var events = new SseEventReader(upstream, MaxEventBytes);
        ReadOnlyMemory<byte> first;
        while (!events.TryRead(out first) && await events.FillAsync(CancellationToken.None))
        {
        }

        var relay = new SseRelay(Options.Create(options ?? new ProxyOptions()), time);
        return await relay.RelayAsync(events, first, client, progress, CancellationToken.None);
    }
}

/// <summary>Gives its bytes in pieces of one size, then ends or stays silent.</summary>
internal sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
{
    public bool ThenSilence { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Read(buffer.Span[..Math.Min(size, buffer.Length)]);
        if (read == 0 && ThenSilence)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return read;
    }
}

/// <summary>Gives one text over and over, so many bytes of it.</summary>
internal sealed class Endless(string first, string then, long length) : MemoryStream(Encoding.UTF8.GetBytes(first))
{
    private readonly byte[] _then = Encoding.UTF8.GetBytes(then);

    public long Given { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = Read(buffer.Span);
        while (read < buffer.Length && Given + read < length)
        {
            var piece = _then.AsSpan(0, Math.Min(_then.Length, buffer.Length - read));
            piece.CopyTo(buffer.Span[read..]);
            read += piece.Length;
        }

        Given += read;
        return ValueTask.FromResult(read);
    }
}
