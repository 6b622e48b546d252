using GatewayOps.Tokenizer;

namespace GatewayOps.Tests.Tokenizing;

/// <summary>Which encoding counts for which model, what an answer calls it, and what an estimate is worth.</summary>
public sealed class TokenCounterTests
{
    [Theory]
    [InlineData("gpt-4o", "o200k_base")]
    [InlineData("gpt-4o-mini-2024-07-18", "o200k_base")]
    [InlineData("gpt-4.1-nano", "o200k_base")]
    [InlineData("gpt-5-mini", "o200k_base")]
    [InlineData("chatgpt-4o-latest", "o200k_base")]
    [InlineData("o1", "o200k_base")]
    [InlineData("o3-mini", "o200k_base")]
    [InlineData("o4-mini", "o200k_base")]
    [InlineData("openai/gpt-4o", "o200k_base")]
    [InlineData("openrouter/openai/gpt-4o-mini", "o200k_base")]
    [InlineData("ft:gpt-4o-mini:team::x", "o200k_base")]
    [InlineData("@cf/openai/gpt-oss-120b", "o200k_base")]
    [InlineData("gpt-4", "cl100k_base")]
    [InlineData("gpt-4-turbo", "cl100k_base")]
    [InlineData("gpt-3.5-turbo-16k", "cl100k_base")]
    [InlineData("text-embedding-3-small", "cl100k_base")]
    [InlineData("text-embedding-ada-002", "cl100k_base")]
    [InlineData("claude-sonnet-4-5", "estimate:cl100k_base")]
    [InlineData("@cf/meta/llama-3.1-70b-instruct", "estimate:cl100k_base")]
    [InlineData("@cf/meta/llama-4-scout-17b-16e-instruct", "estimate:o200k_base")]
    [InlineData("gemini-2.5-flash", "estimate:o200k_base")]
    [InlineData("unknown", "estimate:o200k_base")]
    [InlineData("", "estimate:o200k_base")]
    public void Method_FollowsTheModel(string model, string method) => Assert.Equal(method, TokenCounter.Count(model, "text").Method);

    [Fact]
    public void LongText_IsCountedUpToTheBound_AndTheRestTakenToBeLikeIt()
    {
        _ = (TokenEncodings.O200kBase, TokenEncodings.Cl100kBase);
        var text = string.Concat(Enumerable.Repeat("All human beings are born free and equal in dignity and rights. ", 1000));
        var exact = TokenCounter.Count("gpt-4o", text);
        var quick = TokenCounter.CountQuickly("gpt-4o", text, 4096);
        Assert.Equal(("o200k_base", "estimate:o200k_base"), (exact.Method, quick.Method));
        Assert.InRange(quick.Tokens, exact.Tokens * 0.98, exact.Tokens * 1.02);
        Assert.Equal(exact, TokenCounter.CountQuickly("gpt-4o", text, text.Length));
        Assert.Equal(0, TokenCounter.CountQuickly("gpt-4o", "", 16).Tokens);
    }
}
