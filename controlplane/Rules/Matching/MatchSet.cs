namespace GatewayOps.Rules.Matching;

/// <summary>
/// The requests that a rule matches: a path pattern and up to three conditions, all of which must hold.
/// <para>
/// Specificity, in order: the path (<see cref="PathPattern.Specificity"/>), the number of conditions, the number of exact conditions (without `*`). Where these are equal, the set that lies
/// within the other is more specific. Two rules tie when some request matches both and none of this tells them apart: such a pair is an error, so at most one rule is ever best.
/// </para>
/// </summary>
internal sealed class MatchSet
{
    private readonly PathPattern _path;
    private readonly Glob _model;
    private readonly Glob _provider;
    private readonly Glob _method;

    private MatchSet(PathPattern path, Glob model, Glob provider, Glob method)
    {
        (_path, _model, _provider, _method) = (path, model, provider, method);
        Glob[] conditions = [model, provider, method];
        Rank = (path.Specificity, conditions.Count(glob => !glob.IsAny), conditions.Count(glob => glob.IsExact));
        Closeness = (path.LiteralLength + conditions.Sum(glob => glob.LiteralLength), -path.Wildcards - conditions.Sum(glob => glob.Wildcards));
    }

    /// <summary>The part of specificity that can be counted.</summary>
    public ((int, int, int, bool) Path, int Conditions, int ExactConditions) Rank { get; }

    // Orders equal ranks such that a set comes before every set that includes it: for equal ranks, a narrower set has more literal characters or, with as many, fewer wildcards.
    private (int LiteralLength, int FewerWildcards) Closeness { get; }

    public static MatchSet Of(Rule rule) => new(
        PathPattern.Parse(rule.Pattern),
        Condition(rule.Match?.Model),
        Condition(rule.Match?.Provider),
        Condition(rule.Match?.Method));

    /// <summary><paramref name="path"/> is the path of the request.</summary>
    public bool IsMatch(in RequestFacts request, OperationPath path) =>
        _path.IsMatch(path)
        && _model.IsMatch(request.Model)
        && (_provider.IsAny || (request.Provider is { } provider && _provider.IsMatch(provider)))
        && _method.IsMatch(request.Method);

    public bool TiesWith(MatchSet other) => Rank == other.Rank && Intersects(other) && IncludesPeer(other) == other.IncludesPeer(this);

    public bool Intersects(MatchSet other) =>
        _path.Intersects(other._path) && _model.Intersects(other._model) && _provider.Intersects(other._provider) && _method.Intersects(other._method);

    /// <summary>Whether every request that matches <paramref name="peer"/> matches this too, for a peer of equal <see cref="Rank"/>.</summary>
    public bool IncludesPeer(MatchSet peer) =>
        _path.IncludesPeer(peer._path) && _model.Includes(peer._model) && _provider.Includes(peer._provider) && _method.Includes(peer._method);

    /// <summary>Most specific first. A total order only among sets that do not tie.</summary>
    public static int MostSpecificFirst(MatchSet a, MatchSet b) => b.Rank.CompareTo(a.Rank) is var byRank and not 0 ? byRank : b.Closeness.CompareTo(a.Closeness);

    public override string ToString() => string.Concat(
        _path.ToString(),
        _model.IsAny ? "" : $" model={_model}",
        _provider.IsAny ? "" : $" provider={_provider}",
        _method.IsAny ? "" : $" method={_method}");

    private static Glob Condition(string? pattern) => pattern is null ? Glob.Any : new Glob(pattern);
}
