using GatewayOps.Rules.Matching;

namespace GatewayOps.Rules;

/// <summary>Matches a request to exactly one route: that of the most specific rule, or the default route with the providers of the documents.</summary>
public sealed class RouteTable
{
    private readonly RouteEntry[] _entries;

    internal RouteTable(Route defaultRoute, IEnumerable<RouteEntry> entries)
    {
        Default = defaultRoute;
        _entries = [.. entries.OrderBy(entry => entry.Matches, Comparer<MatchSet>.Create(MatchSet.MostSpecificFirst))];
    }

    public static RouteTable Empty { get; } = new(Route.Default, []);

    /// <summary>For requests that no rule matches.</summary>
    public Route Default { get; }

    /// <summary>Most specific first.</summary>
    public IReadOnlyList<RouteEntry> Entries => _entries;

    /// <summary>Safe from any thread; allocates nothing for a path of up to 32 segments.</summary>
    public Route Match(in RequestFacts request)
    {
        var path = new OperationPath(request.Path, stackalloc Range[OperationPath.OrdinarySegments]);
        foreach (var entry in _entries)
        {
            if (entry.Matches.IsMatch(request, path))
                return entry.Route;
        }

        return Default;
    }
}

/// <summary>A rule's route and what it matches.</summary>
public sealed class RouteEntry
{
    internal RouteEntry(MatchSet matches, Route route) => (Matches, Route) = (matches, route);

    public Route Route { get; }

    /// <summary>In words: `/chat/completions model=gpt-*`.</summary>
    public string Condition => Matches.ToString();

    internal MatchSet Matches { get; }
}
