using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>GET /v1/models: what a caller may ask for, in OpenAI's list shape.</summary>
internal static class ModelsEndpoint
{
    public static IResult Handle(ProviderAvailability availability, HttpContext context) => Of(availability, context, provider: null);

    /// <summary>Those of one provider, or of all.</summary>
    public static IResult Of(ProviderAvailability availability, HttpContext context, string? provider) => TypedResults.Ok(new ModelList(
        "list",
        [.. availability.ModelsFor(context).Where(model => provider is null || model.Provider == provider).Select(model => new ModelEntry(model.Id, "model", 0, model.Provider))]));

    private sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

    private sealed record ModelEntry(string Id, string Object, long Created, [property: JsonPropertyName("owned_by")] string OwnedBy);
}
