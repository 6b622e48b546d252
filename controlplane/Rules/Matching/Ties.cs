namespace GatewayOps.Rules.Matching;

internal sealed record Contender<T>(MatchSet Matches, T Source);

/// <summary>Pairs of rules of which neither is more specific although some request matches both.</summary>
internal static class Ties
{
    /// <summary>In the order of the later rule of each pair.</summary>
    public static IEnumerable<(Contender<T> First, Contender<T> Second)> Among<T>(IReadOnlyList<Contender<T>> contenders)
    {
        for (var second = 1; second < contenders.Count; second++)
        {
            for (var first = 0; first < second; first++)
            {
                if (contenders[first].Matches.TiesWith(contenders[second].Matches))
                    yield return (contenders[first], contenders[second]);
            }
        }
    }

    public static string Message(string rule, string other) =>
        $"The rules {rule} and {other} can match the same request, and neither is more specific. Make one narrower (more literal path, or a further condition under \"match\"), or merge them.";
}
