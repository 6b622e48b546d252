namespace GatewayOps.Rules;

/// <summary>Matches a request to exactly one route: that of the most specific rule, or the default route with the providers of the document.</summary>
public sealed class RouteTable
{
    private readonly Route _default;

    internal RouteTable(Route defaultRoute) => _default = defaultRoute;

    public static RouteTable Empty { get; } = new(Route.Default);

    public Route Match(in RequestFacts request) => _default;
}
