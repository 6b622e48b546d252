namespace GatewayOps.Rules.Matching;

/// <summary>
/// The requests that a rule matches: a path pattern and conditions, all of which must hold. Each metadata member and each header is a condition of its own, and none excludes another: sets
/// with conditions on different names intersect. Every request has a model and a method, so that `*` there is no condition, nor is it for the provider; a key, a metadata member and a header
/// may be missing, and `*` asks that it is there.
/// <para>
/// Specificity, in order: the path (<see cref="PathPattern.Specificity"/>), the number of conditions, the number of exact conditions (without `*`). Where these are equal, the set that lies
/// within the other is more specific. Two rules tie when some request matches both and none of this tells them apart: such a pair is an error, so at most one rule is ever best.
/// </para>
/// </summary>
internal sealed class MatchSet
{
    private readonly PathPattern _path;

    // Sorted by subject; a subject occurs once.
    private readonly Condition[] _conditions;

    private MatchSet(PathPattern path, IEnumerable<Condition> conditions)
    {
        _path = path;
        _conditions = [.. conditions.OrderBy(condition => condition.Subject, Subject.Order)];
        Rank = (path.Specificity, _conditions.Length, _conditions.Count(condition => condition.Glob.IsExact));
        Closeness = (path.LiteralLength + _conditions.Sum(condition => condition.Glob.LiteralLength), -path.Wildcards - _conditions.Sum(condition => condition.Glob.Wildcards));
        Size = path.ToString().Length + _conditions.Sum(condition => condition.Glob.LiteralLength + condition.Glob.Wildcards);
    }

    /// <summary>The part of specificity that can be counted.</summary>
    public ((int, int, int, bool) Path, int Conditions, int ExactConditions) Rank { get; }

    /// <summary>Characters of all patterns together: two sets are compared in at most the product of their sizes.</summary>
    public int Size { get; }

    public IReadOnlyList<Condition> Conditions => _conditions;

    // Orders equal ranks such that a set comes before every set that includes it: for equal ranks, a narrower set has more literal characters or, with as many, fewer wildcards.
    private (int LiteralLength, int FewerWildcards) Closeness { get; }

    public static MatchSet Of(Rule rule) => new(PathPattern.Parse(rule.Pattern), rule.Match is { } match ? ConditionsOf(match) : []);

    /// <summary><paramref name="path"/> is the path of the request.</summary>
    public bool IsMatch(in RequestFacts request, OperationPath path)
    {
        if (!_path.IsMatch(path))
            return false;
        foreach (var (subject, glob) in _conditions)
        {
            if (!subject.TryRead(request, path, out var value) || !glob.IsMatch(value))
                return false;
        }

        return true;
    }

    /// <summary>Whether any condition is on metadata or headers.</summary>
    public bool AsksDetails => Array.Exists(_conditions, condition => IsDetail(condition.Subject));

    /// <summary>Whether everything else than metadata and headers matches; <paramref name="deciding"/> is the first of those that must match too, or null where there is none.</summary>
    public bool IsMatchWithoutDetails(in RequestFacts request, OperationPath path, out Subject? deciding)
    {
        deciding = null;
        if (!_path.IsMatch(path))
            return false;
        foreach (var (subject, glob) in _conditions)
        {
            if (IsDetail(subject))
                deciding ??= subject;
            else if (!subject.TryRead(request, path, out var value) || !glob.IsMatch(value))
                return false;
        }

        return true;
    }

    public bool TiesWith(MatchSet other) => Rank == other.Rank && Intersects(other) && IncludesPeer(other) == other.IncludesPeer(this);

    public bool Intersects(MatchSet other) => Agree(other, static (a, b) => a.Intersects(b)) && _path.Intersects(other._path);

    /// <summary>Two exact conditions on one subject differ: true means that the sets do not intersect, and is found out in no time; false says nothing.</summary>
    public bool IsPlainlyApartFrom(MatchSet other) => !Agree(other, static (a, b) => !a.IsExact || !b.IsExact || a.IsMatch(b.ToString())) || _path.IsPlainlyApartFrom(other._path);

    /// <summary>Whether every request that matches <paramref name="peer"/> matches this too, for a peer of equal <see cref="Rank"/>.</summary>
    public bool IncludesPeer(MatchSet peer) =>
        _path.IncludesPeer(peer._path) && Array.TrueForAll(_conditions, mine => peer.GlobOf(mine.Subject) is { } theirs && mine.Glob.Includes(theirs));

    /// <summary>What stands in the rule for a subject; null where anything may.</summary>
    public Glob? GlobOf(Subject subject)
    {
        if (subject.Kind == SubjectKind.Segment)
            return _path.GlobOf(subject.Segment);
        foreach (var condition in _conditions)
        {
            if (condition.Subject == subject)
                return condition.Glob;
        }

        return null;
    }

    /// <summary>Most specific first. A total order only among sets that do not tie.</summary>
    public static int MostSpecificFirst(MatchSet a, MatchSet b) => b.Rank.CompareTo(a.Rank) is var byRank and not 0 ? byRank : b.Closeness.CompareTo(a.Closeness);

    public override string ToString() => string.Concat(_conditions.Select(condition => $" {condition.Subject}={condition.Glob}").Prepend(_path.ToString()));

    // For every subject that both have a condition on.
    private bool Agree(MatchSet other, Func<Glob, Glob, bool> agree)
    {
        for (int mine = 0, theirs = 0; mine < _conditions.Length && theirs < other._conditions.Length;)
        {
            switch (Subject.Compare(_conditions[mine].Subject, other._conditions[theirs].Subject))
            {
                case < 0:
                    mine++;
                    break;
                case > 0:
                    theirs++;
                    break;
                default:
                    if (!agree(_conditions[mine++].Glob, other._conditions[theirs++].Glob))
                        return false;
                    break;
            }
        }

        return true;
    }

    private static IEnumerable<Condition> ConditionsOf(Match match)
    {
        (SubjectKind Kind, string? Pattern)[] values = [(SubjectKind.Model, match.Model), (SubjectKind.Provider, match.Provider), (SubjectKind.Method, match.Method)];
        foreach (var (kind, pattern) in values)
        {
            if (pattern is not null && new Glob(pattern) is { IsAny: false } glob)
                yield return new Condition(new Subject(kind), glob);
        }

        if (match.Key is { } key)
            yield return new Condition(new Subject(SubjectKind.Key), new Glob(key));
        foreach (var (name, pattern) in match.Metadata)
            yield return new Condition(new Subject(SubjectKind.Metadata, name), new Glob(pattern));
        foreach (var (name, pattern) in match.Header)
            yield return new Condition(new Subject(SubjectKind.Header, name), new Glob(pattern));
    }

    private static bool IsDetail(Subject subject) => subject.Kind is SubjectKind.Metadata or SubjectKind.Header;
}
