using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Tests.Support;
using GatewayOps.Tokenizer;

namespace GatewayOps.Tests.Tokenizing;

/// <summary>The ids are those of the reference library, for every text of the corpus; counting is the same without the ids, and costs time in proportion to the text and no memory.</summary>
public sealed class TokenEncodingTests
{
    // What the patterns tell apart, without surrogates, and what stands in contractions.
    private static readonly string[] Samples =
        ["a", "B", "s", "S", "ſ", "t", "re", "VE", "ll", "é", "É", "ǅ", "ʰ", "あ", "漢", "\u0301", "\u20dd", "1", "٣", "½", "'", "'", " ", " ", "\n", "\r", "\t", "\u00a0", "\u2028", "\u0085", ".", "/", "_", "\u200d", "\u0000"];

    public static TheoryData<string> Encodings => ["cl100k_base", "o200k_base"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Ids_AreThoseOfTheReference(string name)
    {
        var encoding = TokenEncodings.Find(name);
        var wrong = GoldenText.All.Where(golden => golden.Written(encoding.Encode(golden.Text)) != golden[name]).ToList();
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Count_IsTheNumberOfIds_AndAllocatesNothing(string name)
    {
        var encoding = TokenEncodings.Find(name);
        foreach (var golden in GoldenText.All)
        {
            Assert.Equal(encoding.Encode(golden.Text).Count, encoding.Count(golden.Text));
            var before = GC.GetAllocatedBytesForCurrentThread();
            encoding.Count(golden.Text);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() == before, golden.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Pieces_AreThoseOfThePublishedPattern_ForAnyText(string name)
    {
        var splitter = name == "o200k_base" ? PieceSplitter.O200kBase : PieceSplitter.Cl100kBase;
        var pattern = PublishedPattern.Of(name);
        var texts = Gen.Elements(Samples).ListOf().Select(parts => string.Concat(parts));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(40), Prop.ForAll(texts.ToArbitrary(), text =>
            Assert.Equal(pattern.Matches(text).Select(match => match.Value), Pieces(splitter, text))));
    }

    // Work that grows with the square of the length takes minutes here; the bound only has to be far from both.
    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("A\u0301")]
    [InlineData("あA")]
    [InlineData("😀")]
    public void HostileText_TakesNoQuadraticTime(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 200_000));
        var started = Stopwatch.GetTimestamp();
        TokenEncodings.O200kBase.Count(text);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 5);
    }

    [Fact]
    public void ManyThreads_CountTheSame() =>
        Parallel.ForEach(Enumerable.Repeat(GoldenText.All.Where(golden => golden.Kind is "prose"), 20).SelectMany(all => all), golden =>
            Assert.Equal(golden.O200kBase, golden.Written(TokenEncodings.O200kBase.Encode(golden.Text))));

    [Theory]
    [InlineData("cl100k_base", 100256)]
    [InlineData("o200k_base", 199998)]
    public void RankData_IsWhatTheNoticeSays(string name, int tokens)
    {
        var folder = Path.Combine(Repository.Root, "controlplane/Tokenizer/Ranks");
        using var plain = new GZipStream(File.OpenRead(Path.Combine(folder, $"{name}.tiktoken.gz")), CompressionMode.Decompress);
        Assert.Contains($"| `{name}.tiktoken.gz` | 1 | `{Convert.ToHexStringLower(SHA256.HashData(plain))}` | {tokens} |", File.ReadAllText(Path.Combine(folder, "NOTICE.md")), StringComparison.Ordinal);
        Assert.Equal(tokens, TokenEncodings.Find(name).Tokens);
    }

    [Fact]
    public void Corpus_HasManyScripts_AndWhatIsHard()
    {
        Assert.True(GoldenText.All.Count(golden => golden.Kind == "prose") >= 20);
        Assert.Equal(["code", "edges", "prose", "random", "repeated"], GoldenText.All.Select(golden => golden.Kind).Distinct().Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Pieces(PieceSplitter splitter, string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = splitter.EndOfPiece(text, start);
            yield return text[start..end];
            start = end;
        }
    }
}
