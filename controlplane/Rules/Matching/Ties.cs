using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Matching;

internal sealed record Contender<T>(MatchSet Matches, T Source);

/// <summary>Pairs of rules of which neither is more specific although some request matches both.</summary>
/// <param name="Pairs">In the order of the later rule of each pair; at most <see cref="Ties.Most"/>.</param>
/// <param name="IsWhole">False when the rules are so many, and so alike, that the search was given up: there may be further ties.</param>
internal sealed record Ties<T>(IReadOnlyList<(Contender<T> First, Contender<T> Second)> Pairs, bool IsWhole);

/// <inheritdoc cref="Ties{T}"/>
internal static class Ties
{
    /// <summary>One more than are listed, so that the listing says that it was cut.</summary>
    public const int Most = ErrorList.Most + 1;

    // In units of about 10 ns. Rules with exact conditions, or with globs that begin or end differently, cost next to none of it, however many they are.
    private const long Effort = 100_000_000;

    public static Ties<T> Among<T>(IReadOnlyList<Contender<T>> contenders)
    {
        var search = new Search([.. contenders.Select(contender => contender.Matches)], Effort);
        var pairs = search.Run();
        return new Ties<T>([.. pairs.OrderBy(pair => pair.Second).ThenBy(pair => pair.First).Select(pair => (contenders[pair.First], contenders[pair.Second]))], search.EffortLeft >= 0);
    }

    public static string Message(string rule, string other) =>
        $"The rules {rule} and {other} can match the same request, and neither is more specific. Make one narrower (more literal path, or a further condition under \"match\"), or merge them.";

    public static string GivenUp(int rules) =>
        $"The {rules} rules are too much alike to be compared with each other within bounds: too many of them overlap. Give them exact conditions (a literal path, a model or a key without \"*\"), or fewer rules.";

    /// <summary>Only rules of one rank can tie, and of those only what no split puts apart is compared.</summary>
    internal sealed class Search(IReadOnlyList<MatchSet> rules, long effort)
    {
        private readonly List<(int First, int Second)> _pairs = [];

        /// <summary>Below 0: given up.</summary>
        public long EffortLeft { get; private set; } = effort;

        private bool IsOver => EffortLeft < 0 || _pairs.Count == Most;

        public IReadOnlyList<(int First, int Second)> Run()
        {
            foreach (var peers in Enumerable.Range(0, rules.Count).GroupBy(at => rules[at].Rank))
                Among([.. peers], Split.Deepest);
            return _pairs;
        }

        private void Among(List<int> peers, int depth)
        {
            if (IsOver)
                return;
            if (depth == 0 || Split.Of(rules, peers) is not { } split)
            {
                for (var at = 1; at < peers.Count; at++)
                    Compare(peers[at], peers, at);
                return;
            }

            foreach (var (key, group) in split.Groups)
            {
                Among(group, depth - 1);
                EffortLeft -= split.Rest.Count;
                foreach (var other in split.Rest.Where(other => split.By.MayMeet(rules[other], key)))
                    Compare(other, group, group.Count);
            }

            Among(split.Rest, depth - 1);
        }

        private void Compare(int one, List<int> others, int count)
        {
            for (var at = 0; at < count && !IsOver; at++)
            {
                var (a, b) = (rules[one], rules[others[at]]);
                var isPlain = a.IsPlainlyApartFrom(b);
                EffortLeft -= isPlain ? 1 : 1 + ((long)a.Size * b.Size / 16);
                if (!isPlain && a.TiesWith(b))
                    _pairs.Add((Math.Min(one, others[at]), Math.Max(one, others[at])));
            }
        }
    }
}
