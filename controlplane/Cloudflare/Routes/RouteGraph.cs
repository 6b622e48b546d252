using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>The graph of a dynamic route. Cloudflare checks it: one start, an end, unique ids, edges that lead somewhere.</summary>
public sealed record RouteGraph(IReadOnlyList<RouteElement> Elements)
{
    public RouteGraph(params RouteElement[] elements)
        : this((IReadOnlyList<RouteElement>)elements)
    {
    }

    /// <summary>Reads Cloudflare's vocabulary, the older one included. What it does not know is kept and written back.</summary>
    public static RouteGraph Of(JsonArray elements) => new([.. elements.Select(element => RouteElementText.Read(JsonSerializer.SerializeToElement(element)))]);

    /// <summary>The elements as they were read; those that were made here, as they are written.</summary>
    public JsonArray ToJson() => new([.. Elements.Select(element => element.Received.Count > 0 ? element.Received.DeepClone() : RouteElementText.Write(element, end: null))]);

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
