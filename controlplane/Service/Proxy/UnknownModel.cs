using GatewayOps.ControlPlane.Usage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>A provider that does not have a model: which names come nearest, and that Workers AI wants the full one. Source: checklist S0-17, S4-13.</summary>
internal static class UnknownModel
{
    public const string Code = "model_not_found";

    private const string WorkersAi = "workers-ai";
    private const int MostSuggestions = 3;
    private const int LongestShown = 128;

    /// <summary>The failure with our words for it, if it is that; otherwise as it is.</summary>
    public static UpstreamFailure Explain(UpstreamFailure failure, UpstreamTarget? target, PriceTable prices) =>
        failure.Error.Code == Code && target is not null && target.Provider.Slug == failure.Provider
            ? failure with { Error = Of(failure.Provider, target.Model, prices), Body = null }
            : failure;

    public static OpenAiError Of(string provider, string model, PriceTable prices)
    {
        var full = provider == WorkersAi && !model.StartsWith('@') ? " Workers AI names its models in full, as `@cf/meta/llama-3.1-8b-instruct`." : "";
        return NotFound($"{provider} does not have the model `{Shown(model)}`.{Hint(model, prices.Models)}{full} GET /v1/model-options lists the models that this proxy knows.");
    }

    /// <summary>A name that is none of those that a caller may ask for.</summary>
    public static OpenAiError Unlisted(string name, IEnumerable<ModelPrice> listed) =>
        NotFound($"`{Shown(name)}` is none of the models that GET /v1/models lists for this token.{Hint(name, listed)}");

    private static OpenAiError NotFound(string message) => new(StatusCodes.Status404NotFound, "invalid_request_error", Code, message, "model");

    // Names are the caller's own; longer ones would only fill the answer.
    private static string Shown(string name) => name.Length > LongestShown ? name[..LongestShown] + "…" : name;

    private static string Hint(string name, IEnumerable<ModelPrice> models)
    {
        var near = ModelRouting.Suggest(name, models.Select(model => model.Id), MostSuggestions);
        return near.Count > 0 ? $" Did you mean {string.Join(" or ", near.Select(known => $"`{known}`"))}?" : "";
    }
}
