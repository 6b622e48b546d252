using FsCheck;
using FsCheck.Fluent;
using GatewayOps.Rules;
using GatewayOps.Rules.Matching;
using Pick = FsCheck.Fluent.Gen;

namespace GatewayOps.Tests.Rules;

/// <summary>The index and the search for ties find what looking at every rule, and at every pair of rules, finds.</summary>
public class MatchTreeTests
{
    private static readonly string[] Words = ["a", "b", "ab", "abc", "abd", "team-1", "team-2", "team-10", "x-team"];

    private static readonly Gen<string?> Pattern = Pick.OneOf(
        Pick.Constant<string?>(null), Pick.Elements<string?>(Words), Pick.Elements<string?>("*", "a*", "ab*", "*b", "*bc", "team-*", "team-1*", "*-1", "a*c", "*a*"));

    private static readonly Gen<string> Path = from segments in Pick.Elements("a", "b", "ab", "*", "**", "a*", "*b").ListOf() select "/" + string.Join('/', segments.Take(5));

    private static readonly Gen<Dictionary<string, string>> Names =
        from count in Pick.Choose(0, 2)
        from names in Pick.Elements("x", "y", "z").ListOf(count)
        from patterns in Pattern.ListOf(count)
        select names.Zip(patterns).Where(entry => entry.Second is not null).DistinctBy(entry => entry.First).ToDictionary(entry => entry.First, entry => entry.Second!);

    private static readonly Gen<MatchSet> Set =
        from path in Path
        from model in Pattern
        from provider in Pattern
        from method in Pick.Elements(null, "POST", "P*")
        from key in Pattern
        from metadata in Names
        from header in Names
        select MatchSet.Of(new Rule { Pattern = path, Match = new Match { Model = model, Provider = provider, Method = method, Key = key, Metadata = metadata, Header = header } });

    // From rules that differ in everything to rules that differ in little.
    private static readonly Gen<MatchSet[]> Sets = Pick.OneOf(
        from sets in Set.ListOf(100) select sets.ToArray(),
        from path in Path from models in Pattern.ListOf(60) from keys in Pattern.ListOf(60) select models.Zip(keys, (model, key) => MatchSet.Of(new Rule { Pattern = path, Match = new Match { Model = model, Key = key } })).ToArray(),
        from paths in Path.ListOf(80) select paths.Select(path => MatchSet.Of(new Rule { Pattern = path })).ToArray(),
        from names in Names.ListOf(80) select names.Select(metadata => MatchSet.Of(new Rule { Pattern = "/**", Match = new Match { Metadata = metadata } })).ToArray());

    private static readonly Gen<RequestFacts> Request =
        from segments in Pick.Elements("a", "b", "ab", "c").ListOf()
        from model in Pick.Elements(Words)
        from provider in Value
        from key in Value
        from metadata in Value.ListOf(3)
        from header in Value.ListOf(3)
        select new RequestFacts("POST", "/" + string.Join('/', segments.Take(5)), model, provider) { Key = key, Details = new Details([.. metadata], [.. header]) };

    private static Gen<string?> Value => Pick.OneOf(Pick.Constant<string?>(null), Pick.Elements<string?>(Words), Pick.Elements<string?>("", "c"));

    [Fact]
    public void Find_AnyRulesInAnyOrder_IsTheFirstThatMatches() =>
        Prop.ForAll((from sets in Sets from requests in Request.ListOf(20) select (sets, requests)).ToArbitrary(), sample =>
        {
            var tree = new MatchTree(sample.sets);
            return sample.requests.All(request => Find(tree, request) == Array.FindIndex(sample.sets, set => IsMatch(set, request)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Among_AnyRules_AreThePairsThatTie() =>
        Prop.ForAll(Sets.ToArbitrary(), sets =>
        {
            var ties = Ties.Among([.. sets.Select((set, at) => new Contender<int>(set, at))]);
            var expected = from second in Enumerable.Range(0, sets.Length) from first in Enumerable.Range(0, second) where sets[first].TiesWith(sets[second]) select (first, second);
            var found = ties.Pairs.Select(pair => (pair.First.Source, pair.Second.Source));
            return ties.IsWhole && (ties.Pairs.Count < Ties.Most ? found.SequenceEqual(expected) : !found.Except(expected).Any());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void Find_NoRules_IsNone() => Assert.Equal(-1, Find(new MatchTree([]), new RequestFacts("POST", "/a", "m", null)));

    [Fact]
    public void Find_AThousandRules_AllocatesNothing()
    {
        var sets = Enumerable.Range(0, 1000).Select(n => MatchSet.Of(new Rule
        {
            Pattern = n % 2 == 0 ? "/chat/completions" : "/chat/*",
            Match = new Match { Key = $"team-{n % 10}", Model = $"model-{n}*", Metadata = new Dictionary<string, string> { ["x"] = $"{n % 3}" }, Header = new Dictionary<string, string> { ["y"] = "*" } },
        })).ToArray();
        var tree = new MatchTree(sets);
        var request = new RequestFacts("POST", "/chat/completions", "model-777-mini", "openai") { Key = "team-7", Details = new Details(["0", null, null], [null, "h", null]) };
        Assert.Equal(777, Find(tree, request));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Find(tree, request);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Among_RulesThatAllTie_StopsWhenMoreAreOfNoUse()
    {
        var sets = Enumerable.Range(0, 5000).Select(n => new Contender<int>(MatchSet.Of(new Rule { Pattern = "/a", Match = new Match { Model = $"*{n}*" } }), n)).ToList();

        Assert.Equal(Ties.Most, Ties.Among(sets).Pairs.Count);
    }

    [Fact]
    public void Among_ThousandsOfRulesApartByTheirBeginnings_ComparesNextToNone()
    {
        var sets = Enumerable.Range(0, 2000).Select(n => MatchSet.Of(new Rule { Pattern = "/chat/completions", Match = new Match { Model = $"vendor-{n}-*" } })).ToList();
        var search = new Ties.Search(sets, effort: 200 * sets.Count);

        Assert.Empty(search.Run());
        Assert.True(search.EffortLeft >= 0);
    }

    [Fact]
    public void Run_MoreThanTheEffortAllows_GivesUpAndSaysSo()
    {
        var sets = Enumerable.Range(1, 100).Select(n => MatchSet.Of(new Rule { Pattern = "/a", Match = new Match { Model = $"*{new string('a', n)}*" } })).ToList();
        var search = new Ties.Search(sets, effort: 50);

        Assert.Empty(search.Run());
        Assert.True(search.EffortLeft < 0);
    }

    private static int Find(MatchTree tree, in RequestFacts request) => tree.Find(request, new OperationPath(request.Path, stackalloc Range[OperationPath.OrdinarySegments]));

    private static bool IsMatch(MatchSet set, in RequestFacts request) => set.IsMatch(request, new OperationPath(request.Path, stackalloc Range[OperationPath.OrdinarySegments]));

    private sealed record Details(string?[] X, string?[] Y) : IRequestDetails
    {
        private static readonly string[] Known = ["x", "y", "z"];

        public string? Metadata(string name) => X[Array.IndexOf(Known, name)];

        public string? Header(string name) => Y[Array.IndexOf(Known, name)];
    }
}
