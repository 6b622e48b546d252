using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Proxy.Explaining;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>GET /v1/models and /v1/models/{model}: what a caller may ask for, in OpenAI's shape.</summary>
internal static class ModelsEndpoint
{
    public static IResult Handle(ProviderAvailability availability, HttpContext context) => Of(availability, context, provider: null);

    /// <summary>Those of one provider, or of all.</summary>
    public static IResult Of(ProviderAvailability availability, HttpContext context, string? provider) => TypedResults.Ok(new ModelList(
        "list",
        [.. availability.ModelsFor(context).Where(model => provider is null || model.Provider == provider).Select(Entry)]));

    /// <summary>One of them, by any name that a request may call it: its id, an alias, `{provider}/{model}`.</summary>
    public static Task OneAsync(ProviderAvailability availability, HttpContext context, string model)
    {
        // Clients encode the slash of a name, which the server leaves so.
        var name = Uri.UnescapeDataString(model);
        var resolved = ModelRouting.Resolve(name, providerOverride: null)!;
        var models = availability.ModelsFor(context).ToList();
        return models.Find(known => known.Id == name || (known.Provider == resolved.Provider && known.Model == resolved.Model)) is { } found
            ? TypedResults.Ok(Entry(found)).ExecuteAsync(context)
            : UnknownModel.Unlisted(name, models).WriteAsync(context.Response, context.RequestAborted);
    }

    private static ModelEntry Entry(ModelPrice model) => new(model.Id, "model", 0, model.Provider);

    private sealed record ModelList(string Object, IReadOnlyList<ModelEntry> Data);

    private sealed record ModelEntry(string Id, string Object, long Created, [property: JsonPropertyName("owned_by")] string OwnedBy);
}
