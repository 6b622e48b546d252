using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>A provider that does not have a model: which names come nearest, and that Workers AI wants the full one. Source: checklist S0-17, S4-13.</summary>
internal static class UnknownModel
{
    public const string Code = "model_not_found";

    private const string WorkersAi = "workers-ai";
    private const int MostSuggestions = 3;

    /// <summary>The failure with our words for it, if it is that; otherwise as it is.</summary>
    public static UpstreamFailure Explain(UpstreamFailure failure, UpstreamTarget? target, PriceTable prices) =>
        failure.Error.Code == Code && target is not null && target.Provider.Slug == failure.Provider
            ? failure with { Error = Of(failure.Provider, target.Model, prices), Body = null }
            : failure;

    public static OpenAiError Of(string provider, string model, PriceTable prices) =>
        new(StatusCodes.Status404NotFound, "invalid_request_error", Code, Message(provider, model, prices), "model");

    private static string Message(string provider, string model, PriceTable prices)
    {
        // Names are the caller's own; longer ones would only fill the answer.
        var shown = model.Length > 128 ? model[..128] + "…" : model;
        var near = ModelRouting.Suggest(model, prices.Models.Select(price => price.Id), MostSuggestions);
        var hint = near.Count > 0 ? $" Did you mean {string.Join(" or ", near.Select(name => $"`{name}`"))}?" : "";
        var full = provider == WorkersAi && !model.StartsWith('@') ? " Workers AI names its models in full, as `@cf/meta/llama-3.1-8b-instruct`." : "";
        return $"{provider} does not have the model `{shown}`.{hint}{full} GET /v1/model-options lists the models that this proxy knows.";
    }
}
