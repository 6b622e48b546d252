using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>GET /v1/models: what a caller may ask for, in OpenAI's list shape.</summary>
internal static class ModelsEndpoint
{
    public static IResult Handle(ProviderAvailability availability, HttpContext context) => TypedResults.Ok(new ModelList(
        "list", [.. availability.ModelsFor(context).Select(model => new ModelEntry(model.Id, "model", 0, model.Provider))]));

    private sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

    private sealed record ModelEntry(string Id, string Object, long Created, [property: JsonPropertyName("owned_by")] string OwnedBy);
}
