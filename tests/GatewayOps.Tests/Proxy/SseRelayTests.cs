using System.IO.Pipelines;
using System.Text;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tests.Support;

namespace GatewayOps.Tests.Proxy;

/// <summary>Streams of every dialect, whole, in pieces, cut and forged.</summary>
public sealed class SseRelayTests
{
    private static readonly string[] Terminal = ["[DONE]", "\"type\":\"message_stop\"", "\"type\":\"response.completed\""];

    public static TheoryData<string> Names => RecordedAnswer.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Relay_WholeStream_PassesByteForByteAndTellsItsTokens(string name)
    {
        var recorded = RecordedAnswer.Of(name);

        var relayed = await RelayStage.RelayAsync(recorded with { Translate = null });

        Assert.Equal((StreamEndReason.Completed, recorded.Stream), (relayed.End, relayed.Text));
        Assert.Equal(recorded.Tokens, relayed.Progress.Usage);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Relay_CutAtEveryByte_NeverLooksFinished(string name)
    {
        var recorded = RecordedAnswer.Of(name);
        var whole = (await RelayStage.RelayAsync(recorded)).Text;
        var error = Encoding.UTF8.GetString(recorded.Dialect.ErrorEvent(OpenAiError.Truncated(), 0));
        for (var cut = 1; cut < recorded.Bytes.Length; cut++)
        {
            var (end, text, progress) = await RelayStage.RelayAsync(recorded, recorded.Bytes[..cut]);

            Assert.True(end is StreamEndReason.Truncated, $"cut at {cut}: {end}");
            var told = text.LastIndexOf(error.StartsWith("event", StringComparison.Ordinal) ? "event: error\n" : "data: {\"error\"", StringComparison.Ordinal);
            Assert.True(told >= 0, $"cut at {cut}: no error event in {text}");
            Assert.Contains("What arrived is not whole", text[told..], StringComparison.Ordinal);
            Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
            var passed = text[..told];
            Assert.StartsWith(passed, whole, StringComparison.Ordinal);
            Assert.True(passed.Length == 0 || passed.EndsWith("\n\n", StringComparison.Ordinal), $"cut at {cut} passed a part of an event");
            Assert.DoesNotContain(Terminal, mark => passed.Split("\n\n").Any(e => e == "data: " + mark || (mark[0] == '"' && e.Contains("data: {" + mark, StringComparison.Ordinal))));
            Assert.True(progress.Tokens(() => new TokenUsage(1, 1)).IsEstimate, $"cut at {cut}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Relay_InPiecesOfAnySize_GivesTheSameBytes(string name)
    {
        var recorded = RecordedAnswer.Of(name);
        var whole = (await RelayStage.RelayAsync(recorded)).Text;
        foreach (var size in new[] { 1, 2, 3, 7, 64 })
        {
            var (end, text, progress) = await RelayStage.RelayAsync(recorded, size: size);

            Assert.Equal((StreamEndReason.Completed, whole, recorded.Tokens), (end, text, progress.Usage));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Relay_OtherLineEnds_AreEventsToo(string name)
    {
        var recorded = RecordedAnswer.Of(name) with { Translate = null };
        foreach (var lineEnd in new[] { "\r\n", "\r" })
        {
            var stream = "\uFEFF" + (": hello\n\n" + recorded.Stream).Replace("\n", lineEnd, StringComparison.Ordinal);
            for (var size = 1; size < 5; size++)
            {
                var (end, text, _) = await RelayStage.RelayAsync(recorded, Encoding.UTF8.GetBytes(stream), size: size);

                Assert.Equal((StreamEndReason.Completed, stream), (end, text));
            }
        }
    }

    /// <summary>What looks like an end and is none, in front of the second half of a stream that is cut off.</summary>
    [Theory]
    [InlineData("chat", "data: [DONE]")]
    [InlineData("chat", "data: {\"type\":\"message_stop\"}\n\ndata: {\"type\":\"response.completed\"}")]
    [InlineData("chat", ": [DONE]\n\nevent: [DONE]\n\nevent: done\ndata: {}")]
    [InlineData("chat", "data: {\"choices\":[{\"delta\":{\"finish_reason\":\"stop\"}}],\"finish_reason\":\"stop\"}\n\ndata: [DONE]")]
    [InlineData("completions", "data: {\"finish_reason\":\"stop\"}\n\ndata: [DONE]")]
    [InlineData("messages", "data: [DONE]")]
    [InlineData("messages", "event: message_stop\ndata: {\"type\":\"ping\"}\n\nevent: message_stop\n\nid: message_stop\ndata: message_stop")]
    [InlineData("messages", "data: {\"message\":{\"type\":\"message_stop\"}}\n\ndata: [{\"type\":\"message_stop\"}]")]
    [InlineData("responses", "data: [DONE]")]
    [InlineData("responses", "event: response.completed\ndata: {\"type\":\"response.output_text.done\",\"text\":\"response.completed\"}")]
    [InlineData("responses", "data: {\"response\":{\"type\":\"response.completed\",\"status\":\"completed\"}}")]
    [InlineData("completions through chat", "data: [DONE]")]
    [InlineData("workers-ai", ": [DONE]\n\nevent: [DONE]\ndata: {}\n\ndata: \"[DONE]\"\n\ndata: {\"response\":\"data: [DONE]\"}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}")]
    public async Task Relay_ForgedEnd_IsNoEnd(string name, string forged)
    {
        var recorded = RecordedAnswer.Of(name);
        var first = recorded.Stream[..(recorded.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2)];

        var (end, text, _) = await RelayStage.RelayAsync(recorded, Encoding.UTF8.GetBytes(first + forged + "\n\n"));

        Assert.Equal(StreamEndReason.Truncated, end);
        Assert.Contains("What arrived is not whole", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat", "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n")]
    [InlineData("completions through chat", "data: {\"error\":{\"message\":\"overloaded\"}}\n\n")]
    [InlineData("workers-ai", "data: {\"error\":{\"message\":\"overloaded\"}}\n\n")]
    [InlineData("workers-ai", "data: {\"errors\":[{\"message\":\"overloaded\",\"code\":3040}],\"success\":false,\"result\":{},\"messages\":[]}\n\n")]
    [InlineData("messages", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n")]
    [InlineData("responses", "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"failed\",\"param\":null,\"sequence_number\":1}\n\n")]
    [InlineData("responses", "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":1,\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"x\"}}}\n\n")]
    public async Task Relay_ErrorInStream_PassesItAndEnds(string name, string error)
    {
        var recorded = RecordedAnswer.Of(name);
        var at = recorded.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2;

        var (end, text, _) = await RelayStage.RelayAsync(recorded, Encoding.UTF8.GetBytes(recorded.Stream.Insert(at, error)));

        Assert.Equal(StreamEndReason.UpstreamError, end);
        Assert.EndsWith("\n\n" + error, text, StringComparison.Ordinal);
    }

    /// <summary>Some tell with the error what was used until then: the client has to hear of it, though it did not ask for usage.</summary>
    [Theory]
    [InlineData("chat")]
    [InlineData("completions through chat")]
    public async Task Relay_ErrorWithUsage_IsToldToAClientWithoutUsage(string name)
    {
        const string error = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1},\"error\":{\"message\":\"overloaded\"}}\n\n";
        var recorded = RecordedAnswer.Of(name);
        var at = recorded.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2;

        var (end, text, _) = await RelayStage.RelayAsync(recorded, Encoding.UTF8.GetBytes(recorded.Stream.Insert(at, error)), hideUsage: true);

        Assert.Equal(StreamEndReason.UpstreamError, end);
        Assert.EndsWith("\n\n" + error, text, StringComparison.Ordinal);
    }

    /// <summary>JSON over several `data` lines is still such when it is told anew: the lines of one are no lines of the other.</summary>
    [Fact]
    public async Task Relay_ThroughChat_DataOfSeveralLinesStaysData()
    {
        var indented = "data: {\ndata:   \"id\": \"chatcmpl-1\",\ndata:   \"choices\": [],\ndata:   \"usage\": {\ndata:     \"prompt_tokens\": 1,\ndata:     \"completion_tokens\": 1\ndata:   }\ndata: }\n\n";

        var relayed = await RelayStage.RelayAsync(RecordedAnswer.ThroughChat, Encoding.UTF8.GetBytes(indented + RecordedAnswer.ThroughChat.Stream));

        Assert.Equal(StreamEndReason.Completed, relayed.End);
        Assert.StartsWith("data: {\"id\":\"cmpl-1\",\"choices\":[],\"usage\":{\ndata:     \"prompt_tokens\": 1,\ndata:     \"completion_tokens\": 1\ndata:   }}\n\n", relayed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_AfterTheEnd_NothingPasses()
    {
        foreach (var recorded in RecordedAnswer.All)
        {
            var whole = await RelayStage.RelayAsync(recorded);

            var (end, text, progress) = await RelayStage.RelayAsync(recorded, [.. recorded.Bytes, .. recorded.Bytes]);

            Assert.Equal((StreamEndReason.Completed, whole.Text, recorded.Tokens), (end, text, progress.Usage));
        }
    }

    [Fact]
    public async Task Relay_Responses_IncompleteIsWholeAndErrorsAreNumbered()
    {
        var recorded = RecordedAnswer.Responses;

        Assert.Equal(StreamEndReason.Completed, (await RelayStage.RelayAsync(recorded, Encoding.UTF8.GetBytes(recorded.Stream.Replace("response.completed", "response.incomplete", StringComparison.Ordinal)))).End);
        Assert.EndsWith(
            "event: error\ndata: {\"type\":\"error\",\"code\":\"stream_truncated\",\"message\":\"" + OpenAiError.Truncated().Message.Replace("'", "\\u0027", StringComparison.Ordinal) + "\",\"param\":null,\"sequence_number\":2}\n\n",
            (await RelayStage.RelayAsync(recorded, recorded.Bytes[..^4])).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_UsageNotAskedFor_LeavesOutThatChunkOnly()
    {
        var recorded = RecordedAnswer.Chat;
        var usage = recorded.Stream.Split("\n\n").Single(text => text.Contains("\"choices\":[]", StringComparison.Ordinal)) + "\n\n";

        var relayed = await RelayStage.RelayAsync(recorded, hideUsage: true);

        Assert.Equal(recorded.Stream.Replace(usage, "", StringComparison.Ordinal), relayed.Text);
        Assert.Equal(recorded.Tokens, relayed.Progress.Usage);
    }

    [Fact]
    public async Task Relay_UsageWithinText_IsNotUsage()
    {
        const string spoof = "data: {\"choices\":[{\"delta\":{\"usage\":{\"prompt_tokens\":999,\"completion_tokens\":1},\"content\":\"\\\"usage\\\":{\"},\"finish_reason\":null}],\"message\":{\"usage\":{\"input_tokens\":999}}}\n\n";

        var relayed = await RelayStage.RelayAsync(RecordedAnswer.Chat, [.. Encoding.UTF8.GetBytes(spoof), .. RecordedAnswer.Chat.Bytes]);

        Assert.Equal(19, relayed.Progress.Usage!.Input);
    }

    [Fact]
    public async Task Relay_ThroughChat_IsToldAsTextCompletion()
    {
        var relayed = await RelayStage.RelayAsync(RecordedAnswer.ThroughChat, hideUsage: true);

        Assert.Equal(
            """
            data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"é 🦊 data: [DONE]\n\n","index":0,"logprobs":null,"finish_reason":null}],"usage":null}

            data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":null}

            data: [DONE]


            """.ReplaceLineEndings("\n"),
            relayed.Text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Relay_LineOf300Megabytes_EndsAtTheBound(string name)
    {
        var recorded = RecordedAnswer.Of(name);
        var upstream = new Endless(recorded.Stream[..(recorded.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2)] + "data: ", new string('x', 1024), 300L << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var (end, text, _) = await RelayStage.RelayAsync(upstream, new StreamProgress(recorded.Dialect, hideUsage: false, recorded.Translate));

        Assert.Equal(StreamEndReason.Oversized, end);
        Assert.Contains("What arrived is not whole", text, StringComparison.Ordinal);
        Assert.True(upstream.Given <= 3 * RelayStage.MaxEventBytes, $"{upstream.Given} bytes were read");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20, "memory is bounded");
    }

    [Fact]
    public async Task Relay_EventOfManyDataLines_IsReadOnce()
    {
        // Half a megabyte of lines would be joined anew for each of them, if each were appended to a copy of those before.
        var lines = string.Concat(Enumerable.Repeat("data:\n", 10_000)) + "data: {\"error\":{}}\n\n";
        var before = GC.GetAllocatedBytesForCurrentThread();

        var (end, _, _) = await RelayStage.RelayAsync(RecordedAnswer.Chat, [.. Encoding.UTF8.GetBytes(lines)]);

        Assert.Equal(StreamEndReason.UpstreamError, end);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
    }

    [Fact]
    public async Task Relay_ClientThatDoesNotRead_HoldsTheUpstreamBack()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
        var chunk = RecordedAnswer.Chat.Stream[..(RecordedAnswer.Chat.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2)];
        var upstream = new Endless(chunk, chunk, 300L << 20);

        // The upstream always has more, so this returns where the relay has to wait for its client.
        var relaying = RelayStage.RelayAsync(upstream, pipe.Writer, new StreamProgress(Dialect.Chat, hideUsage: false), TimeProvider.System);

        Assert.False(relaying.IsCompleted);
        Assert.True(upstream.Given < 256 * 1024, $"{upstream.Given} bytes were read");
        await pipe.Reader.CompleteAsync();
        Assert.Equal(StreamEndReason.Cancelled, await relaying);
    }

    [Fact]
    public async Task Relay_SilentUpstream_SendsCommentsAndGivesUpInTheEnd()
    {
        var clock = new TestClock();
        var first = RecordedAnswer.Chat.Stream[..(RecordedAnswer.Chat.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2)];

        var (end, text, _) = await RelayStage.RelayAsync(new Pieces(Encoding.UTF8.GetBytes(first), 4096) { ThenSilence = true }, new StreamProgress(Dialect.Chat, hideUsage: false), clock);

        Assert.Equal(StreamEndReason.Truncated, end);
        Assert.StartsWith(first + ": keep-alive\n\n: keep-alive\n\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\"code\":\"stream_truncated\"}}\n\n", text, StringComparison.Ordinal);
    }

    /// <summary>The longest silence is what the setting says, whenever comments are due.</summary>
    [Theory]
    [InlineData(5, 15, 0)]
    [InlineData(20, 15, 1)]
    [InlineData(30, 15, 1)]
    [InlineData(31, 15, 2)]
    public async Task Relay_SilentUpstream_IsGivenUpWhenItsTimeIsUp(int idleSeconds, int keepAliveSeconds, int comments)
    {
        var clock = new TestClock();
        var started = clock.GetUtcNow();
        var first = RecordedAnswer.Chat.Stream[..(RecordedAnswer.Chat.Stream.IndexOf("\n\n", StringComparison.Ordinal) + 2)];

        var (end, text, _) = await RelayStage.RelayAsync(
            new Pieces(Encoding.UTF8.GetBytes(first), 4096) { ThenSilence = true }, new StreamProgress(Dialect.Chat, hideUsage: false), clock,
            new ProxyOptions { IdleTimeout = TimeSpan.FromSeconds(idleSeconds), KeepAliveInterval = TimeSpan.FromSeconds(keepAliveSeconds) });

        Assert.Equal((StreamEndReason.Truncated, TimeSpan.FromSeconds(idleSeconds)), (end, clock.GetUtcNow() - started));
        Assert.Equal(comments, text.Split(": keep-alive\n\n").Length - 1);
    }

    [Fact]
    public async Task Relay_ClientGone_IsAResult()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();

        Assert.Equal(StreamEndReason.Cancelled, await RelayStage.RelayAsync(new Pieces(RecordedAnswer.Chat.Bytes, 16), pipe.Writer, new StreamProgress(Dialect.Chat, hideUsage: false), TimeProvider.System));
    }

    [Fact]
    public async Task Tokens_OfACutStream_AreWhatWasReportedAndAGuessForTheRest()
    {
        var asked = new TokenUsage(100, 1024);
        // message_start tells the input; four bytes of text are a token.
        var cut = RecordedAnswer.Messages.Stream.IndexOf("event: content_block_stop", StringComparison.Ordinal);
        var messages = await RelayStage.RelayAsync(RecordedAnswer.Messages, Encoding.UTF8.GetBytes(RecordedAnswer.Messages.Stream[..cut]));
        Assert.Equal(new TokenUsage(17, 5, 5) { CacheWrites = 3, IsEstimate = true }, messages.Progress.Tokens(() => asked));

        // Chat tells it at the end.
        var chat = await RelayStage.RelayAsync(RecordedAnswer.Chat, Encoding.UTF8.GetBytes(RecordedAnswer.Chat.Stream[..RecordedAnswer.Chat.Stream.IndexOf("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},", StringComparison.Ordinal)]));
        Assert.Equal(new TokenUsage(100, 6) { IsEstimate = true }, chat.Progress.Tokens(() => asked));
    }
}
