using GatewayOps.ControlPlane.Ingestion;

namespace GatewayOps.Tests.Ingestion;

public sealed class BodyRedactionTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"call me at 555-0100"},{"role":"user","content":null}],"user":{"email":"a@b.c"},"email":"x"}""";

    [Theory]
    [InlineData("messages.*.content", """{"model":"m","messages":[{"role":"user","content":"[redacted]"},{"role":"user","content":"[redacted]"}],"user":{"email":"a@b.c"},"email":"x"}""")]
    [InlineData("**.email", """{"model":"m","messages":[{"role":"user","content":"call me at 555-0100"},{"role":"user","content":null}],"user":{"email":"[redacted]"},"email":"[redacted]"}""")]
    [InlineData("messages.0", """{"model":"m","messages":["[redacted]",{"role":"user","content":null}],"user":{"email":"a@b.c"},"email":"x"}""")]
    [InlineData("""/\d{3}-\d{4}/""", """{"model":"m","messages":[{"role":"user","content":"call me at [redacted]"},{"role":"user","content":null}],"user":{"email":"a@b.c"},"email":"x"}""")]
    [InlineData("**", "\"[redacted]\"")]
    [InlineData("nobody.here", Chat)]
    public void Apply_BlacksOutWhatTheRuleNames(string rule, string expected) => Assert.Equal((expected, false), Of(rule).Apply(Chat));

    [Fact]
    public void Apply_NoJson_IsSearchedForPatternsAndHiddenFromPaths()
    {
        Assert.Equal("data: [redacted]", Of("/secret/").Apply("data: secret").Text);
        Assert.Equal("[redacted]", Of("messages").Apply("data: secret").Text);
        Assert.Equal("[redacted]", Of("a").Apply("""{"b":1,"b":"secret"}""").Text);
    }

    [Fact]
    public void Apply_LongBody_IsCutAfterRedaction()
    {
        Assert.Equal(("[redacte", true), new BodyRedaction(["/secret/"], 8).Apply("secret and more"));
        Assert.Equal(("aaaaaaa", true), new BodyRedaction([], 8).Apply("aaaaaaa\U0001F600"));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("")]
    [InlineData("/(?=a)b/")]
    [InlineData("/(/")]
    public void Fault_BadRule_IsNamed(string rule) => Assert.NotNull(BodyRedaction.Fault(rule));

    private static BodyRedaction Of(string rule) => new([rule], 10_000);
}
