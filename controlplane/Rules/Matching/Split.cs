using System.Runtime.InteropServices;

namespace GatewayOps.Rules.Matching;

/// <summary>
/// Rules (by their places in a list) apart by one dimension: no request matches rules of two groups. <paramref name="Rest"/> holds those that the dimension does not tell apart from any.
/// Places stay in ascending order.
/// </summary>
internal sealed record Split(Dimension By, IReadOnlyDictionary<string, List<int>> Groups, List<int> Rest)
{
    /// <summary>So few rules are compared one by one.</summary>
    public const int Few = 8;

    /// <summary>Splits of splits end here, whatever a hostile document holds.</summary>
    public const int Deepest = 24;

    private const int Segments = 4;
    private const int MostNames = 8;

    private static readonly Subject[] Always =
    [
        .. Enumerable.Range(0, Segments).Select(at => new Subject(SubjectKind.Segment, Segment: at)),
        new(SubjectKind.Segment, Segment: -1),
        new(SubjectKind.Segment, Segment: -2),
        new(SubjectKind.Model),
        new(SubjectKind.Key),
        new(SubjectKind.Provider),
        new(SubjectKind.Method),
    ];

    /// <summary>Null when no dimension tells enough of the rules apart to be worth a look-up.</summary>
    public static Split? Of(IReadOnlyList<MatchSet> rules, List<int> among)
    {
        if (among.Count <= Few)
            return null;

        var subjects = SubjectsOf(rules, among);
        var (best, left) = Best(subjects.Select(subject => new Dimension(subject)), rules, among);
        // Globs that begin or end differently are apart, too; looked for only where whole values leave much to do.
        if (left > Square(among.Count) / 4)
        {
            var (part, leftByPart) = Best(subjects.SelectMany(subject => PartsOf(subject, rules, among)), rules, among);
            (best, left) = leftByPart < left ? (part, leftByPart) : (best, left);
        }

        return left <= Square(among.Count) - ((long)among.Count * Math.Min(Few, among.Count / 4)) ? Apart(best, rules, among) : null;
    }

    private static IReadOnlyList<Subject> SubjectsOf(IReadOnlyList<MatchSet> rules, List<int> among)
    {
        var named = new Dictionary<Subject, int>();
        foreach (var condition in among.SelectMany(at => rules[at].Conditions))
        {
            if (condition.Subject.Kind is SubjectKind.Metadata or SubjectKind.Header)
                CollectionsMarshal.GetValueRefOrAddDefault(named, condition.Subject, out _)++;
        }

        return [.. Always, .. named.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, Subject.Order).Take(MostNames).Select(entry => entry.Key)];
    }

    // The shortest beginning tells apart what begins differently; within one beginning, the length in the middle divides the longer ones.
    private static IEnumerable<Dimension> PartsOf(Subject subject, IReadOnlyList<MatchSet> rules, List<int> among)
    {
        var globs = among.Select(at => rules[at].GlobOf(subject)).OfType<Glob>().ToList();
        if (globs.TrueForAll(glob => glob.IsExact))
            yield break;
        foreach (var part in (Part[])[Part.First, Part.Last])
        {
            var lengths = globs.Select(glob => part == Part.First ? glob.Beginning.Length : glob.End.Length).Where(length => length > 0).Order().ToList();
            if (lengths.Count > 0)
                yield return new Dimension(subject, part, lengths[0]);
            if (lengths.Count > 0 && lengths[lengths.Count / 2] is var middle && middle != lengths[0])
                yield return new Dimension(subject, part, middle);
        }
    }

    private static (Dimension Dimension, long Left) Best(IEnumerable<Dimension> dimensions, IReadOnlyList<MatchSet> rules, List<int> among) =>
        dimensions.Select(dimension => (dimension, Left(dimension, rules, among))).DefaultIfEmpty((default, Square(among.Count))).MinBy(candidate => candidate.Item2);

    /// <summary>Ordered pairs of rules that the dimension leaves to be told apart; all of them when it tells none.</summary>
    private static long Left(Dimension dimension, IReadOnlyList<MatchSet> rules, List<int> among)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = among.Count;
        foreach (var at in among)
        {
            if (!dimension.TryRead(rules[at], out var key))
                continue;
            CollectionsMarshal.GetValueRefOrAddDefault(bySpan, key, out _)++;
            rest--;
        }

        return ((long)rest * among.Count) + ((long)(among.Count - rest) * rest) + counts.Values.Sum(Square);
    }

    private static Split Apart(Dimension dimension, IReadOnlyList<MatchSet> rules, List<int> among)
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var bySpan = groups.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = new List<int>();
        foreach (var at in among)
        {
            if (dimension.TryRead(rules[at], out var key))
                (CollectionsMarshal.GetValueRefOrAddDefault(bySpan, key, out _) ??= []).Add(at);
            else
                rest.Add(at);
        }

        return new Split(dimension, groups, rest);
    }

    private static long Square(int count) => (long)count * count;
}
