using System.Collections.Frozen;

namespace GatewayOps.Emulator.State;

/// <summary>
/// One version of a dynamic route, ready to run: one start, at least one end, every edge leads to an element, no way leads back.
/// The object is the version's identity: what is counted for its limits hangs on it, and stays when the version is deployed again.
/// </summary>
public sealed class RouteGraph(IReadOnlyList<RouteElement> elements)
{
    private readonly FrozenDictionary<string, RouteElement> _byId = elements.ToFrozenDictionary(element => element.Id);

    /// <summary>In the order of the document.</summary>
    public IReadOnlyList<RouteElement> Elements => elements;

    public StartElement Start { get; } = elements.OfType<StartElement>().Single();

    public RouteElement this[string id] => _byId[id];
}
