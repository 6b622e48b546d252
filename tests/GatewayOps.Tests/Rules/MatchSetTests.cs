using System.Collections;
using GatewayOps.Rules;
using GatewayOps.Rules.Matching;

namespace GatewayOps.Tests.Rules;

/// <summary>The algebra of whole sets against enumeration: every combination of conditions on a key, two metadata members and a header is paired with every other, over every request.</summary>
public class MatchSetTests
{
    // The values hold a letter that no pattern holds, and one is missing: what holds for them holds for all.
    private static readonly string?[] Values = [null, "", "a", "b", "ab", "c"];
    private static readonly string?[] Patterns = [null, "a", "a*", "*b", "*"];
    private static readonly string?[] FewValues = [null, "a", "c"];
    private static readonly string?[] FewPatterns = [null, "a", "*"];

    private static readonly RequestFacts[] Requests =
        [.. from key in Values from x in Values from y in FewValues from header in FewValues select new RequestFacts("POST", "/chat", "m", null) { Key = key, Details = new Details(x, y, header) }];

    private static readonly (MatchSet Set, BitArray Matches)[] Sets =
        [.. from key in Patterns from x in Patterns from y in FewPatterns from header in FewPatterns let set = Set(key, x, y, header) select (set, new BitArray(Requests.Select(request => IsMatch(set, request)).ToArray()))];

    [Fact]
    public void Intersects_EveryPairOfSets_AgreesWithEnumeration() => AssertPairs((a, b) => a.Intersects(b), Meet);

    [Fact]
    public void IncludesPeer_EveryPairOfEquallyRankedSets_AgreesWithEnumeration() =>
        AssertPairs((a, b) => a.Rank == b.Rank ? a.IncludesPeer(b) : null, (a, b) => Within(b, a));

    [Fact]
    public void Rank_OneSetWithinAnother_IsNeverLess() => AssertPairs((a, b) => a.Rank.CompareTo(b.Rank) < 0 ? false : null, Within);

    [Fact]
    public void MostSpecificFirst_OneSetStrictlyWithinAnother_PutsItFirst() =>
        AssertPairs((a, b) => MatchSet.MostSpecificFirst(a, b) < 0 ? null : false, StrictlyWithin);

    [Fact]
    public void TiesWith_EveryPairOfEquallyRankedSets_MeansThatTheyMeetAndNoneIsNarrower() =>
        AssertPairs((a, b) => a.Rank == b.Rank ? a.TiesWith(b) : null, (a, b) => Meet(a, b) && !StrictlyWithin(a, b) && !StrictlyWithin(b, a));

    [Fact]
    public void IsPlainlyApartFrom_EveryPairOfSets_IsTrueOnlyForSetsThatDoNotMeet() => AssertPairs((a, b) => a.IsPlainlyApartFrom(b) ? false : null, Meet);

    [Fact]
    public void Intersects_ConditionsOnDifferentNames_DoNotExcludeEachOther()
    {
        var (byTeam, byStage) = (Named(("team", "a")), Named(("stage", "b")));

        Assert.True(byTeam.Intersects(byStage));
        Assert.True(byTeam.TiesWith(byStage));
        Assert.False(Named(("team", "a"), ("stage", "b")).TiesWith(byTeam));
    }

    [Theory]
    [InlineData("*", "x", true)]
    [InlineData("*", null, false)]
    [InlineData("x*", null, false)]
    public void IsMatch_ConditionOnAKey_NeedsOne(string pattern, string? key, bool expected) =>
        Assert.Equal(expected, IsMatch(Set(pattern, null, null, null), new RequestFacts("POST", "/chat", "m", null) { Key = key }));

    [Fact]
    public void IsMatch_RequestWithoutDetails_MeetsNoConditionOnMetadataOrHeader()
    {
        var request = new RequestFacts("POST", "/chat", "m", null);

        Assert.False(IsMatch(Set(null, "*", null, null), request));
        Assert.False(IsMatch(Set(null, null, null, "*"), request));
    }

    [Fact]
    public void ToString_EveryCondition_SaysWhatItAsksFor() => Assert.Equal(
        "/chat model=gpt-* provider=openai method=POST key=team-a metadata.stage=prod header.x-app=*",
        MatchSet.Of(new Rule
        {
            Pattern = "/chat",
            Match = new Match
            {
                Model = "gpt-*",
                Provider = "openai",
                Method = "POST",
                Key = "team-a",
                Metadata = new Dictionary<string, string> { ["stage"] = "prod" },
                Header = new Dictionary<string, string> { ["x-app"] = "*" },
            },
        }).ToString());

    private static MatchSet Named(params (string Name, string Pattern)[] metadata) =>
        MatchSet.Of(new Rule { Pattern = "/chat", Match = new Match { Metadata = metadata.ToDictionary(entry => entry.Name, entry => entry.Pattern) } });

    private static MatchSet Set(string? key, string? x, string? y, string? header) =>
        MatchSet.Of(new Rule { Pattern = "/chat", Match = new Match { Key = key, Metadata = Map(("x", x), ("y", y)), Header = Map(("x", header)) } });

    private static Dictionary<string, string> Map(params (string Name, string? Pattern)[] entries) =>
        entries.Where(entry => entry.Pattern is not null).ToDictionary(entry => entry.Name, entry => entry.Pattern!);

    private static bool IsMatch(MatchSet set, in RequestFacts request) => set.IsMatch(request, new OperationPath(request.Path, stackalloc Range[OperationPath.OrdinarySegments]));

    // Null: nothing is claimed about this pair.
    private static void AssertPairs(Func<MatchSet, MatchSet, bool?> actual, Func<BitArray, BitArray, bool> expected)
    {
        foreach (var a in Sets)
        {
            foreach (var b in Sets)
            {
                if (actual(a.Set, b.Set) is { } claim && claim != expected(a.Matches, b.Matches))
                    Assert.Fail($"{a.Set} and {b.Set}: {claim} is wrong");
            }
        }
    }

    private static bool Meet(BitArray a, BitArray b) => new BitArray(a).And(b).HasAnySet();

    private static bool Within(BitArray inner, BitArray outer) => !new BitArray(outer).Not().And(inner).HasAnySet();

    private static bool StrictlyWithin(BitArray inner, BitArray outer) => Within(inner, outer) && !Within(outer, inner);

    private sealed record Details(string? X, string? Y, string? HeaderX) : IRequestDetails
    {
        public string? Metadata(string name) => name == "x" ? X : name == "y" ? Y : null;

        public string? Header(string name) => name == "x" ? HeaderX : null;
    }
}
