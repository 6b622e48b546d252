using System.Collections;
using GatewayOps.Rules.Matching;

namespace GatewayOps.Tests.Rules;

/// <summary>
/// Overlap, inclusion and specificity against enumeration: every pattern of a small alphabet is paired with every other, and the sets of values they match are compared. The values hold a
/// letter (c) that no pattern holds, and are longer than any pattern, so what holds for them holds for all values.
/// </summary>
public class PatternAlgebraTests
{
    private static readonly string[] Values = [.. Words(["a", "b", "c"], 6)];
    private static readonly (Glob Pattern, BitArray Matches)[] Globs =
        [.. Words(["a", "b", "*"], 4).Skip(1).Select(text => new Glob(text)).Select(glob => (glob, Bits(Values, value => glob.IsMatch(value))))];

    private static readonly string[] Paths = [.. Words(["/a", "/b", "/ab", "/c", "/ac", "/cb"], 5).Select(path => path.Length == 0 ? "/" : path)];
    private static readonly (PathPattern Pattern, BitArray Matches)[] PathPatterns =
        [.. Words(["/a", "/b", "/*", "/a*", "/*b", "/**"], 3).Select(text => PathPattern.Parse(text.Length == 0 ? "/" : text)).Select(pattern => (pattern, Bits(Paths, path => pattern.IsMatch(path))))];

    [Fact]
    public void Intersects_EveryPairOfGlobs_AgreesWithEnumeration() =>
        AssertPairs(Globs, (a, b) => a.Intersects(b), (a, b) => Meet(a, b));

    [Fact]
    public void Includes_EveryPairOfGlobs_AgreesWithEnumeration() =>
        AssertPairs(Globs, (a, b) => a.Includes(b), (a, b) => Within(b, a));

    [Fact]
    public void Intersects_EveryPairOfPathPatterns_AgreesWithEnumeration() =>
        AssertPairs(PathPatterns, (a, b) => a.Intersects(b), (a, b) => Meet(a, b));

    [Fact]
    public void IncludesPeer_EveryPairOfEquallySpecificPathPatterns_AgreesWithEnumeration() =>
        AssertPairs(PathPatterns, (a, b) => a.Specificity == b.Specificity ? a.IncludesPeer(b) : null, (a, b) => Within(b, a));

    [Fact]
    public void Specificity_OnePathPatternWithinAnother_IsNeverLess() =>
        AssertPairs(PathPatterns, (a, b) => a.Specificity.CompareTo(b.Specificity) < 0 ? false : null, (a, b) => Within(a, b));

    [Fact]
    public void Specificity_PathPatternsWithTheSameMatches_IsEqual() =>
        AssertPairs(PathPatterns, (a, b) => (a.Specificity, a.LiteralLength, a.Wildcards) == (b.Specificity, b.LiteralLength, b.Wildcards) ? null : false, (a, b) => Within(a, b) && Within(b, a));

    [Fact]
    public void MostSpecificFirst_OneSetStrictlyWithinAnother_PutsItFirst()
    {
        AssertPairs(PathPatterns, (a, b) => MatchSet.MostSpecificFirst(Set(a.ToString(), "*"), Set(b.ToString(), "*")) < 0 ? null : false, StrictlyWithin);
        AssertPairs(Globs, (a, b) => MatchSet.MostSpecificFirst(Set("/a*", a.ToString()), Set("/a*", b.ToString())) < 0 ? null : false, StrictlyWithin);
    }

    private static bool StrictlyWithin(BitArray inner, BitArray outer) => Within(inner, outer) && !Within(outer, inner);

    private static MatchSet Set(string pattern, string model) =>
        MatchSet.Of(new GatewayOps.Rules.Rule { Pattern = pattern, Match = new GatewayOps.Rules.Match { Model = model } });

    // Null: nothing is claimed about this pair.
    private static void AssertPairs<T>((T Pattern, BitArray Matches)[] all, Func<T, T, bool?> actual, Func<BitArray, BitArray, bool> expected)
    {
        Assert.All(all, a =>
        {
            foreach (var b in all)
            {
                if (actual(a.Pattern, b.Pattern) is { } claim && claim != expected(a.Matches, b.Matches))
                    Assert.Fail($"{a.Pattern} and {b.Pattern}: {claim} is wrong");
            }
        });
    }

    private static bool Meet(BitArray a, BitArray b) => new BitArray(a).And(b).HasAnySet();

    private static bool Within(BitArray inner, BitArray outer) => !new BitArray(outer).Not().And(inner).HasAnySet();

    private static BitArray Bits(string[] values, Func<string, bool> match) => new(values.Select(match).ToArray());

    /// <summary>All words of up to <paramref name="most"/> letters, the empty one first.</summary>
    private static IEnumerable<string> Words(string[] letters, int most)
    {
        IEnumerable<string> words = [""];
        for (var length = 0; ; length++)
        {
            var all = words.ToList();
            foreach (var word in all)
                yield return word;
            if (length == most)
                yield break;
            words = all.SelectMany(word => letters, (word, letter) => word + letter);
        }
    }
}
