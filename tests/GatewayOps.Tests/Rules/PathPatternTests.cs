using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules.Matching;

namespace GatewayOps.Tests.Rules;

public class PathPatternTests
{
    private static readonly Gen<string> Segment =
        from letters in Gen.Elements("chat", "completions", "models", "a", "v1beta", "gpt-4o", "@cf").NonEmptyListOf()
        select string.Join('-', letters.Take(2));

    private static readonly Gen<string> Path = from segments in Segment.ListOf() select "/" + string.Join('/', segments.Take(8));

    private static readonly Gen<string> Pattern =
        from segments in Gen.OneOf(Segment, Gen.Elements("*", "**", "chat*", "*s", "*-*")).ListOf()
        select "/" + string.Join('/', segments.Take(8));

    [Theory]
    [InlineData("/chat/completions", "/chat/completions", true)]
    [InlineData("/chat/completions", "/chat/completions/", true)]
    [InlineData("/chat/completions", "/chat/completions/x", false)]
    [InlineData("/chat/completions", "/Chat/completions", false)]
    [InlineData("/chat/*", "/chat/completions", true)]
    [InlineData("/chat/*", "/chat", false)]
    [InlineData("/chat/*", "/chat/a/b", false)]
    [InlineData("/chat/**", "/chat", true)]
    [InlineData("/chat/**", "/chat/a/b", true)]
    [InlineData("/chat/**", "/chatter", false)]
    [InlineData("/**/completions", "/completions", true)]
    [InlineData("/**/completions", "/a/b/completions", true)]
    [InlineData("/**/a/**/b", "/a/x/a/b/b", true)]
    [InlineData("/models/gemini-*", "/models/gemini-2.0-flash", true)]
    [InlineData("/models/*:generateContent", "/models/gemini:generateContent", true)]
    [InlineData("/", "/", true)]
    [InlineData("/", "", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/**", "", true)]
    public void IsMatch_Path_FollowsSegments(string pattern, string path, bool expected) =>
        Assert.Equal(expected, PathPattern.Parse(pattern).IsMatch(path));

    [Fact]
    public void IsMatch_MoreSegmentsThanTheStackHolds_StillMatches() =>
        Assert.True(PathPattern.Parse("/**/end").IsMatch(string.Concat(Enumerable.Repeat("/x", 5000)) + "/end"));

    [Theory]
    [InlineData("chat/completions", "write \"/chat/completions\"")]
    [InlineData("/v1/chat/completions", "leave \"/v1\" out")]
    [InlineData("/chat//completions", "empty segment")]
    [InlineData("/chat/", "trailing slash")]
    [InlineData("/chat/a**", "a segment of its own")]
    [InlineData("/chat/***", "a segment of its own")]
    [InlineData("/chat?x=1", "without their query")]
    [InlineData("/ch at", "cannot occur")]
    [InlineData("/ch%20at", "decoded")]
    [InlineData("/a\nb", "\\u000a")]
    public void Parse_NotAPattern_SaysWhyAndHowToWriteIt(string text, string expected)
    {
        Assert.Null(PathPattern.Parse(text, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MoreSegmentsThanAllowed_IsRefused()
    {
        Assert.NotNull(PathPattern.Parse(string.Concat(Enumerable.Repeat("/*", PathPattern.MaxSegments)), out _));
        Assert.Null(PathPattern.Parse(string.Concat(Enumerable.Repeat("/*", PathPattern.MaxSegments + 1)), out _));
    }

    [Fact]
    public void IsMatch_OwnText_IsTrue() =>
        Prop.ForAll(Pattern.ToArbitrary(), pattern => PathPattern.Parse(pattern).IsMatch(pattern)).QuickCheckThrowOnFailure();

    [Fact]
    public void IsMatch_DoubleStar_MatchesEveryPath() =>
        Prop.ForAll(Path.ToArbitrary(), path => PathPattern.Parse("/**").IsMatch(path)).QuickCheckThrowOnFailure();

    [Fact]
    public void Intersects_BothMatchOnePath_IsTrueEitherWay() =>
        Prop.ForAll((from path in Path from a in Pattern from b in Pattern select (path, PathPattern.Parse(a), PathPattern.Parse(b))).ToArbitrary(), sample =>
        {
            var (path, a, b) = sample;
            return a.Intersects(b) == b.Intersects(a) && (a.Intersects(b) || !a.IsMatch(path) || !b.IsMatch(path));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Specificity_ASegmentWidened_NeverGrowsAndNoMatchIsLost() =>
        Prop.ForAll((from pattern in Pattern from at in Gen.Choose(0, 7) from wider in Gen.Elements("*", "**") select (pattern, at, wider)).ToArbitrary(), sample =>
        {
            var segments = sample.pattern.Split('/');
            if (sample.at + 1 >= segments.Length || segments[sample.at + 1] is "**" or "")
                return true;
            segments[sample.at + 1] = sample.wider;
            var (narrow, wide) = (PathPattern.Parse(sample.pattern), PathPattern.Parse(string.Join('/', segments)));
            return narrow.Specificity.CompareTo(wide.Specificity) >= 0 && wide.IsMatch(sample.pattern) && narrow.Intersects(wide);
        }).QuickCheckThrowOnFailure();
}
