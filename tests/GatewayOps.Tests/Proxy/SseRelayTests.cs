using System.IO.Pipelines;
using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.Tests.Support;
using Microsoft.Extensions.Options;

namespace GatewayOps.Tests.Proxy;

public sealed class SseRelayTests
{
    private const string First = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    private const string Word = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é 🦊\"},\"finish_reason\":null}],\"usage\":null}\n\n";
    private const string Finish = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
    private const string UsageChunk = "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}\n\n";
    private const string Done = "data: [DONE]\n\n";
    private const string Whole = First + Word + Finish + UsageChunk + Done;

    [Fact]
    public async Task Relay_WholeStream_PassesByteForByteAndReadsUsage()
    {
        var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(Whole), hideUsage: false);

        Assert.Equal(Whole, text);
        Assert.Equal((StreamEndReason.Completed, 9, 4), (end.Reason, end.Usage!.Input, end.Usage.Output));
    }

    [Fact]
    public async Task Relay_UsageNotAskedFor_LeavesOutThatChunkOnly()
    {
        var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(Whole), hideUsage: true);

        Assert.Equal(First + Word + Finish + Done, text);
        Assert.Equal(9, end.Usage!.Input);
    }

    [Fact]
    public async Task Relay_CutAtEveryByte_NeverLooksFinished()
    {
        var whole = Encoding.UTF8.GetBytes(Whole);
        for (var cut = 1; cut < whole.Length; cut++)
        {
            var (end, text) = await RelayAsync(whole[..cut], hideUsage: false);

            Assert.True(end.Reason is StreamEndReason.Truncated, $"cut at {cut}: {end.Reason}");
            Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
            Assert.EndsWith("\"code\":\"stream_truncated\"}}\n\n", text, StringComparison.Ordinal);
            var passed = text[..text.LastIndexOf("data: {\"error\"", StringComparison.Ordinal)];
            Assert.StartsWith(passed, Whole, StringComparison.Ordinal);
            Assert.True(passed.Length == 0 || passed.EndsWith("\n\n", StringComparison.Ordinal), $"cut at {cut} passed a part of an event");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task Relay_AnyPieces_GivesTheSameBytes(int size)
    {
        var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(Whole), hideUsage: false, size);

        Assert.Equal((StreamEndReason.Completed, Whole), (end.Reason, text));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Relay_OtherLineEnds_AreEventsToo(string lineEnd)
    {
        var stream = (": hello\n\n" + Whole).Replace("\n", lineEnd, StringComparison.Ordinal);
        for (var size = 1; size < 5; size++)
        {
            var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(stream), hideUsage: false, size);

            Assert.Equal((StreamEndReason.Completed, stream), (end.Reason, text));
        }
    }

    [Fact]
    public async Task Relay_DoneWithoutFinish_IsTruncated()
    {
        var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(First + Word + Done), hideUsage: false);

        Assert.Equal(StreamEndReason.Truncated, end.Reason);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_ErrorInStream_PassesItAndEnds()
    {
        const string error = "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";

        var (end, text) = await RelayAsync(Encoding.UTF8.GetBytes(First + error + Done), hideUsage: false);

        Assert.Equal((StreamEndReason.UpstreamError, First + error), (end.Reason, text));
    }

    [Fact]
    public async Task Relay_UsageTextInMessage_IsNotUsage()
    {
        const string spoof = "data: {\"choices\":[{\"delta\":{\"usage\":{\"prompt_tokens\":999,\"completion_tokens\":1},\"content\":\"\\\"usage\\\":{\"},\"finish_reason\":null}]}\n\n";

        var (end, _) = await RelayAsync(Encoding.UTF8.GetBytes(spoof + Whole), hideUsage: false);

        Assert.Equal(9, end.Usage!.Input);
    }

    [Fact]
    public async Task Relay_EventBeyondTheBound_EndsWithAnErrorAndBoundedMemory()
    {
        var (end, text) = await RelayAsync(new EndlessLine(Encoding.UTF8.GetBytes(First)), hideUsage: false);

        Assert.Equal(StreamEndReason.Oversized, end.Reason);
        Assert.EndsWith("\"code\":\"stream_truncated\"}}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_SilentUpstream_SendsCommentsAndGivesUpInTheEnd()
    {
        var clock = new TestClock();

        var (end, text) = await RelayAsync(new Pieces(Encoding.UTF8.GetBytes(First), 4096) { ThenSilence = true }, hideUsage: false, clock);

        Assert.Equal(StreamEndReason.Truncated, end.Reason);
        Assert.StartsWith(First + ": keep-alive\n\n: keep-alive\n\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":\"stream_truncated\"}}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_ClientGone_IsAResult()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        var end = await RelayAsync(new Pieces(Encoding.UTF8.GetBytes(Whole), 16), pipe.Writer, hideUsage: false, TimeProvider.System);

        Assert.Equal(StreamEndReason.Cancelled, end.Reason);
    }

    private static Task<(StreamEnd End, string Text)> RelayAsync(byte[] upstream, bool hideUsage, int size = 4096) => RelayAsync(new Pieces(upstream, size), hideUsage);

    private static async Task<(StreamEnd End, string Text)> RelayAsync(Stream upstream, bool hideUsage, TestClock? clock = null)
    {
        var client = new MemoryStream();
        var writer = PipeWriter.Create(client, new StreamPipeWriterOptions(leaveOpen: true));
        var relaying = RelayAsync(upstream, writer, hideUsage, clock ?? TimeProvider.System);
        var end = clock is null ? await relaying : await clock.RunAsync(relaying);
        await writer.CompleteAsync();
        return (end, Encoding.UTF8.GetString(client.ToArray()));
    }

    // As the endpoint does: the first event is read before the relay starts.
    private static async Task<StreamEnd> RelayAsync(Stream upstream, PipeWriter client, bool hideUsage, TimeProvider time)
    {
        using var events = new SseEventReader(upstream, 64 * 1024);
        ReadOnlyMemory<byte> first;
        while (!events.TryRead(out first) && await events.FillAsync(CancellationToken.None))
        {
        }

        var relay = new SseRelay(Options.Create(new ProxyOptions()), time);
        return await relay.RelayAsync(events, first, client, new StreamProgress(Dialect.Chat, hideUsage), CancellationToken.None);
    }

    /// <summary>Gives its bytes in pieces of one size, then ends or stays silent.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
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

    /// <summary>An upstream that never ends its line.</summary>
    private sealed class EndlessLine(byte[] first) : MemoryStream(first)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = Read(buffer.Span);
            if (read > 0)
            {
                return ValueTask.FromResult(read);
            }

            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
