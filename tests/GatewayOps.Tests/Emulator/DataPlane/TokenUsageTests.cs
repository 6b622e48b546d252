using System.Text;
using GatewayOps.Emulator.DataPlane;

namespace GatewayOps.Tests.Emulator.DataPlane;

public sealed class TokenUsageTests
{
    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":3,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}""", 3, 4, 1, 2)]
    [InlineData("""{"usage":{"input_tokens":3,"output_tokens":4,"input_tokens_details":{"cached_tokens":1},"output_tokens_details":{"reasoning_tokens":2}}}""", 3, 4, 1, 2)]
    [InlineData("""{"usage":{"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":9}}""", 3, 4, 9, 0)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":5,"cachedContentTokenCount":1}}""", 3, 9, 1, 5)]
    [InlineData("""[{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}},{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}}]""", 3, 4, 0, 0)]
    [InlineData("""{"usage":{"billed_units":{"input_tokens":1,"output_tokens":1},"tokens":{"input_tokens":3,"output_tokens":4}}}""", 3, 4, 0, 0)]
    [InlineData("""{"output":{},"usage":{"inputTokens":3,"outputTokens":4}}""", 3, 4, 0, 0)]
    [InlineData("""{"result":{"response":"x","usage":{"prompt_tokens":3,"completion_tokens":4}},"success":true}""", 3, 4, 0, 0)]
    [InlineData("""{"usage":{"prompt_tokens":3,"total_tokens":3}}""", 3, 0, 0, 0)]
    public void Read_Answer_OfEveryDialect(string json, long tokensIn, long tokensOut, long cached, long reasoning) =>
        Assert.Equal(new TokenUsage(tokensIn, tokensOut) { Cached = cached, Reasoning = reasoning }, TokenUsage.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{"prompt_tokens":"3"}}""")]
    [InlineData("""{"choices":[{"usage":{"prompt_tokens":3}}]}""")]
    [InlineData("""{"usage":{"prompt_tokens":3""")]
    public void Read_NoTokens_Null(string json) => Assert.Null(TokenUsage.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Stream_OfAnthropic_PromptFromTheStartAnswerFromTheEnd()
    {
        var usage = Watch(
            """
            event: message_start
            data: {"type":"message_start","message":{"usage":{"input_tokens":12,"cache_read_input_tokens":7,"output_tokens":1}}}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}


            """);

        Assert.Equal(new TokenUsage(12, 9) { Cached = 7 }, usage);
    }

    [Fact]
    public void Stream_OfResponses_FromCompleted() => Assert.Equal(new TokenUsage(5, 6) { Reasoning = 2 }, Watch(
        """
        data: {"type":"response.created","response":{"usage":null}}

        data: {"type":"response.completed","response":{"usage":{"input_tokens":5,"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2}}}}


        """));

    [Fact]
    public void Stream_OfWorkersAi_TheCumulativeCountIsTheLast() => Assert.Equal(new TokenUsage(3, 4) { Neurons = 1.5 }, Watch(
        """
        data: {"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":1,"neurons":0.1}}

        data: {"response":"","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"neurons":1.5}}

        data: [DONE]


        """));

    [Fact]
    public void Stream_InAnyPieces_ReadsTheSame()
    {
        const string text = "data: {\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\r\n\r\ndata: [DONE]\r\n\r\n";

        for (var size = 1; size < 9; size++)
            Assert.Equal(new TokenUsage(3, 4), Watch(text, size));
    }

    private static TokenUsage? Watch(string text, int size = int.MaxValue)
    {
        var usage = new StreamedUsage();
        foreach (var piece in Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")).Chunk(Math.Min(size, 100_000)))
            usage.Watch(piece);
        return usage.Usage;
    }
}
