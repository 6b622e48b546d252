using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Management.Routes;

/// <summary>How the elements of a dynamic route must hang together (contract section 5.1, inferred): one error for each rule that is broken.</summary>
public static class RouteGraphRules
{
    public static IEnumerable<ApiError> Check(IReadOnlyList<RouteElement> elements, FieldPath path)
    {
        var starts = elements.OfType<StartElement>().Count();
        if (starts != 1)
            yield return ApiError.Invalid(path, $"A route has exactly one start element, not {starts}");
        if (!elements.OfType<EndElement>().Any())
            yield return ApiError.Invalid(path, "A route has at least one end element");

        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        var repeated = false;
        foreach (var (index, element) in elements.Index())
        {
            if (indexes.TryAdd(element.Id, index))
                continue;
            repeated = true;
            yield return ApiError.Invalid(path[index]["id"], $"Element id '{element.Id}' is used twice");
        }
        if (repeated)
            yield break;

        var dangling = false;
        foreach (var (index, element) in elements.Index())
        {
            foreach (var edge in element.Edges.Where(edge => !indexes.ContainsKey(edge.ElementId)))
            {
                dangling = true;
                yield return ApiError.Invalid(path[index]["outputs"][edge.Output]["elementId"], $"Element '{edge.ElementId}' does not exist");
            }
        }
        if (!dangling && OnACycle(elements, indexes) is { } looping)
            yield return ApiError.Invalid(path[looping], $"Element '{elements[looping].Id}' leads back to itself");
    }

    // Takes away elements that nothing leads to until none is left; what stays lies on a cycle or behind one. No recursion: a route may be long.
    private static int? OnACycle(IReadOnlyList<RouteElement> elements, Dictionary<string, int> indexes)
    {
        var incoming = new int[elements.Count];
        foreach (var edge in elements.SelectMany(element => element.Edges))
            incoming[indexes[edge.ElementId]]++;
        var free = new Queue<int>(Enumerable.Range(0, elements.Count).Where(index => incoming[index] == 0));
        var left = elements.Count;
        while (free.TryDequeue(out var index))
        {
            left--;
            foreach (var edge in elements[index].Edges)
            {
                if (--incoming[indexes[edge.ElementId]] == 0)
                    free.Enqueue(indexes[edge.ElementId]);
            }
        }
        if (left == 0)
            return null;
        // Every element that is left has a predecessor that is left: going backwards comes around.
        var predecessors = new int[elements.Count];
        foreach (var (index, element) in elements.Index().Where(one => incoming[one.Index] > 0))
        {
            foreach (var edge in element.Edges)
                predecessors[indexes[edge.ElementId]] = index;
        }
        var seen = new HashSet<int>();
        var current = Array.FindIndex(incoming, count => count > 0);
        while (seen.Add(current))
            current = predecessors[current];
        return current;
    }
}
