namespace GatewayOps.Rules.Matching;

/// <summary>
/// Finds the first rule of a list that matches, without looking at most of them. Each rule stands in one leaf; a request visits the group that its own value names, and the rest, and leaves
/// out whatever begins after what was found. Immutable; finds without allocating.
/// </summary>
internal sealed class MatchTree(IReadOnlyList<MatchSet> rules)
{
    private readonly MatchSet[] _rules = [.. rules];
    private readonly Node _root = Build(rules, [.. Enumerable.Range(0, rules.Count)], Split.Deepest);

    /// <summary>The place of the first rule that matches, or -1.</summary>
    public int Find(in RequestFacts request, OperationPath path)
    {
        var found = Find(_root, request, path, _rules.Length);
        return found < _rules.Length ? found : -1;
    }

    private int Find(Node node, in RequestFacts request, OperationPath path, int best)
    {
        for (Node? next = node; next is not null && next.First < best; next = next.Rest)
        {
            if (next.Groups is { } groups)
            {
                if (next.By.TryRead(request, path, out var key) && groups.TryGetValue(key, out var group))
                    best = Find(group, request, path, best);
                continue;
            }

            foreach (var at in next.Leaf)
            {
                if (at >= best)
                    break;
                if (_rules[at].IsMatch(request, path))
                    best = at;
            }
        }

        return best;
    }

    private static Node Build(IReadOnlyList<MatchSet> rules, List<int> among, int depth)
    {
        var split = depth == 0 ? null : Split.Of(rules, among);
        if (split is null)
            return new Node(among.Count > 0 ? among[0] : int.MaxValue) { Leaf = [.. among] };
        var groups = split.Groups.ToDictionary(group => group.Key, group => Build(rules, group.Value, depth - 1), StringComparer.Ordinal);
        return new Node(among[0])
        {
            By = split.By,
            Groups = groups.GetAlternateLookup<ReadOnlySpan<char>>(),
            Rest = split.Rest.Count > 0 ? Build(rules, split.Rest, depth - 1) : null,
        };
    }

    /// <summary>Either a leaf or groups and a rest. <paramref name="First"/>: the smallest place below.</summary>
    private sealed record Node(int First)
    {
        public int[] Leaf { get; init; } = [];
        public Dimension By { get; init; }
        public Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>>? Groups { get; init; }
        public Node? Rest { get; init; }
    }
}
