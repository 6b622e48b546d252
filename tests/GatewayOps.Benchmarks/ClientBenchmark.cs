using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using GatewayOps.Benchmarks.Proxy;
using GatewayOps.Client;
using Microsoft.Extensions.AI;

namespace GatewayOps.Benchmarks;

/// <summary>
/// What the client library costs above the OpenAI SDK by itself: CPU time of this process for a call, plain and streamed, over real sockets to a provider in another process. Rounds alternate, so that
/// whatever else the machine does meets both; the ratio is of their medians, and its target 1.10. Then a stream of two million events: bytes for each at its beginning and at its end, and what is kept.
/// </summary>
internal static class ClientBenchmark
{
    // A round is half a second: shorter ones are a few ticks of the clock that counts CPU time.
    private const int Calls = 4_000, Rounds = 15;
    private const int Events = 2_000_000, Window = 200_000;

    public static async Task<int> RunAsync()
    {
        await using var mock = await Contenders.MockAsync(0);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var bare = new OpenAI.Chat.ChatClient("openai/gpt-4o-mini", new ApiKeyCredential("token"), new OpenAI.OpenAIClientOptions { Endpoint = new(mock.Address, "v1/acc/openai-compat/compat"), Transport = new HttpClientPipelineTransport(http) });
        await using var ours = new GatewayChatClient(new GatewayClientOptions { AccountId = "acc", GatewayToken = "token", BaseUrl = mock.Address, Provider = "openai", Model = "gpt-4o-mini" }, http);
        OpenAI.Chat.ChatMessage[] theirs = [new OpenAI.Chat.UserChatMessage("Why is the sky blue?")];
        ChatMessage[] messages = [new(ChatRole.User, "Why is the sky blue?")];

        var plain = await CompareAsync("a plain call",
            async () => _ = (await bare.CompleteChatAsync(theirs)).Value.Content[0].Text,
            async () => _ = (await ours.GetResponseAsync(messages)).Text);
        var streamed = await CompareAsync($"a stream of {Mock.Chunks} chunks",
            async () =>
            {
                await foreach (var update in bare.CompleteChatStreamingAsync(theirs)) _ = update.ContentUpdate;
            },
            async () =>
            {
                await foreach (var update in ours.GetStreamingResponseAsync(messages)) _ = update.Contents;
            });
        var grows = await LongStreamAsync();
        var missed = plain > 1.10 || streamed > 1.10 || grows;
        Console.WriteLine(missed ? "MISSED: more than 1.10 of the bare SDK's CPU, or a stream that grows" : "met: at most 1.10 of the bare SDK's CPU, and a stream that does not grow");
        return missed ? 1 : 0;
    }

    private static async Task<double> CompareAsync(string what, Func<Task> bare, Func<Task> ours)
    {
        for (var i = 0; i < 3; i++)
        {
            await MeasureAsync(bare);
            await MeasureAsync(ours);
        }
        var (baseline, measured) = (new List<(double Cpu, double Bytes)>(), new List<(double Cpu, double Bytes)>());
        for (var round = 0; round < Rounds; round++)
        {
            baseline.Add(await MeasureAsync(bare));
            measured.Add(await MeasureAsync(ours));
        }
        var ratio = Median(measured.Select(run => run.Cpu)) / Median(baseline.Select(run => run.Cpu));
        Console.WriteLine($"{what,-24} bare {Median(baseline.Select(run => run.Cpu)),7:0.0} us CPU {Median(baseline.Select(run => run.Bytes)),7:0} B   ours {Median(measured.Select(run => run.Cpu)),7:0.0} us CPU {Median(measured.Select(run => run.Bytes)),7:0} B   CPU x {ratio:0.000}");
        return ratio;
    }

    private static async Task<(double Cpu, double Bytes)> MeasureAsync(Func<Task> call)
    {
        var (cpu, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        for (var i = 0; i < Calls; i++) await call();
        return ((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / Calls, (double)(GC.GetTotalAllocatedBytes() - bytes) / Calls);
    }

    private static async Task<bool> LongStreamAsync()
    {
        using var http = new HttpClient(new EndlessHandler());
        await using var client = new GatewayChatClient(new GatewayClientOptions { AccountId = "acc", GatewayToken = "token", Provider = "openai" }, http);
        var (seen, before, kept) = (0, 0L, 0L);
        var (first, last) = (0.0, 0.0);
        await foreach (var update in client.GetStreamingResponseAsync("go on"))
        {
            if (++seen == Window) (before, kept) = (GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(forceFullCollection: true));
            else if (seen == 2 * Window) first = (double)(GC.GetTotalAllocatedBytes() - before) / Window;
            else if (seen == Events - Window) before = GC.GetTotalAllocatedBytes();
            else if (seen == Events) (last, kept) = ((double)(GC.GetTotalAllocatedBytes() - before) / Window, GC.GetTotalMemory(forceFullCollection: true) - kept);
        }
        Console.WriteLine($"a stream of {Events:N0} events: {first:0.0} B each at its beginning, {last:0.0} B at its end; {kept:N0} B more kept");
        return seen < Events || last > first * 1.02 || kept > 1_000_000;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    private sealed class EndlessHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new StreamContent(new EndlessStream()) { Headers = { ContentType = new("text/event-stream") } } });
    }

    private sealed class EndlessStream : Stream
    {
        private static readonly byte[] Chunk = Encoding.UTF8.GetBytes("data: {\"id\":\"chatcmpl-1\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n");
        private static readonly byte[] End = Encoding.UTF8.GetBytes("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");

        private int _sent;
        private int _offset;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (_sent > Events) return 0;
            var source = (_sent < Events ? Chunk : End).AsSpan(_offset);
            var count = Math.Min(source.Length, buffer.Length);
            source[..count].CopyTo(buffer);
            _offset += count;
            if (count == source.Length) (_sent, _offset) = (_sent + 1, 0);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
