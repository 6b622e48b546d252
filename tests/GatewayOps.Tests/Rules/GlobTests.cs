using GatewayOps.Rules.Matching;

namespace GatewayOps.Tests.Rules;

public class GlobTests
{
    [Theory]
    [InlineData("gpt-*", "gpt-4o", true)]
    [InlineData("gpt-*", "gpt-", true)]
    [InlineData("gpt-*", "chatgpt-4o", false)]
    [InlineData("*gemini*", "google/gemini-pro", true)]
    [InlineData("*-mini", "gpt-4o-mini-mini", true)]
    [InlineData("a*b*c", "axbxbxc", true)]
    [InlineData("a*b*c", "axbxbx", false)]
    [InlineData("*", "", true)]
    [InlineData("**", "anything", true)]
    [InlineData("gpt-4o", "gpt-4o", true)]
    [InlineData("gpt-4o", "GPT-4o", false)]
    [InlineData("gpt-4o", "gpt-4o-mini", false)]
    [InlineData("a.c", "abc", false)]
    public void IsMatch_Value_TreatsOnlyStarsSpecially(string pattern, string value, bool expected) => Assert.Equal(expected, new Glob(pattern).IsMatch(value));

    [Fact]
    public void IsMatch_ManyStarsAgainstALongValue_IsNotExponential() =>
        Assert.False(new Glob(string.Concat(Enumerable.Repeat("a*", 60)) + "b").IsMatch(new string('a', 5000)));
}
