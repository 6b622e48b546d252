using System.Text.Json;
using GatewayOps.ControlPlane.Proxy;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Tokenizer;

namespace GatewayOps.Tests.Proxy;

/// <summary>What a request may use, before it is asked.</summary>
public sealed class UsageEstimateTests
{
    private const string Model = "gpt-4o";
    private const string Article = "All human beings are born free and equal in dignity and rights.\n";

    public UsageEstimateTests() => _ = TokenEncodings.O200kBase;

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"All human beings\nare born free"}],"max_tokens":50}""", "All human beings\nare born free", 0, 50)]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:,"}}]}],"max_completion_tokens":7,"max_tokens":50}""", "What is this?", 1000, 7)]
    [InlineData("""{"input":[1,2,3],"max_output_tokens":9}""", "", 3, 9)]
    [InlineData("""{"messages":null}""", "", 0, 1024)]
    [InlineData("""{"max_output_tokens":9223372036854775807}""", "", 0, int.MaxValue)]
    [InlineData("""{"max_tokens":1e300}""", "", 0, int.MaxValue)]
    [InlineData("""{"max_tokens":1e6}""", "", 0, 1_000_000)]
    [InlineData("""{"max_tokens":-1}""", "", 0, 1024)]
    [InlineData("""{"max_tokens":50,"n":128}""", "", 0, 6400)]
    [InlineData("""{"max_tokens":50,"n":2,"best_of":5}""", "", 0, 250)]
    [InlineData("""{"max_tokens":50,"n":null}""", "", 0, 50)]
    [InlineData("""{"max_tokens":50,"n":0}""", "", 0, 50)]
    [InlineData("""{"max_tokens":1e300,"n":1e300}""", "", 0, int.MaxValue)]
    [InlineData("""{"prompt":[1,2,3],"max_tokens":50}""", "", 3, 50)]
    [InlineData("""{"prompt":[[1,2],[3]],"max_tokens":50,"n":2}""", "", 3, 200)]
    [InlineData("""{"max_tokens":null,"tools":[{"type":"function"}]}""", """[{"type":"function"}]""", 0, 1024)]
    public void Of_CountsTextMediaAndTheOutputAllowed(string body, string text, long others, long output)
    {
        var estimate = Of(body);

        Assert.Equal((TokenCounter.Count(Model, text).Tokens + others, output), (estimate.Input, estimate.Output));
    }

    // The quotes of each text are in the share that is counted for all.
    [Theory]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void Of_LongText_IsNearItsCount(int times)
    {
        var text = string.Concat(Enumerable.Repeat(Article, times));

        var estimate = Of(JsonSerializer.Serialize(new { messages = new[] { new { role = "user", content = text } } }));

        var exact = TokenCounter.Count(Model, text).Tokens;
        Assert.InRange(estimate.Input, exact * 0.9, exact * 1.15);
    }

    [Fact]
    public void Of_HalfOfASurrogatePair_IsCountedAsItIsWritten() => Assert.InRange(Of("""{"messages":[{"content":"a\ud800b"}]}""").Input, 1, 10);

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue, 2L * int.MaxValue)]
    [InlineData(-5, 3, 3)]
    public void Total_WhateverTheNumbers_IsNeverNegative(long input, long output, long total) => Assert.Equal(total, new TokenUsage(input, output).Total);

    private static TokenUsage Of(string body)
    {
        using var document = JsonDocument.Parse(body);
        return UsageEstimate.Of(document.RootElement, Model);
    }
}
