using System.Globalization;
using GatewayOps.Rules.Reading;

namespace GatewayOps.Rules.Graphs;

/// <summary>One thing that is wrong with a graph.</summary>
internal sealed record GraphFault(string Code, JsonPointer At, string Message);

/// <summary>An edge from one element to the element called <paramref name="Target"/>; <paramref name="At"/> is the place of that name.</summary>
internal sealed record GraphEdge(JsonPointer At, string Output, string Target);

/// <summary>An element of a dynamic route, as far as the graph is concerned.</summary>
internal sealed record GraphElement(JsonPointer At, string Id, string Type, IReadOnlyList<GraphEdge> Edges);

/// <summary>
/// The elements of one dynamic route and how they hang together. Every route of a sound graph begins at its one start, never comes back, and ends: since no edge dangles, every element but
/// an end has an edge and there is no cycle, each way leads to an end. Source: Cloudflare contract, section 5.1.
/// </summary>
internal sealed class RouteGraph(JsonPointer at, IReadOnlyList<GraphElement> elements)
{
    private const string Else = "else";
    private const int MostShares = 5;

    public IReadOnlyList<GraphElement> Elements => elements;

    /// <summary>The graph of a list of elements. Null when an id, a kind or an edge cannot be read: what hangs on it would look wrong too.</summary>
    public static RouteGraph? Of(Place list)
    {
        var elements = new List<GraphElement>();
        foreach (var place in list.Items)
        {
            if (!list.Errors.IsSoundAt(place.At) || place.Text("id") is not { } id || place.Text("type") is not { } type || !list.Errors.IsSound(place.At.Then("outputs")))
                return null;
            elements.Add(new GraphElement(place.At, id, type, EdgesOf(place)));
        }

        return new RouteGraph(list.At, elements);
    }

    /// <summary>Everything that is wrong, in the order of the elements within each kind of fault. Reachability and cycles are looked at when ids are unique and edges lead somewhere.</summary>
    public IEnumerable<GraphFault> Faults()
    {
        var local = Counts().Concat(RepeatedIds()).Concat(DanglingEdges()).ToList();
        var hangTogether = local.Count == 0 ? Cycles().Concat(Unreachable()) : [];
        return local.Concat(hangTogether).Concat(Percentages());
    }

    private static List<GraphEdge> EdgesOf(Place element) => element["outputs"] is not { } outputs
        ? []
        : [.. outputs.Value.EnumerateObject().Select(output => new GraphEdge(
            outputs.At.Then(output.Name).Then("elementId"), output.Name, output.Value.GetProperty("elementId").GetString()!))];

    private IEnumerable<GraphFault> Counts()
    {
        var starts = elements.Where(element => element.Type == "start").ToList();
        if (starts.Count == 0)
            yield return new(RuleSetErrorCodes.RouteStart, at, "A route begins at its start, and this one has none. Add {\"id\": \"start\", \"type\": \"start\", \"outputs\": {\"next\": {\"elementId\": \"…\"}}}.");
        foreach (var further in starts.Skip(1))
            yield return new(RuleSetErrorCodes.RouteStart, further.At, $"A route has one start; {Quote.Text(starts[0].Id)} ({starts[0].At}) is one already. Remove one of them.");
        if (elements.All(element => element.Type != "end"))
            yield return new(RuleSetErrorCodes.RouteEnd, at, "A route needs an end, which answers with what the last model said. Add {\"id\": \"end\", \"type\": \"end\"} and lead to it.");
    }

    private IEnumerable<GraphFault> RepeatedIds()
    {
        var first = new Dictionary<string, GraphElement>();
        foreach (var element in elements)
        {
            if (!first.TryAdd(element.Id, element))
                yield return new(RuleSetErrorCodes.DuplicateName, element.At.Then("id"), $"The element at {first[element.Id].At} is called {Quote.Text(element.Id)} too, so edges would not know where to lead. Rename one of them.");
        }
    }

    private IEnumerable<GraphFault> DanglingEdges()
    {
        var ids = elements.Select(element => element.Id).ToHashSet();
        return from element in elements
               from edge in element.Edges
               where !ids.Contains(edge.Target)
               select new GraphFault(
                   RuleSetErrorCodes.RouteDanglingEdge,
                   edge.At,
                   $"There is no element {Quote.Text(edge.Target)} in this route.{(Suggestion.Sentence(edge.Target, ids) is { Length: > 0 } suggestion ? suggestion : $" Add it, or lead to one of {string.Join(", ", ids.Order(StringComparer.Ordinal).Take(10))}.")}");
    }

    // A walk along the edges from every element: meeting one that is still on the way closes a cycle. As deep as the route is long, which is bounded.
    private List<GraphFault> Cycles()
    {
        var byId = elements.ToDictionary(element => element.Id);
        var way = new List<string>();
        var done = new HashSet<string>();
        var faults = new List<GraphFault>();
        foreach (var element in elements)
            Walk(element);
        return faults;

        void Walk(GraphElement element)
        {
            if (done.Contains(element.Id))
                return;
            way.Add(element.Id);
            foreach (var edge in element.Edges)
            {
                if (way.IndexOf(edge.Target) is var from and >= 0)
                    faults.Add(new(RuleSetErrorCodes.RouteCycle, edge.At, $"This edge closes a circle: {string.Join(" → ", [.. way.Skip(from), edge.Target])}. A request would never come to an end; lead it on."));
                else
                    Walk(byId[edge.Target]);
            }

            way.RemoveAt(way.Count - 1);
            done.Add(element.Id);
        }
    }

    private IEnumerable<GraphFault> Unreachable()
    {
        var byId = elements.ToDictionary(element => element.Id);
        var reached = new HashSet<string>();
        var open = new Stack<GraphElement>(elements.Where(element => element.Type == "start"));
        while (open.TryPop(out var element))
        {
            if (reached.Add(element.Id))
                element.Edges.ToList().ForEach(edge => open.Push(byId[edge.Target]));
        }

        return from element in elements
               where !reached.Contains(element.Id)
               select new GraphFault(RuleSetErrorCodes.RouteUnreachable, element.At, $"No way leads from the start to {Quote.Text(element.Id)}. Lead an edge to it, or remove it.");
    }

    private IEnumerable<GraphFault> Percentages()
    {
        foreach (var element in elements.Where(element => element.Type == "percentage"))
        {
            var outputs = element.At.Then("outputs");
            var shares = element.Edges.Where(edge => edge.Output != Else).Select(edge => (edge.Output, Percent: decimal.Parse(edge.Output.TrimEnd('%'), CultureInfo.InvariantCulture))).ToList();
            foreach (var (output, _) in shares.Where(share => share.Percent == 0))
                yield return new(RuleSetErrorCodes.RoutePercentages, outputs.Then(output), $"{output} of the requests are none. Remove it.");

            if (shares.Count is 0 or > MostShares)
                yield return new(RuleSetErrorCodes.RoutePercentages, outputs, $"A percentage element has 1 to {MostShares} percentages, perhaps with \"else\"; this one has {shares.Count}.");
            var total = shares.Sum(share => share.Percent);
            if (total > 100)
                yield return new(RuleSetErrorCodes.RoutePercentages, outputs, $"The percentages total {total.ToString(CultureInfo.InvariantCulture)} %, which is more than all requests. Lower some of them.");
            else if (total < 100 && element.Edges.All(edge => edge.Output != Else))
                yield return new(RuleSetErrorCodes.RoutePercentages, outputs, $"The percentages total {total.ToString(CultureInfo.InvariantCulture)} %, so some requests would lead nowhere. Make it 100 %, or add \"else\".");
        }
    }
}
