using System.Text.Json;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>The graph of a dynamic route. Cloudflare checks it: one start, an end, unique ids, edges that lead somewhere.</summary>
public sealed record RouteGraph(IReadOnlyList<RouteElement> Elements)
{
    public RouteGraph(params RouteElement[] elements)
        : this((IReadOnlyList<RouteElement>)elements)
    {
    }

    /// <summary>An array, or the JSON text of one. Null when it is neither: an answer without a graph has none.</summary>
    internal static RouteGraph? Read(JsonElement data)
    {
        try
        {
            if (data.ValueKind == JsonValueKind.String) data = JsonElement.Parse(data.GetString()!);
            return data.ValueKind == JsonValueKind.Array ? new([.. data.EnumerateArray().Select(RouteElementText.Read)]) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public bool Equals(RouteGraph? other) => other is not null && Elements.SequenceEqual(other.Elements);

    public override int GetHashCode() => Elements.Count;
}
